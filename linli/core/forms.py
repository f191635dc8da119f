"""Checking what was filled in against a step's fields, the same for page, API and import."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from uuid import UUID

from linli.core.codes import read_credit, read_identity, read_phone
from linli.core.procedure import Field, Step
from linli.core.refusals import Refusal
from linli.core.snapshot import NOTHING
from linli.core.words import Words

TEXTS = frozenset({"text", "long_text"})
LARGEST = 2**53  # what every reader of JSON keeps exactly


def check_form(
    step: Step, form: Mapping[str, object], known: Mapping[str, object] = NOTHING
) -> tuple[dict[str, object], dict[str, str]] | Refusal:
    """(plain values, free texts) of a good form, else the first thing wrong. Evidence steps also take ``evidence``.

    A field whose condition does not hold, over what is *known* and what stands before it, is not asked for and not
    taken. Personal values of whatever type go with the texts: the history holds no more than their digest.
    """
    names = [f.id for f in step.fields] + (["evidence"] if step.evidence or step.files else [])
    strange = next((str(k)[:60] for k in form if k not in names), None)
    if strange is not None:
        return Refusal("field_unknown", {"field": strange, "fields": "、".join(names) or "–"}, about=strange)
    values: dict[str, object] = {}
    texts: dict[str, str] = {}
    for field in step.fields:
        if field.when is not None and not field.when.holds({**known, **values, **texts}):
            continue
        raw = form.get(field.id)
        if isinstance(raw, str):
            raw = _clean(raw)
        if raw is None or raw == "" or raw == []:
            if field.required:
                return Refusal("field_missing", {"field": field.labels}, about=field.id)
            continue
        value = _value(field, raw)
        if isinstance(value, Refusal):
            return value
        if field.type in TEXTS or field.personal:
            texts[field.id] = str(value)
        else:
            values[field.id] = value
    return values, texts


def _clean(raw: str) -> str:
    """Without NUL and lone surrogates, which no database stores, and without blanks around it."""
    return raw.replace("\x00", "").encode("utf-8", "replace").decode("utf-8").strip()


def _value(field: Field, raw: object) -> object:
    if field.type == "choice":
        if not isinstance(raw, str) or raw not in {c for c, _ in field.choices}:
            offered = Words("、".join(w.zh for _, w in field.choices), ", ".join(c for c, _ in field.choices))
            return Refusal("choice_unknown", {"field": field.labels, "choices": offered}, about=field.id)
        return raw
    if field.type in _OF_ANYTHING:
        return _OF_ANYTHING[field.type](field, raw)
    text = _text(field, raw)
    return _OF_TEXT[field.type](field, text) if isinstance(text, str) and field.type in _OF_TEXT else text


def _choices(field: Field, raw: object) -> object:
    """Any of the choices, each once, in the declared order."""
    given = raw if isinstance(raw, list | tuple) else [raw]
    known = [c for c, _ in field.choices]
    if not all(isinstance(g, str) and g in known for g in given):
        return Refusal("choice_unknown", {"field": field.labels, "choices": ", ".join(known)}, about=field.id)
    return [c for c in known if c in given]


def _money(field: Field, raw: object) -> object:
    """Yuan as typed, kept in fen; no more than two places."""
    match = _YUAN.fullmatch(str(raw).replace(",", "").replace("，", "").strip())
    if match is None:
        return _wrong(field, Words("请写金额，如 1200 或 1200.50", "write an amount such as 1200 or 1200.50"))
    return int(match[1]) * 100 + int((match[2] or "").ljust(2, "0") or 0)


def _date(field: Field, text: str) -> object:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return _wrong(field, Words("请写成 2026-11-23", "write it as 2026-11-23"))


def _phone(field: Field, text: str) -> object:
    return _coded(field, text, read_phone, Words("电话号码有误，座机请加区号", "it is no telephone number"))


def _identity(field: Field, text: str) -> object:
    why = Words("身份证号码有误，请逐位核对", "it is no identity number; check it digit by digit")
    return _coded(field, text, lambda t: read_identity(t).number, why)


def _credit(field: Field, text: str) -> object:
    why = Words("统一社会信用代码有误，请逐位核对", "it is no unified social credit code; check it")
    return _coded(field, text, read_credit, why)


def _email(field: Field, text: str) -> object:
    return text if _MAIL.fullmatch(text) else _wrong(field, Words("邮箱地址有误", "it is no e-mail address"))


def _coded(field: Field, text: str, read: Callable[[str], str], why: Words) -> object:
    try:
        return read(text)
    except ValueError:
        return _wrong(field, why)


def _text(field: Field, raw: object) -> object:
    if not isinstance(raw, str):
        return _wrong(field, Words("应为文字", "it must be text"))
    if len(raw) > field.limit:
        return Refusal(
            "field_too_long", {"field": field.labels, "limit": field.limit, "length": len(raw)}, about=field.id
        )
    return raw


def _flag(field: Field, raw: object) -> object:
    word = str(raw).lower()
    if word in ("true", "on", "1"):
        return True
    return (
        False if word in ("false", "off", "0") else _wrong(field, Words("只能是“是”或“否”", "it must be true or false"))
    )


def _area(field: Field, text: str) -> object:
    if text.isascii() and text.isdigit() and len(text) in _AREA_LENGTHS:
        return text
    return Refusal("place_unknown", {"area": text}, about=field.id)


def _instant(field: Field, text: str) -> object:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        why = Words("请写成 2026-11-23T09:30:00+08:00", "write it as 2026-11-23T09:30:00+08:00")
        return _wrong(field, why)
    return at.astimezone(UTC).isoformat()


def _number(field: Field, raw: object) -> object:
    try:
        number = int(str(raw)[:30])
    except ValueError:
        return _wrong(field, Words("应为整数", "it must be a whole number"))
    if abs(number) > LARGEST:
        return _wrong(field, Words("数值过大", "the number is too large"))
    if field.type == "rating" and not 1 <= number <= 5:
        return _wrong(field, Words("应为1至5分", "it must be 1 to 5"))
    return number


def _uuid(field: Field, raw: object) -> object:
    try:
        return str(UUID(str(raw)))
    except ValueError:
        return _wrong(field, Words("请从列表中选择", "choose from the list"))


_AREA_LENGTHS = frozenset({4, 6, 9, 12, 15})
_YUAN = re.compile(r"([0-9]{1,12})(?:\.([0-9]{1,2}))?")
_MAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,180}\.[^@\s.]{2,24}")
_OF_ANYTHING = {
    "flag": _flag,
    "number": _number,
    "rating": _number,
    "choices": _choices,
    "money": _money,
    "post": _uuid,
    "unit": _uuid,
    "participant": _uuid,
}
_OF_TEXT = {
    "area": _area,
    "instant": _instant,
    "date": _date,
    "phone": _phone,
    "identity": _identity,
    "credit_code": _credit,
    "email": _email,
}


def _wrong(field: Field, why: Words) -> Refusal:
    return Refusal("field_wrong", {"field": field.labels, "why": why}, about=field.id)
