// Marking the spot: outlines of places, no tiles, no server: coordinates leave only with the form.
"use strict";
(() => {
  const opener = document.querySelector("[data-place]");
  if (!opener || !window.L) return;
  const part = document.getElementById("place");
  const box = document.getElementById("map");
  const said = part.querySelector("[data-place-said]");
  const back = part.querySelector("[data-map-back]");
  const unpin = part.querySelector("[data-unpin]");
  const form = opener.form;
  const words = window.linli.words;
  let map = null;
  let layer = null;
  let marker = null;
  let chosen = null;
  const labels = L.layerGroup();

  const inside = ([x, y], rings) => {
    let hit = false;
    for (const ring of rings) {
      for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
        const [xi, yi] = ring[i];
        const [xj, yj] = ring[j];
        if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) hit = !hit;
      }
    }
    return hit;
  };
  const covers = (feature, point) => {
    const { type, coordinates } = feature.geometry;
    return (type === "Polygon" ? [coordinates] : coordinates).some((rings) => inside(point, rings));
  };

  const load = async (area) => {
    const response = await fetch(box.dataset.areas + (area ? `?in=${encodeURIComponent(area)}` : ""));
    if (!response.ok) throw new Error(String(response.status));
    return response.json();
  };
  // One label for each village: the names of its grids would cover each other.
  const label = (shapes) => {
    const villages = new Map();
    for (const shape of shapes) {
      const { area, name } = shape.feature.properties;
      const bounds = villages.get(area.slice(0, 12))?.bounds ?? L.latLngBounds([]);
      villages.set(area.slice(0, 12), { name: name.replace(/第?[0-9一二三四五六七八九十百]+网格$/, ""), bounds: bounds.extend(shape.getBounds()) });
    }
    labels.clearLayers();
    for (const { name, bounds } of villages.values()) {
      const text = document.createElement("span");
      text.textContent = name;
      L.marker(bounds.getCenter(), { interactive: false, keyboard: false, icon: L.divIcon({ className: "ll-map-village", html: text, iconSize: [0, 0] }) }).addTo(labels);
    }
  };
  const show = (features, fine) => {
    layer?.remove();
    layer = L.geoJSON(features, {
      onEachFeature(feature, shape) {
        shape.bindTooltip(feature.properties.name, { permanent: !fine, direction: "center", className: "ll-map-name" });
        shape.on("click", (event) => (fine ? pin(event.latlng) : enter(feature.properties.area)));
      },
    }).addTo(map);
    layer.fine = fine;
    label(fine ? layer.getLayers() : []);
    if (features.features.length) map.fitBounds(layer.getBounds(), { padding: [8, 8] });
    back.hidden = !fine;
  };
  const enter = async (area) => {
    try {
      show(await load(area), Boolean(area));
    } catch {
      said.textContent = words.offline;
    }
  };
  const pin = (spot) => {
    const point = [spot.lng, spot.lat];
    form.elements.namedItem("lon").value = spot.lng.toFixed(6);
    form.elements.namedItem("lat").value = spot.lat.toFixed(6);
    if (marker) marker.setLatLng(spot);
    else {
      const drawing = '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M12 22s7-7 7-12A7 7 0 0 0 5 10c0 5 7 12 7 12z"/><circle cx="12" cy="10" r="2.5"/></svg>';
      marker = L.marker(spot, { draggable: true, keyboard: true, alt: words.pin, icon: L.divIcon({ className: "ll-pin", html: drawing, iconSize: [36, 36], iconAnchor: [18, 36] }) }).addTo(map);
      marker.on("dragend", () => pin(marker.getLatLng()));
    }
    chosen?.getElement()?.classList.remove("ll-chosen");
    chosen = layer?.getLayers().find((shape) => covers(shape.feature, point)) ?? null;
    chosen?.getElement()?.classList.add("ll-chosen");
    said.textContent = chosen ? words.pinned.replace("{place}", chosen.feature.properties.name) : words.pinned_outside;
    unpin.hidden = false;
  };

  opener.addEventListener("click", () => {
    const open = part.hidden;
    part.hidden = !open;
    opener.setAttribute("aria-expanded", String(open));
    if (!open || map) return;
    map = L.map(box, { attributionControl: false, zoomSnap: 0.25 });
    map.setView([29.5, 103.7], 9);
    labels.addTo(map);
    enter("");
  });
  back.addEventListener("click", () => enter(""));
  unpin.addEventListener("click", () => {
    form.elements.namedItem("lon").value = "";
    form.elements.namedItem("lat").value = "";
    marker?.remove();
    marker = null;
    chosen?.getElement()?.classList.remove("ll-chosen");
    said.textContent = "";
    unpin.hidden = true;
  });
  part.querySelector("[data-locate]").addEventListener("click", () => {
    said.textContent = words.locating;
    navigator.geolocation.getCurrentPosition(
      async ({ coords }) => {
        const spot = L.latLng(coords.latitude, coords.longitude);
        const township = layer?.fine ? null : layer?.getLayers().find((shape) => covers(shape.feature, [spot.lng, spot.lat]));
        if (township) await enter(township.feature.properties.area);
        pin(spot);
        map.setView(spot, Math.max(map.getZoom(), 14));
      },
      () => { said.textContent = words.no_location; },
      { enableHighAccuracy: true, timeout: 10000, maximumAge: 60000 },
    );
  });
})();
