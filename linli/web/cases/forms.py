"""Forms made from declarations: grouped, conditional, kept when refused, and read back into plain values."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import QueryDict

from linli.core.procedure import Field, Procedure, Step
from linli.core.refusals import Refusal
from linli.core.snapshot import Snapshot
from linli.core.words import NO_WORDS, Words
from linli.kernel import clock
from linli.matters import desk_queries, reference
from linli.parties import queries as parties
from linli.parties.models import Unit

INPUTS = {
    "number": "number",
    "money": "text",
    "date": "date",
    "instant": "datetime-local",
    "phone": "tel",
    "email": "email",
    "identity": "text",
    "credit_code": "text",
    "signature": "text",
}
MOST_UNITS = 400
Option = tuple[str, Words | str]


@dataclass(frozen=True, slots=True)
class Control:
    """One field as it is drawn. *kind*: select, checks, area, flag, rating or input; *when*: its condition as JSON."""

    field: Field
    kind: str
    input: str
    value: str
    values: tuple[str, ...]
    options: Sequence[Option]
    when: str
    problem: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Fields under one heading."""

    title: Words
    controls: tuple[Control, ...]


def groups(
    procedure: Procedure, step: Step, snap: Snapshot | None, typed: QueryDict | None, refusal: Refusal | None, area: str
) -> list[Group]:
    """The fields of *step* by their groups, in the order of the declaration, with what was typed."""
    found: dict[str, list[Control]] = {}
    for field in step.fields:
        found.setdefault(field.group, []).append(_control(field, step, snap, typed, refusal, area))
    return [Group(procedure.groups.get(name, NO_WORDS), tuple(controls)) for name, controls in found.items()]


def _control(
    field: Field, step: Step, snap: Snapshot | None, typed: QueryDict | None, refusal: Refusal | None, area: str
) -> Control:
    kind = {"long_text": "area", "flag": "flag", "choices": "checks", "rating": "rating"}.get(field.type, "input")
    options: Sequence[Option] = field.choices
    if field.type in ("choice", "post", "unit", "participant"):
        kind = "select"
        options = field.choices or _options(field, step, snap, area)
    given = tuple(typed.getlist(field.id)) if typed is not None else ()
    when = json.dumps(field.when.tree, ensure_ascii=False) if field.when else ""
    shown = INPUTS.get(field.type, "text")
    about = refusal is not None and refusal.about == field.id
    return Control(field, kind, shown, given[0] if given else "", given, options, when, about)


def _options(field: Field, step: Step, snap: Snapshot | None, area: str) -> list[Option]:
    """Who and what may be chosen: posts that serve the place, units around it, participants the step is about."""
    if field.type == "unit":
        rows = parties.units_of(area[:4], at=clock.now()) if area else Unit.objects.order_by("area", "name")
        return [(str(unit.pk), unit.name) for unit in rows[:MOST_UNITS]]
    if snap is None:
        return []
    if field.type == "post":
        own = [s for s in snap.roster.seats.values() if s.unit == snap.holder.unit and not s.absent(clock.now())]
        mine = {str(s.post): f"{s.name} · {s.unit_name}" for s in own}
        others = {str(c.post): f"{c.name} · {c.unit}" for c in desk_queries.candidates(snap, clock.now())}
        return list((mine | {post: name for post, name in others.items() if post not in mine}).items())
    roles = {of for act in step.does for of in act.of} or set(snap.procedure.parts)
    people = [p for p in snap.known.people if p.role in roles and not p.barred]
    labels = {p.id: snap.procedure.parts[p.role].labels for p in people}
    return [(p.id, Words(f"{labels[p.id].zh} {p.name}", f"{labels[p.id].en} {p.name}")) for p in people]


def read(step: Step, post: QueryDict) -> dict[str, object]:
    """What a form holds: empty fields left out, several choices as a list, a local time with the city's zone."""
    zone = reference.current().zone
    form: dict[str, object] = {}
    for field in step.fields:
        given = [text for text in post.getlist(field.id) if text.strip()]
        if field.type == "choices" and given:
            form[field.id] = given
        elif given:
            form[field.id] = _zoned(given[0], zone) if field.type == "instant" else given[0]
    return form


def _zoned(text: str, zone: ZoneInfo) -> str:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    return at.replace(tzinfo=zone).isoformat() if at.tzinfo is None else text


def shown(procedure: Procedure, values: Mapping[str, Any], skip: Sequence[str] = ()) -> list[tuple[Words, str, Words]]:
    """(label, text, words) of what is known, in the order of the declaration; choices in words."""
    found = []
    for ident, field in procedure.fields.items():
        value = values.get(ident)
        if value in (None, "", []) or ident in skip:
            continue
        choices = dict(field.choices)
        if field.type == "choice":
            found.append((field.labels, "", choices.get(str(value), Words(str(value), str(value)))))
        elif field.type == "choices" and isinstance(value, list):
            words = [choices.get(v, Words(v, v)) for v in value]
            found.append((field.labels, "", Words("、".join(w.zh for w in words), ", ".join(w.en for w in words))))
        elif field.type == "flag":
            found.append((field.labels, "", Words("是", "yes") if value else Words("否", "no")))
        elif field.type == "money":
            found.append((field.labels, f"¥{int(value) / 100:,.2f}", NO_WORDS))
        elif field.type not in ("unit", "post", "participant"):
            found.append((field.labels, str(value), NO_WORDS))
    return found
