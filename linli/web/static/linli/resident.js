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
