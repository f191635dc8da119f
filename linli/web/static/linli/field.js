// Forms of steps (photos, pickers, maps) for field and desk, and the live list of the field page.
"use strict";
(() => {
  const previews = new Map(); // token -> address of the picture on this device, so that it survives a refused form
  const body = document.body;

  // Live: parts are refreshed when something happened that concerns them -------------------------------------------
  let waiting = null;
  const refresh = () => {
    waiting = null;
    for (const part of document.querySelectorAll("#field-list, #task-now[data-due]")) {
      delete part.dataset.due;
      if (part.querySelector("form[data-sent]")) continue; // a press is on its way; its answer brings the new page
      window.htmx?.trigger(part, "ll:refresh");
    }
  };
  body.addEventListener("linli:matter", (event) => {
    const task = document.getElementById("task-now");
    const id = event.detail?.id;
    if (task && (!id || id === task.dataset.matter)) task.dataset.due = "1";
    waiting ??= setTimeout(refresh, 60);
  });
  let known = new Set([...document.querySelectorAll("[data-task]")].map((node) => node.dataset.task));
  document.addEventListener("htmx:afterSwap", (event) => {
    const list = document.getElementById("field-list");
    if (list && event.detail.elt?.id === "field-list") {
      const now = [...list.querySelectorAll("[data-task]")];
      for (const node of now) {
        if (known.has(node.dataset.task)) continue;
        node.classList.add("ll-new");
        window.linli?.toast(list.dataset.new);
        navigator.vibrate?.(200);
      }
      known = new Set(now.map((node) => node.dataset.task));
    }
    prepare(document);
  });

  // Photos ---------------------------------------------------------------------------------------------------------
  const line = (box, name) => {
    const item = document.createElement("li");
    const words = box.querySelector("[data-photo-words]").dataset;
    const text = document.createElement("span");
    text.className = "ll-upload-name";
    text.textContent = `${words.busy}: ${name}`;
    const bar = document.createElement("progress");
    bar.max = 1;
    bar.value = 0;
    item.append(text, bar);
    item.dataset.busy = "1";
    box.querySelector("[data-photo-list]").append(item);
    return { item, text, bar, words };
  };
  const picture = (item, address) => {
    const image = document.createElement("img");
    image.src = address;
    image.alt = "";
    item.prepend(image);
  };
  const drop = (item, words) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "ll-tool";
    button.dataset.photoDrop = "";
    button.setAttribute("aria-label", words.drop);
    button.textContent = "✕";
    item.append(button);
  };
  const send = async (box, file) => {
    const { item, text, bar, words } = line(box, file.name || "");
    const data = new FormData();
    const small = await window.linli.smaller(file);
    data.append("photo", small, "photo");
    const request = new XMLHttpRequest();
    request.open("POST", box.dataset.upload);
    request.setRequestHeader("X-CSRFToken", box.closest("form").querySelector("[name=csrfmiddlewaretoken]").value);
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) bar.value = event.loaded / event.total;
    });
    request.addEventListener("loadend", () => {
      delete item.dataset.busy;
      bar.remove();
      let answer = {};
      try {
        answer = JSON.parse(request.responseText);
      } catch {
        // no answer: said below
      }
      if (request.status === 200 && answer.token) {
        const hidden = document.createElement("input");
        hidden.type = "hidden";
        hidden.name = "photo_token";
        hidden.value = answer.token;
        item.append(hidden);
        item.dataset.done = "1";
        text.textContent = `${words.ok} · ${Math.max(1, Math.round(answer.size / 1024))} KB`;
        if (answer.type !== "application/pdf") {
          previews.set(answer.token, URL.createObjectURL(small));
          picture(item, previews.get(answer.token));
        }
      } else {
        item.dataset.wrong = "1";
        text.textContent = answer.error || words.lost;
        if (!answer.error) {
          const again = document.createElement("button");
          again.type = "button";
          again.className = "btn btn-quiet btn-sm";
          again.textContent = words.again;
          again.addEventListener("click", () => {
            item.remove();
            send(box, file);
          });
          item.append(again);
        }
      }
      drop(item, words);
    });
    request.send(data);
  };
  document.addEventListener("change", (event) => {
    const input = event.target;
    if (!(input instanceof HTMLInputElement) || input.type !== "file") return;
    const box = input.closest("[data-photos]");
    if (!box) return;
    for (const file of input.files) send(box, file);
    input.value = "";
  });
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-photo-drop]") : null;
    button?.closest("li").remove();
  });
  const busy = (event) => {
    const form = event.target instanceof HTMLFormElement ? event.target : event.detail?.elt;
    const item = form?.querySelector?.("[data-photo-list] li[data-busy]");
    if (!item) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    delete form.dataset.sent;
    window.linli?.toast(item.closest("[data-photos]").querySelector("[data-photo-words]").dataset.wait, "alert");
  };
  document.addEventListener("submit", busy, true);
  document.addEventListener("htmx:beforeRequest", busy);

  // Pickers --------------------------------------------------------------------------------------------------------
  const find = {
    category(box, text) {
      const wanted = text.toLowerCase().split(/\s+/).filter(Boolean);
      for (const group of box.querySelectorAll("optgroup")) {
        let left = 0;
        for (const option of group.children) {
          const all = `${group.label} ${option.label} ${option.dataset.terms}`.toLowerCase();
          option.hidden = !wanted.every((word) => all.includes(word));
          left += option.hidden ? 0 : 1;
        }
        group.hidden = left === 0;
      }
      const list = box.querySelector("select");
      const first = list.querySelector("option:not([hidden])");
      if (wanted.length && first && list.selectedOptions[0]?.hidden !== false) first.selected = true;
    },
    post(box, text) {
      const wanted = text.toLowerCase().split(/\s+/).filter(Boolean);
      for (const person of box.querySelectorAll(".ll-person")) {
        person.hidden = !wanted.every((word) => person.dataset.terms.toLowerCase().includes(word));
      }
    },
    async area(box, text) {
      await places(box, text ? `q=${encodeURIComponent(text)}` : `at=${box.querySelector("select").value}`);
    },
  };
  const places = async (box, query) => {
    const list = box.querySelector("select");
    const mine = (box.dataset.asked = String(Number(box.dataset.asked || 0) + 1));
    const answer = await fetch(`${box.dataset.places}?${query}`).then((r) => (r.ok ? r.json() : null)).catch(() => null);
    if (!answer || box.dataset.asked !== mine) return;
    const chosen = answer.chosen || list.value;
    const none = list.querySelector('option[value=""]'); // "as understood" stays
    list.replaceChildren(...(none ? [none] : []), ...answer.places.map((place) => new Option(place.label, place.area, false, place.area === chosen)));
    if (answer.places.length && query.startsWith("q=")) list.value = answer.places[0].area;
    list.dispatchEvent(new Event("change", { bubbles: true }));
  };
  let typing = null;
  document.addEventListener("input", (event) => {
    const input = event.target instanceof Element ? event.target.closest("[data-pick-find]") : null;
    if (!input) return;
    const box = input.closest("[data-pick]");
    clearTimeout(typing);
    typing = setTimeout(() => find[box.dataset.pick](box, input.value.trim()), box.dataset.pick === "area" ? 160 : 30);
  });
  document.addEventListener("keydown", (event) => {
    const input = event.target instanceof Element ? event.target.closest("[data-pick-find]") : null;
    if (!input) return;
    const list = input.closest("[data-pick]").querySelector("select, .ll-people input:not([disabled])");
    if (event.key === "ArrowDown") {
      event.preventDefault();
      list?.focus();
    } else if (event.key === "Enter") {
      event.preventDefault(); // Enter in the search box must not send the form
    }
  });
  document.addEventListener("dblclick", (event) => {
    const list = event.target instanceof Element ? event.target.closest('[data-pick="area"] select') : null;
    if (list?.value) places(list.closest("[data-pick]"), `at=${list.value}`);
  });

  // Maps: outlines only, no tiles -----------------------------------------------------------------------------------
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const plain = (node) => window.L.map(node, { attributionControl: false, zoomSnap: 0.5, scrollWheelZoom: false });
  const shape = () => ({ color: colour("--ll-accent"), weight: 2, fillColor: colour("--ll-accent"), fillOpacity: 0.12 });
  const pin = (at) => window.L.circleMarker(at, { radius: 9, color: colour("--ll-paper"), weight: 3, fillColor: colour("--ll-red"), fillOpacity: 1 });
  const show = async (node) => {
    node.dataset.ready = "1";
    const found = await fetch(node.dataset.map).then((r) => r.json()).catch(() => null);
    if (!found?.features.length) {
      node.parentElement.hidden = true;
      return;
    }
    const map = plain(node);
    const layer = window.L.geoJSON(found, {
      style: shape,
      pointToLayer: (_, at) => pin(at),
      onEachFeature: (feature, one) => feature.properties.name && one.bindTooltip(feature.properties.name, { permanent: true, direction: "center", className: "ll-label" }),
    }).addTo(map);
    map.fitBounds(layer.getBounds().pad(0.15), { maxZoom: 17 });
  };
  const pick = (node) => {
    node.dataset.ready = "1";
    const box = node.closest("[data-pick]");
    const list = box.querySelector("select");
    const map = plain(node);
    let layer = null;
    let at = null;
    const draw = async () => {
      const value = list.value || "";
      const within = value.length >= 15 ? value.slice(0, 12) : value;
      if (layer && within === at) {
        layer.setStyle((f) => style(f, value));
        return;
      }
      at = within;
      const found = await fetch(`${node.dataset.shapes}?in=${within}&below=1`).then((r) => r.json()).catch(() => null);
      if (!found?.features.length || at !== within) return;
      layer?.remove();
      layer = window.L.geoJSON(found, {
        style: (f) => style(f, list.value),
        onEachFeature: (feature, one) => {
          one.bindTooltip(feature.properties.name, { className: "ll-label", direction: "center" });
          one.on("click", () => places(box, `at=${feature.properties.area}`));
        },
      }).addTo(map);
      map.fitBounds(layer.getBounds());
    };
    const style = (feature, value) => ({ ...shape(), weight: 1, fillOpacity: feature.properties.area === value ? 0.55 : 0.12 });
    list.addEventListener("change", draw);
    draw();
  };

  const prepare = (root) => {
    for (const hidden of root.querySelectorAll('[data-photo-list] input[name="photo_token"]')) {
      const item = hidden.closest("li");
      if (previews.has(hidden.value) && !item.querySelector("img")) picture(item, previews.get(hidden.value));
    }
    for (const list of root.querySelectorAll("select[size]")) if (list.selectedOptions[0]) list.scrollTop = list.selectedOptions[0].offsetTop - list.querySelector("option").offsetTop - 40;
    if (!window.L) return;
    for (const node of root.querySelectorAll("[data-map]:not([data-ready])")) show(node);
    for (const node of root.querySelectorAll("[data-pick-map]:not([data-ready])")) if (node.offsetParent) pick(node);
  };
  window.linliStaff = { prepare, places, colour };
  prepare(document);
})();
