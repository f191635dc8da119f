// The year's page: a click on a day changes the lists below it, which are what is sent.
"use strict";
(() => {
  const form = document.querySelector("[data-year-form]");
  if (!form) return;
  const year = form.elements.namedItem("year").value;
  const areas = { off: form.elements.namedItem("off"), make_up: form.elements.namedItem("worked") };
  const buttons = new Map([...form.querySelectorAll("[data-day]")].map((b) => [b.dataset.day, b]));
  const weekend = new Map([...buttons].map(([day]) => [day, [0, 6].includes(new Date(`${day}T12:00:00Z`).getUTCDay())]));
  const words = { work: form.dataset.work, rest: form.dataset.rest, off: form.dataset.off, make_up: form.dataset.make_up };

  const next = (day) => {
    const at = new Date(`${day}T12:00:00Z`);
    at.setUTCDate(at.getUTCDate() + 1);
    return at.toISOString().slice(0, 10);
  };
  const paint = (button, state) => {
    button.classList.remove(`ll-day-${button.dataset.state}`);
    button.dataset.state = state;
    button.classList.add(`ll-day-${state}`);
    button.setAttribute("aria-label", `${button.textContent} ${words[state]} ${button.dataset.day}`);
  };
  const write = () => {
    const off = [...buttons].filter(([, b]) => b.dataset.state === "off").map(([day]) => day).sort();
    const runs = [];
    for (const day of off) {
      const last = runs.at(-1);
      if (last && next(last[1]) === day) last[1] = day;
      else runs.push([day, day]);
    }
    areas.off.value = runs.map(([a, b]) => (a === b ? a : `${a} – ${b}`)).join("\n");
    areas.make_up.value = [...buttons].filter(([, b]) => b.dataset.state === "make_up").map(([day]) => day).sort().join("\n");
  };
  form.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-day]");
    if (!button || !button.dataset.day.startsWith(year)) return;
    const ways = weekend.get(button.dataset.day) ? { rest: "off", off: "make_up", make_up: "rest" } : { work: "off", off: "work" };
    paint(button, ways[button.dataset.state] ?? "off");
    write();
  });
})();
// Thresholds: the slide and the number go together; a line of the table can be chosen.
(() => {
  const form = document.querySelector("[data-limits]");
  if (!form) return;
  const slides = new Map([...form.querySelectorAll("[data-slide]")].map((one) => [one.dataset.slide, one]));
  form.addEventListener("input", (event) => {
    const number = event.target.dataset.slide ? document.getElementById(event.target.dataset.slide) : null;
    if (number) number.value = event.target.value;
    else if (slides.has(event.target.id)) slides.get(event.target.id).value = event.target.value;
  });
  form.addEventListener("click", (event) => {
    const chosen = event.target.closest?.("[data-limit]");
    if (!chosen) return;
    const number = document.getElementById("l-category");
    number.value = chosen.dataset.limit;
    slides.get("l-category").value = chosen.dataset.limit;
    number.focus();
  });
})();
