"""Answers made up for forms, so that a procedure can be walked and tested without anybody to fill it in."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import product
from typing import Final

from linli.core.codes import credit_check, identity_check
from linli.core.conditions import Condition
from linli.core.procedure import Field, Step

_IDENTITY: Final = "51110219900307001"
_CREDIT: Final = "91511100MA6280001"
MOST: Final = 400  # combinations that are looked through


def form_of(step: Step, at: datetime, known: Mapping[str, object], given: Mapping[str, object]) -> dict[str, object]:
    """A good form of *step* at *at*, every field filled; *given* answers for what names people, units or matters.

    Where a need asks for a condition, choices are tried until it holds; an empty form where none does.
    """
    conditions = [need.when for need in step.needs if need.when is not None]
    for chosen in _combinations(step):
        form = _filled(step, at, known, given, chosen)
        if all(one.holds({**known, **form}) for one in conditions):
            return form
    return {}


def variants(step: Step) -> list[dict[str, str]]:
    """The answers to a step's choices that its acts depend on, so that each way is walked."""
    names = {name for act in step.does if act.when for name in act.when.names}
    fields = [f for f in step.fields if f.id in names and f.type == "choice"]
    ways = product(*([(f.id, c) for c, _ in f.choices] for f in fields))
    return [dict(way) for way in ways][:MOST]


def _combinations(step: Step) -> list[dict[str, object]]:
    chosen = [f for f in step.fields if f.type in ("choice", "flag")]
    ways = product(*([(f.id, v) for v in _options(f)] for f in chosen))
    return [dict(way) for _, way in zip(range(MOST), ways, strict=False)]


def _options(field: Field) -> list[object]:
    return [False, True] if field.type == "flag" else [c for c, _ in field.choices]


def _filled(
    step: Step, at: datetime, known: Mapping[str, object], given: Mapping[str, object], chosen: Mapping[str, object]
) -> dict[str, object]:
    form: dict[str, object] = {}
    for field in step.fields:
        if field.when is not None and not _holds(field.when, {**known, **form}):
            continue
        value = given.get(field.id, chosen.get(field.id, _answer(field, at, given)))
        if value is not None:
            form[field.id] = value
    return form


def _holds(when: Condition, values: Mapping[str, object]) -> bool:
    return when.holds(values)


def _answer(field: Field, at: datetime, given: Mapping[str, object]) -> object:
    """One good value for a field; people, units and matters come from *given* under the type's name."""
    plain: dict[str, object] = {
        "text": "示例"[: field.limit],
        "long_text": "按规程办理的示例说明。"[: field.limit],
        "number": 1,
        "money": "800.00",
        "rating": 5,
        "date": (at + timedelta(days=1)).date().isoformat(),
        "instant": (at + timedelta(days=1)).isoformat(),
        "phone": "13812345678",
        "identity": _IDENTITY + identity_check(_IDENTITY),
        "credit_code": _CREDIT + credit_check(_CREDIT),
        "email": "sample@example.org",
        "signature": "示例",
        "choices": [c for c, _ in field.choices[:2]],
    }
    return plain.get(field.type, given.get(field.type))
