// Live events: one stream per page. <body data-live="/live?…"> says which; parts listen with
// hx-trigger="linli:matter from:body". event.detail: {id, area, stage, seq}.
"use strict";
(() => {
  const address = document.body.dataset.live;
  if (!address || !("EventSource" in window)) return;
  let source = null;
  let wait = 1000;
  let lost = false;
  const state = document.querySelector("[data-ll-live-state]");
  const say = (name) => {
    document.body.dataset.liveState = name;
    if (state) state.textContent = window.linli?.words?.[`live_${name}`] || "";
  };
  const fire = (name, detail) => document.body.dispatchEvent(new CustomEvent(name, { detail, bubbles: true }));

  const open = () => {
    source = new EventSource(address);
    source.addEventListener("open", () => {
      wait = 1000;
      say("on");
      if (lost) fire("linli:matter", { missed: true }); // something may have happened meanwhile: look once
      lost = false;
    });
    source.addEventListener("matter", (event) => {
      try {
        fire("linli:matter", JSON.parse(event.data));
      } catch {
        fire("linli:matter", {});
      }
    });
    source.addEventListener("reload", () => fire("linli:matter", { missed: true }));
    source.addEventListener("error", () => {
      lost = true;
      say("off");
      if (source.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
      source.close();
      setTimeout(open, wait);
      wait = Math.min(wait * 2, 30000);
    });
  };
  const close = () => {
    source?.close();
    source = null;
  };
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", (event) => {
    if (event.persisted && !source) {
      lost = true;
      open();
    }
  });
  open();
})();
