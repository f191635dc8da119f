// Photos beside a resident's words: made smaller here, shown, removable. They leave the device only with the form.
"use strict";
(() => {
  const picked = new WeakMap(); // file input -> [{ file, item }], what goes with its form
  const working = new WeakMap(); // form -> promise of the photos that are still being made smaller
  const held = new WeakSet(); // forms that go as soon as their photos are ready

  const listOf = (input) => input.form.querySelector("[data-photo-list]");
  const put = (input) => {
    const all = new DataTransfer();
    for (const one of picked.get(input)) all.items.add(one.file);
    input.files = all.files;
  };
  const show = (item, file, words) => {
    const image = document.createElement("img");
    image.alt = file.name;
    image.src = URL.createObjectURL(file);
    image.addEventListener("load", () => URL.revokeObjectURL(image.src));
    image.addEventListener("error", () => { // no picture to this browser: its name instead; the server judges it
      const name = document.createElement("span");
      name.className = "ll-picked-name";
      name.textContent = file.name;
      image.replaceWith(name);
    });
    const drop = document.createElement("button");
    drop.type = "button";
    drop.className = "ll-tool";
    drop.dataset.photoDrop = "";
    drop.setAttribute("aria-label", `${words.drop} ${file.name}`);
    drop.textContent = "✕";
    item.replaceChildren(image, drop);
  };
  const add = async (input, files) => {
    const list = listOf(input);
    const room = Number(list.dataset.most) - list.children.length;
    if (files.length > room) window.linli.toast(list.dataset.many, "alert");
    const items = files.slice(0, Math.max(0, room)).map((file) => {
      const item = document.createElement("li");
      item.setAttribute("aria-busy", "true");
      list.append(item);
      return { file, item };
    });
    for (const one of items) { // one after the other: a phone's memory holds one large picture, not three
      const small = await window.linli.smaller(one.file);
      const name = small === one.file ? one.file.name : one.file.name.replace(/\.\w+$/, "") + ".jpg";
      one.file = new File([small], name, { type: small.type });
      one.item.removeAttribute("aria-busy");
      show(one.item, one.file, list.dataset);
      picked.get(input).push(one);
    }
    put(input);
  };
  const take = (input) => {
    const files = [...input.files];
    if (!picked.has(input)) picked.set(input, []);
    put(input); // what is there already stays while the new ones are worked on
    const before = working.get(input.form) ?? Promise.resolve();
    const work = before.then(() => add(input, files)).finally(() => {
      if (working.get(input.form) === work) working.delete(input.form);
    });
    working.set(input.form, work);
  };

  document.addEventListener("change", (event) => {
    if (event.target instanceof HTMLInputElement && event.target.matches("[data-photo-pick]")) take(event.target);
  });
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-photo-drop]") : null;
    const input = button?.form?.querySelector("[data-photo-pick]");
    if (!input) return;
    const item = button.closest("li");
    item.remove();
    if (picked.has(input)) {
      picked.set(input, picked.get(input).filter((one) => one.item !== item));
      put(input);
    }
    input.focus();
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const work = working.get(form);
    if (!work) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (held.has(form)) return;
    held.add(form);
    const button = event.submitter;
    button?.setAttribute("aria-busy", "true");
    work.finally(() => {
      held.delete(form);
      form.requestSubmit(button);
    });
  }, true);
  // A browser that brings chosen files back with the page shows them again.
  window.addEventListener("pageshow", () => {
    for (const input of document.querySelectorAll("[data-photo-pick]")) {
      if (input.files.length && !picked.has(input)) take(input);
    }
  });
})();
