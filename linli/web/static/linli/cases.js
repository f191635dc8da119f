// Forms of declared kinds: fields appear when their condition holds; what is typed is kept in this tab until it is sent.
(() => {
  "use strict";
  const value = (form, name) => {
    const all = [...form.querySelectorAll(`[name="${CSS.escape(name)}"]`)].filter((one) => !one.disabled);
    if (!all.length) return null;
    if (all[0].type === "checkbox") {
      if (all.length === 1 && all[0].value === "true") return all[0].checked;
      return all.filter((one) => one.checked).map((one) => one.value);
    }
    const text = all[0].type === "radio" ? (all.find((one) => one.checked) || {}).value : all[0].value;
    if (!text) return null;
    return all[0].type === "number" ? Number(text) : text;
  };
  const holds = (tree, form) => {
    const [word, ...rest] = tree;
    if (word === "value") return rest[0];
    if (word === "name") return value(form, rest[0]);
    if (word === "and") return rest.every((one) => holds(one, form));
    if (word === "or") return rest.some((one) => holds(one, form));
    if (word === "not") return !holds(rest[0], form);
    const [one, other] = rest.map((part) => holds(part, form));
    if (word === "==") return one === other;
    if (word === "!=") return one !== other;
    if (word === "in") return Array.isArray(other) && other.includes(one);
    if (typeof one !== typeof other || typeof one === "boolean" || one === null || other === null) return false;
    return { "<": one < other, "<=": one <= other, ">": one > other, ">=": one >= other }[word];
  };
  const settle = (form) => {
    for (const part of form.querySelectorAll("[data-when]")) {
      const shown = Boolean(holds(JSON.parse(part.dataset.when), form));
      part.hidden = !shown;
      for (const control of part.querySelectorAll("input, select, textarea")) control.disabled = !shown;
    }
  };
  const fields = (form) => [...form.elements].filter((one) => one.name && !["hidden", "file", "submit"].includes(one.type));
  const restore = (form, key) => {
    let held;
    try { held = JSON.parse(sessionStorage.getItem(key) || "null"); } catch { held = null; }
    if (!held || form.querySelector(".is-invalid, [role=alert]")) return;
    for (const one of fields(form)) {
      const kept = held[one.name];
      if (kept === undefined) continue;
      if (one.type === "checkbox" || one.type === "radio") one.checked = kept.includes(one.value);
      else if (!one.value) [one.value] = kept;
    }
    const said = form.querySelector("[data-case-draft]");
    if (said) said.hidden = false;
  };
  const keep = (form, key) => {
    const held = {};
    for (const one of fields(form)) {
      if ((one.type === "checkbox" || one.type === "radio") && !one.checked) continue;
      (held[one.name] ||= []).push(one.value);
    }
    try { sessionStorage.setItem(key, JSON.stringify(held)); } catch { /* a full or closed store keeps nothing */ }
  };
  for (const form of document.querySelectorAll("[data-case-form]")) {
    const key = form.dataset.caseForm ? `linli.case.${form.dataset.caseForm}` : "";
    if (key) restore(form, key);
    settle(form);
    form.addEventListener("input", () => { settle(form); if (key) keep(form, key); });
    form.addEventListener("submit", () => { if (key) sessionStorage.removeItem(key); });
  }
})();
