// Sets the theme before anything is painted: what the person chose on this device, or what the device prefers.
"use strict";
(() => {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  let chosen = null;
  try {
    chosen = localStorage.getItem("linli.theme");
  } catch {
    // storage may be off; the device's preference counts
  }
  const apply = () => {
    document.documentElement.dataset.bsTheme = chosen || (dark.matches ? "dark" : "light");
  };
  apply();
  dark.addEventListener("change", apply);
  addEventListener("beforeprint", () => { document.documentElement.dataset.bsTheme = "light"; }); // paper is white
  addEventListener("afterprint", apply);
  window.linliTheme = {
    toggle() {
      chosen = document.documentElement.dataset.bsTheme === "dark" ? "light" : "dark";
      try {
        localStorage.setItem("linli.theme", chosen);
      } catch {
        // kept for this page only
      }
      apply();
      return chosen;
    },
  };
  document.documentElement.classList.add("ll-js");
})();
