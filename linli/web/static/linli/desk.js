// The desk: a board that changes without losing focus or place, keys, dialogs, the live reading, the map.
"use strict";
(() => {
  const body = document.body;
  const typing = (node) => node instanceof Element && node.closest("input, textarea, select, [contenteditable]");

  // Lists that change in place: what has the same key and version is left alone -------------------------------------
  const reconcile = (old, fresh) => {
    const held = new Map([...old.children].map((node) => [node.dataset.key, node]));
    const focused = document.activeElement?.closest?.("[data-key]")?.dataset.key;
    let before = old.firstElementChild;
    for (const node of [...fresh.children]) {
      const mine = held.get(node.dataset.key);
      if (mine && mine.dataset.version === node.dataset.version) {
        held.delete(node.dataset.key);
        if (mine === before) before = before.nextElementSibling;
        else old.insertBefore(mine, before);
      } else {
        if (!mine) node.classList.add("ll-arrived");
        const placed = document.importNode(node, true);
        if (mine === before) before = before?.nextElementSibling ?? null;
        mine?.remove();
        held.delete(node.dataset.key);
        old.insertBefore(placed, before);
      }
    }
    for (const gone of held.values()) gone.remove();
    return focused;
  };
  const board = document.getElementById("board");
  let asking = false;
  let again = false;
  const refreshBoard = async () => {
    if (asking) {
      again = true;
      return;
    }
    asking = true;
    try {
      const answer = await fetch(board.dataset.part, { headers: { Accept: "text/html" } });
      if (!answer.ok || answer.redirected) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      let focused = document.activeElement?.closest?.("[data-key]")?.dataset.key;
      for (const column of board.querySelectorAll("[data-column]")) {
        const fresh = page.querySelector(`[data-column="${column.dataset.column}"]`);
        if (!fresh) continue;
        const list = column.querySelector("[data-cards]");
        const top = list.scrollTop;
        focused = reconcile(list, fresh.querySelector("[data-cards]")) || focused;
        list.scrollTop = top;
        const count = column.querySelector("[data-count]");
        const number = fresh.querySelector("[data-count]").textContent;
        if (count.textContent !== number) count.textContent = number;
        const more = column.querySelector("[data-more]");
        const rest = fresh.querySelector("[data-more]");
        if (more && rest && more.textContent !== rest.textContent) more.replaceChildren(...rest.childNodes);
      }
      const waiting = board.querySelector("[data-waiting]");
      const now = page.querySelector("[data-waiting]");
      if (waiting && now && waiting.innerHTML !== now.innerHTML) waiting.innerHTML = now.innerHTML;
      if (focused && !document.activeElement?.closest?.("[data-key]") && !typing(document.activeElement)) {
        board.querySelector(`[data-key="${focused}"] a`)?.focus({ preventScroll: true });
      }
    } finally {
      asking = false;
      if (again) {
        again = false;
        later();
      }
    }
  };
  // The list: rows change where they stand. The row somebody stands on stays, even when it no longer fits the filter;
  // it goes once they have moved on.
  const rows = document.querySelector("tbody[data-rows]");
  let pause = 1000; // ms between two looks
  const mark = (text) => document.querySelector("[data-list-changed]")?.toggleAttribute("hidden", !text);
  const refreshRows = async () => {
    if (asking) {
      again = true;
      return;
    }
    asking = true;
    const begun = performance.now();
    try {
      const answer = await fetch(rows.dataset.rows, { headers: { Accept: "text/html" } });
      if (!answer.ok || answer.redirected) return mark(true);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const here = document.activeElement?.closest?.("tr[data-key]");
      const fresh = page.querySelector("tbody[data-rows]") || document.createElement("tbody");
      if (here) {
        const now = fresh.querySelector(`[data-key="${here.dataset.key}"]`);
        if (!now) { // it left the list: it waits where it is, greyed
          here.classList.add("ll-left");
          const stays = here.cloneNode(true);
          const next = [...rows.children].slice([...rows.children].indexOf(here) + 1).find((row) => fresh.querySelector(`[data-key="${row.dataset.key}"]`));
          fresh.insertBefore(stays, next ? fresh.querySelector(`[data-key="${next.dataset.key}"]`) : null);
        } else if (typing(document.activeElement) || here.querySelector("details[open]")) {
          now.dataset.version = here.dataset.version; // somebody is choosing in this row
        } else if (now.dataset.version === here.dataset.version) here.classList.remove("ll-left");
      }
      const key = reconcile(rows, fresh);
      if (key && !document.activeElement?.closest?.("[data-key]") && !typing(document.activeElement)) {
        rows.querySelector(`[data-key="${key}"] a[data-matter]`)?.focus({ preventScroll: true });
      }
      const number = page.querySelector("[data-list-count]");
      const shown = document.querySelector("[data-list-count]");
      if (number && shown && shown.textContent !== number.textContent) shown.textContent = number.textContent;
      mark(false);
    } catch {
      mark(true);
    } finally {
      pause = Math.max(1000, 4 * (performance.now() - begun)); // a slow search is not asked all the time
      asking = false;
      if (again) {
        again = false;
        later();
      }
    }
  };
  rows?.addEventListener("focusout", () => {
    if (rows.querySelector(".ll-left")) later();
  });
  let timer = null;
  let asked = -Infinity;
  const later = () => { // at once after a quiet second, else once a second: a flood must not be answered with a flood
    timer ??= setTimeout(() => {
      timer = null;
      asked = performance.now();
      if (board) refreshBoard();
      else refreshRows();
    }, Math.max(80, pause - (performance.now() - asked)));
  };
  const bell = document.getElementById("bell");
  let bellTimer = null;
  body.addEventListener("linli:matter", (event) => {
    if (board || rows) later();
    else document.querySelector("[data-list-changed]")?.removeAttribute("hidden"); // an empty list has no rows to change
    const shown = document.getElementById("matter-now");
    const id = event.detail?.id;
    if (shown && (!id || id === shown.dataset.matterId)) window.htmx?.trigger(shown, "ll:refresh");
    if (document.getElementById("desk-map")) body.dispatchEvent(new CustomEvent("ll:counts"));
    bellTimer ??= setTimeout(() => {
      bellTimer = null;
      if (bell && !bell.querySelector("details[open]")) window.htmx?.trigger(bell, "ll:refresh");
    }, 1500);
  });
  if (board) board.addEventListener("linli:colour", later); // a clock changed its colour here: its card moves

  document.addEventListener("change", (event) => event.target.closest?.("form[data-auto]")?.requestSubmit());

  // Dialogs --------------------------------------------------------------------------------------------------------
  const dialog = document.getElementById("desk-dialog");
  document.addEventListener("htmx:afterSwap", (event) => {
    const target = event.detail.target || event.target;
    if (!(target instanceof Element) || !dialog?.contains(target)) return;
    if (!dialog.open) dialog.showModal();
    window.linliStaff?.prepare(dialog);
    dialog.querySelector("[aria-invalid], .is-invalid, form input:not([type=hidden]):not([type=file]):not([disabled]), form textarea, form select, form button")?.focus();
  });
  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    if (target?.closest("[data-close]") && dialog?.contains(target)) {
      event.preventDefault();
      dialog.close();
    }
    if (target?.closest("[data-desk-help]")) document.getElementById("desk-help").showModal();
    const open = document.querySelector(".ll-bell-box[open]");
    if (open && !open.contains(target)) open.open = false;
  });

  // Keys -----------------------------------------------------------------------------------------------------------
  const items = () => [...document.querySelectorAll("#board a[data-matter], tr[data-row] a[data-matter]")];
  const move = (by) => {
    const here = document.activeElement?.closest?.("a[data-matter]");
    const list = here?.closest("[data-cards]");
    const all = list ? [...list.querySelectorAll("a[data-matter]")] : items();
    const at = all.indexOf(here);
    const to = all[at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + by))];
    to?.focus();
    to?.scrollIntoView({ block: "nearest" });
  };
  const sideways = (by) => {
    const lists = [...document.querySelectorAll("#board [data-cards]")].filter((list) => list.children.length);
    const at = lists.indexOf(document.activeElement?.closest?.("[data-cards]"));
    const to = lists[at < 0 ? 0 : (at + by + lists.length) % lists.length]?.querySelector("a[data-matter]");
    to?.focus();
    to?.scrollIntoView({ block: "nearest" });
  };
  const step = (name) => {
    const button = document.querySelector(`.ll-acts [data-step="${name}"]`);
    if (button) {
      button.click();
      return;
    }
    const here = document.activeElement?.closest?.("a[data-matter]");
    if (here && dialog) window.htmx?.ajax("GET", `${here.getAttribute("href")}/step/${name}`, { target: "#desk-dialog-body", swap: "innerHTML" });
  };
  const keys = {
    j: () => move(1), k: () => move(-1), h: () => sideways(-1), l: () => sideways(1),
    c: () => step("claim"), a: () => step("assign"), d: () => step("classify"), p: () => step("progress"),
    n: () => location.assign(body.dataset.new), b: () => location.assign(body.dataset.board), m: () => location.assign(body.dataset.mapPage),
    "/": () => document.getElementById("desk-find")?.focus(),
    "?": () => document.getElementById("desk-help").showModal(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.isComposing) return; // a Chinese input method is at work
    if (event.key === "F2") {
      event.preventDefault();
      const text = document.getElementById("i-text");
      if (text) text.focus();
      else location.assign(body.dataset.new);
      return;
    }
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      document.activeElement?.closest?.("form")?.requestSubmit();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && typing(event.target) && !event.target.closest("dialog")) {
      event.target.blur();
      return;
    }
    const offered = /^[1-9]$/.test(event.key) && !typing(event.target) && !document.querySelector("dialog[open]")
      && document.querySelector(`[data-offer-key="${event.key}"]`);
    if (offered) { // the number of a suggested category takes the keyboard there; Enter then decides
      event.preventDefault();
      offered.focus();
      return;
    }
    if (typing(event.target) || document.querySelector("dialog[open]") || !keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });

  // The reading while it is typed ------------------------------------------------------------------------------------
  const intake = document.getElementById("intake");
  if (intake) {
    let pause = null;
    let asked = 0;
    let last = "";
    const read = async () => {
      const data = new FormData(intake);
      const now = JSON.stringify([...data].filter(([name]) => name !== "key"));
      if (now === last) return;
      last = now;
      const mine = ++asked;
      const answer = await fetch(intake.dataset.reading, { method: "POST", body: data }).catch(() => null);
      if (!answer || mine !== asked || answer.status >= 500 || answer.redirected) return;
      document.getElementById("reading").innerHTML = await answer.text(); // our own page, escaped by its template
    };
    const soon = (event) => {
      if (event.isComposing) return;
      clearTimeout(pause);
      pause = setTimeout(read, 250);
    };
    intake.addEventListener("input", soon);
    intake.addEventListener("compositionend", soon);
    intake.addEventListener("change", soon);
    intake.addEventListener("toggle", () => window.linliStaff?.prepare(intake), true);
    read();
  }

  // The map ----------------------------------------------------------------------------------------------------------
  const place = document.getElementById("desk-map");
  if (place && window.L) {
    const levels = ["city", "county", "township", "village", "grid"];
    const top = levels.indexOf(place.dataset.level);
    const map = window.L.map(place, { attributionControl: false, zoomSnap: 0.25, preferCanvas: true });
    const tone = (name) => window.linliStaff.colour(name);
    const MOST = 180;
    const sizes = Object.fromEntries(place.dataset.sizes.split(" ").map((one) => one.split(":")).map(([k, v]) => [k, Number(v)]));
    let layer = null;
    let counts = new Map();
    let level = "";
    let first = null;
    const shapes = new Map(); // address -> GeoJSON
    const get = (address) => {
      if (!shapes.has(address)) shapes.set(address, fetch(address).then((r) => (r.ok ? r.json() : { features: [] })).catch(() => ({ features: [] })));
      return shapes.get(address);
    };
    const worst = (area) => {
      const n = counts.get(area);
      return !n ? "" : n[0] ? "red" : n[1] ? "yellow" : n[2] ? "green" : n[3] ? "grey" : "";
    };
    const style = (feature) => {
      const name = worst(feature.properties.area);
      return { color: tone("--ll-line-strong"), weight: 1, fillColor: name ? tone(`--ll-${name}`) : tone("--ll-paper"), fillOpacity: name === "red" ? 0.5 : name ? 0.4 : 0.6 };
    };
    const label = (one, feature) => {
      const n = counts.get(feature.properties.area);
      const sum = n ? n.reduce((a, b) => a + b, 0) : 0;
      const shape = { red: "■ ", yellow: "▲ ", green: "● ", grey: "‖ ", "": "" }[worst(feature.properties.area)];
      const box = document.createElement("span");
      one.unbindTooltip();
      const bounds = map.latLngToLayerPoint(one.getBounds().getNorthEast()).subtract(map.latLngToLayerPoint(one.getBounds().getSouthWest()));
      const wide = Math.abs(bounds.x) > 14 * feature.properties.name.length && Math.abs(bounds.y) > 40;
      const fits = Math.abs(bounds.x) > 34 && Math.abs(bounds.y) > 20;
      if (wide || !fits || !sum) box.append(feature.properties.name, document.createElement("br"));
      box.append(sum ? `${shape}${sum}` : "");
      one.bindTooltip(box, { permanent: wide || (fits && sum > 0), direction: "center", className: "ll-spot", sticky: !wide && !fits });
    };
    const paint = () => layer?.eachLayer((one) => {
      one.setStyle(style(one.feature));
      label(one, one.feature);
    });
    const load = async () => {
      const answer = await fetch(`${place.dataset.counts}?level=${level}&in=${place.dataset.area}`).then((r) => r.json()).catch(() => null);
      if (!answer) return;
      counts = new Map(answer.counts.map(([area, ...n]) => [area, n]));
      paint();
    };
    const wanted = () => {
      // the deepest level of which no more than MOST places would be in view
      const share = first === null ? 1 : Math.min(1, 4 ** (first - map.getZoom()));
      const fit = levels.filter((name, n) => n > top && sizes[name] && sizes[name] * share <= MOST);
      return fit[fit.length - 1] || levels[Math.min(levels.length - 1, top + 1)];
    };
    const draw = async () => {
      const next = wanted();
      const base = place.dataset.shapes;
      let features = [];
      if (next === "grid" && sizes.grid > 400) { // thousands of grids: only those of the townships in view
        const towns = await get(`${base}?in=${place.dataset.area}&level=township`);
        const view = map.getBounds();
        const near = towns.features.filter((f) => view.intersects(window.L.geoJSON(f).getBounds())).slice(0, 24);
        const found = await Promise.all(near.map((f) => get(`${base}?in=${f.properties.area}&level=grid`)));
        features = found.flatMap((one) => one.features);
      } else {
        features = (await get(`${base}?in=${place.dataset.area}&level=${next}`)).features;
        if (!features.length && next !== place.dataset.level) features = (await get(`${base}?in=${place.dataset.area}&below=1`)).features;
      }
      if (wanted() !== next) return;
      const changed = level !== next;
      level = next;
      layer?.remove();
      layer = window.L.geoJSON({ type: "FeatureCollection", features }, {
        style,
        onEachFeature: (feature, one) => one.on("click", () => location.assign(`${place.dataset.listAt}?area=${feature.properties.area}`)),
      }).addTo(map);
      if (first === null) {
        map.fitBounds(layer.getBounds().pad(0.02));
        first = map.getZoom();
        map.on("zoomend moveend", () => {
          if (wanted() !== level || (level === "grid" && sizes.grid > 400)) draw();
          else paint();
        });
      }
      if (changed) await load();
      else paint();
    };
    map.setView([30, 104], 8);
    draw();
    body.addEventListener("ll:counts", load);
  }
})();
