// What every page shares: theme button, clocks, toasts, copying, forms that are sent once, and photos made smaller.
"use strict";
(() => {
  const root = document.documentElement;
  const words = JSON.parse(document.getElementById("ll-words")?.textContent || "{}");
  const english = root.lang.startsWith("en");
  // Countdown by the server's time: how far this device's clock is off, measured when the page arrived.
  const sent = Date.parse(root.dataset.now || "");
  const offset = Number.isNaN(sent) ? 0 : sent - Date.now();
  const now = () => Date.now() + offset;

  const toast = (text, kind = "status") => {
    const region = document.getElementById("ll-toasts");
    if (!region || !text) return;
    const line = document.createElement("div");
    line.className = "ll-toast";
    line.setAttribute("role", kind);
    line.textContent = text;
    region.append(line);
    setTimeout(() => line.remove(), 8000);
  };

  // Clocks --------------------------------------------------------------------------------------------------------
  const shapes = { green: "●", yellow: "▲", red: "■", grey: "‖" };
  const span = (milliseconds) => {
    let seconds = Math.floor(Math.abs(milliseconds) / 1000);
    const days = Math.floor(seconds / 86400);
    const hours = Math.floor((seconds % 86400) / 3600);
    const minutes = Math.floor((seconds % 3600) / 60);
    seconds %= 60;
    const pick = english ? [["d", days], ["h", hours], ["min", minutes], ["s", seconds]]
      : [["天", days], ["小时", hours], ["分", minutes], ["秒", seconds]];
    const first = pick.findIndex(([, n]) => n > 0);
    const shown = pick.slice(first < 0 ? 3 : first, (first < 0 ? 3 : first) + 2);
    return shown.map(([unit, n]) => (english ? `${n} ${unit}` : `${n}${unit}`)).join(english ? " " : "");
  };
  const set = (node, text) => {
    if (node && node.textContent !== text) node.textContent = text;
  };
  const paint = (clock, at) => {
    const due = Date.parse(clock.dataset.due);
    const colour = at >= due ? "red" : at >= Date.parse(clock.dataset.warn) ? "yellow" : "green";
    const before = clock.dataset.colour;
    if (before !== colour) {
      clock.classList.remove(`ll-is-${before}`);
      clock.classList.add(`ll-is-${colour}`);
      clock.dataset.colour = colour;
      set(clock.querySelector(".ll-clock-shape"), shapes[colour]);
      set(clock.querySelector(".ll-clock-word"), words[colour]);
      if (before && clock.dataset.quiet === undefined) toast(`${clock.dataset.name || ""} ${words[colour]}`.trim());
      clock.dispatchEvent(new CustomEvent("linli:colour", { bubbles: true, detail: { colour, before } }));
    }
    const left = (at < due ? words.left : words.over).replace("{span}", span(due - at));
    set(clock.querySelector(".ll-clock-left"), left);
  };
  const tick = () => {
    const at = now();
    for (const clock of document.querySelectorAll('[data-ll-clock][data-state="open"]')) paint(clock, at);
    setTimeout(tick, 1000 - ((Date.now() + offset) % 1000) + 5); // on the second, so the colour changes on its instant
  };
  tick();

  // Buttons -------------------------------------------------------------------------------------------------------
  document.addEventListener("click", async (event) => {
    const target = event.target instanceof Element ? event.target : null;
    const theme = target?.closest("[data-ll-theme]");
    if (theme) {
      window.linliTheme.toggle();
      return;
    }
    const copy = target?.closest("[data-ll-copy]");
    if (copy) {
      const text = copy.dataset.llCopy;
      try {
        await navigator.clipboard.writeText(text);
        toast(words.copied);
      } catch {
        window.prompt(words.copy_by_hand, text);
      }
      return;
    }
    if (target?.closest("[data-ll-print]")) window.print();
  });

  // A form is sent once: a second press while it is on its way does nothing; coming back by "back" frees it again.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || form.method === "get" || form.hasAttribute("data-ll-again")) return;
    const question = event.submitter?.dataset.llAsk || form.dataset.llAsk;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    if (question && !window.confirm(question)) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    event.submitter?.setAttribute("aria-busy", "true");
  });
  const free = () => {
    for (const form of document.querySelectorAll("form[data-sent]")) {
      delete form.dataset.sent;
      form.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
    }
  };
  window.addEventListener("pageshow", free);
  document.addEventListener("htmx:afterRequest", free);
  document.addEventListener("htmx:sendError", () => toast(words.offline, "alert"));
  // Refusals come back as 4xx with a page part that says what to do: show it.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if ([400, 403, 404, 409, 413, 415, 422, 429].includes(event.detail.xhr.status)) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
  });

  // Photos leave this device no larger than needed, as a kind that the server takes where the browser can read them ----
  const SIDE = 2048; // px
  const smaller = async (file) => {
    if (!file.type.startsWith("image/")) return file;
    try {
      const picture = await createImageBitmap(file);
      const share = Math.min(1, SIDE / Math.max(picture.width, picture.height));
      const plain = ["image/jpeg", "image/png", "image/webp"].includes(file.type);
      if (share === 1 && plain && file.size < 1_500_000) return file;
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(picture.width * share);
      canvas.height = Math.round(picture.height * share);
      const pen = canvas.getContext("2d");
      pen.fillStyle = "#fff"; // JPEG has no transparency
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
      return await new Promise((done) => canvas.toBlob((blob) => done(blob || file), "image/jpeg", 0.85));
    } catch {
      return file; // the server judges it and says what is wrong
    }
  };

  window.linli = { toast, now, words, smaller };
})();
