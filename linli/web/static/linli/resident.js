// The resident's pages: the draft on this device, folding, and live progress.
"use strict";
(() => {
  const store = {
    get(name) {
      try { return JSON.parse(localStorage.getItem(name)); } catch { return null; }
    },
    set(name, value) {
      try { localStorage.setItem(name, JSON.stringify(value)); } catch { /* storage may be off: no draft then */ }
    },
    drop(name) {
      try { localStorage.removeItem(name); } catch { /* nothing was kept */ }
    },
  };

  // The draft: text and key together, so that sending again after a broken line is the same request.
  const form = document.querySelector("form[data-draft]");
  if (form) {
    const name = form.dataset.draft;
    const text = form.elements.namedItem("text");
    const key = form.elements.namedItem("key");
    const note = document.querySelector("[data-draft-said]");
    const kept = store.get(name);
    if (kept?.text && !text.value) {
      text.value = kept.text;
      if (kept.key && !form.querySelector("[name=photo_token]")) key.value = kept.key; // kept photos belong to their key
    }
    const show = () => { note.hidden = !text.value.trim(); };
    show();
    text.addEventListener("input", () => {
      if (text.value.trim()) store.set(name, { text: text.value, key: key.value });
      else store.drop(name);
      show();
    });
    document.querySelector("[data-draft-drop]").addEventListener("click", () => {
      text.value = "";
      store.drop(name);
      show();
      text.focus();
    });
    // Have others reported it? Asked when the typing pauses; the answer holds a number and a place, no one's words.
    const alike = document.querySelector("[data-alike]");
    if (alike) {
      let pause = null;
      let asked = 0;
      let last = "";
      const ask = async () => {
        const said = new FormData();
        for (const field of ["csrfmiddlewaretoken", "text", "lon", "lat"]) said.set(field, form.elements.namedItem(field)?.value ?? "");
        if (form.elements.namedItem("join")?.checked) said.set("join", "1");
        const now = ["text", "lon", "lat"].map((field) => said.get(field)).join("|");
        if (now === last) return;
        last = now;
        const mine = ++asked;
        if (said.get("text").trim().length < 6) {
          alike.replaceChildren();
          return;
        }
        const answer = await fetch(alike.dataset.alike, { method: "POST", body: said }).catch(() => null);
        if (!answer || mine !== asked || answer.status !== 200 || answer.redirected) return;
        alike.innerHTML = await answer.text(); // our own page, escaped by its template
      };
      const soon = (event) => {
        if (event?.isComposing) return; // a Chinese input method is at work
        clearTimeout(pause);
        pause = setTimeout(ask, 300);
      };
      form.addEventListener("input", soon);
      form.addEventListener("compositionend", soon);
      form.addEventListener("change", soon);
      if (text.value.trim()) soon();
    }
    const contact = document.querySelector("[data-contact]");
    contact.addEventListener("click", () => {
      const part = document.getElementById("contact");
      part.toggleAttribute("data-folded");
      const open = !part.hasAttribute("data-folded");
      contact.setAttribute("aria-expanded", String(open));
      if (open) document.getElementById("name").focus();
    });
  }
  const sent = document.querySelector("[data-draft-sent]");
  if (sent) store.drop(sent.dataset.draftSent);

  // A link to a step opens it.
  const openStep = () => {
    const step = location.hash.startsWith("#step-") && document.getElementById(location.hash.slice(1));
    if (!step) return;
    step.open = true;
    step.querySelector("textarea, input:not([type=hidden]), button")?.focus();
  };
  openStep();
  window.addEventListener("hashchange", openStep);

  // After a live update the forms follow the stage, unless somebody is writing in one.
  document.body.addEventListener("htmx:afterSwap", (event) => {
    const now = document.getElementById("now");
    const steps = document.getElementById("steps");
    if (!now || !steps || event.detail.target?.id === "steps") return;
    if (now.dataset.stage === steps.dataset.stage) {
      for (const seen of steps.querySelectorAll("input[name=seen]")) seen.value = now.dataset.seq;
      return;
    }
    const writing = [...steps.querySelectorAll("textarea, input[type=text]")].some((field) => field.value.trim())
      || steps.querySelector("[data-photo-list] li") !== null;
    if (writing) document.querySelector("[data-new]").hidden = false;
    else window.htmx.ajax("GET", steps.parentElement.dataset.steps, { target: "#steps", swap: "outerHTML" });
  });
})();
