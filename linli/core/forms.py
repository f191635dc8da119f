"""Checking what was filled in against a step's fields, the same for page, API and import."""

from collections.abc import Mapping
from uuid import UUID

from linli.core.procedure import Field, Step
from linli.core.refusals import Refusal
from linli.core.words import Words

TEXTS = frozenset({"text", "long_text"})


def check_form(step: Step, form: Mapping[str, object]) -> tuple[dict[str, object], dict[str, str]] | Refusal:
    """(plain values, free texts) of a good form; the first thing wrong otherwise. ``evidence`` is allowed on evidence steps."""
    known = {f.id for f in step.fields} | ({"evidence", "note"} if step.evidence else set())
    strange = next((k for k in form if k not in known), None)
    if strange is not None:
        return Refusal("field_unknown", {"field": strange, "fields": "、".join(sorted(known)) or "–"}, about=strange)
    values: dict[str, object] = {}
    texts: dict[str, str] = {}
    for field in step.fields:
        raw = form.get(field.id)
        if isinstance(raw, str):
            raw = raw.replace("\x00", "").strip()
        if raw is None or raw == "":
            if field.required:
                return Refusal("field_missing", {"field": field.labels}, about=field.id)
            continue
        value = _value(field, raw)
        if isinstance(value, Refusal):
            return value
        if field.type in TEXTS:
            texts[field.id] = str(value)
        else:
            values[field.id] = value
    return values, texts


def _value(field: Field, raw: object) -> object:
    if field.type in TEXTS:
        return _text(field, raw)
    if field.type == "choice":
        if raw not in {c for c, _ in field.choices}:
            offered = Words("、".join(w.zh for _, w in field.choices), ", ".join(c for c, _ in field.choices))
            return Refusal("choice_unknown", {"field": field.labels, "choices": offered}, about=field.id)
        return raw
    if field.type == "flag":
        return raw in (True, "true", "on", "1", 1)
    if field.type in ("number", "rating"):
        return _number(field, raw)
    if field.type == "post":
        return _uuid(field, raw)
    text = _text(field, raw)
    return text


def _text(field: Field, raw: object) -> object:
    if not isinstance(raw, str):
        return _wrong(field, Words("应为文字", "it must be text"))
    if len(raw) > field.limit:
        return Refusal("field_too_long", {"field": field.labels, "limit": field.limit, "length": len(raw)}, about=field.id)
    return raw


def _number(field: Field, raw: object) -> object:
    try:
        number = int(str(raw))
    except ValueError:
        return _wrong(field, Words("应为整数", "it must be a whole number"))
    if field.type == "rating" and not 1 <= number <= 5:
        return _wrong(field, Words("应为1至5分", "it must be 1 to 5"))
    return number


def _uuid(field: Field, raw: object) -> object:
    try:
        return str(UUID(str(raw)))
    except ValueError:
        return _wrong(field, Words("请从列表中选择", "choose from the list"))


def _wrong(field: Field, why: Words) -> Refusal:
    return Refusal("field_wrong", {"field": field.labels, "why": why}, about=field.id)
