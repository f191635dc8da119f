"""Opening a matter of a declared kind: one verb for pages, API and the steps of other matters."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import transaction

from linli.core import chain
from linli.core.acts import perform
from linli.core.decide import kept, who
from linli.core.effects import Draft as Making
from linli.core.effects import holder_of
from linli.core.forms import check_form
from linli.core.ids import uuid7
from linli.core.language import Change, OpeningRule
from linli.core.opening import Opening, open_matter
from linli.core.procedure import Procedure, Step
from linli.core.refusals import Refusal, Refused
from linli.core.routing import Ask
from linli.core.snapshot import Actor, Snapshot
from linli.core.words import Words
from linli.kernel import idempotency
from linli.matters import changes, drafting, intake, known, pins, reference
from linli.matters.case_models import Participant
from linli.matters.drafting import RESIDENT, File
from linli.matters.intake import Receipt
from linli.matters.models import Matter, Remark
from linli.matters.reference import Reference
from linli.matters.tracking import tracking_code, tracking_digest
from linli.parties.access import Held, Viewer

MOST_DEEP = 5  # sub-matters of sub-matters


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants to open. *parent*: the matter whose step opens it; *scope*, *key*, *body* as in intake."""

    procedure: str
    form: Mapping[str, object]
    area: str
    channel: str
    language: str = "zh-hans"
    files: Sequence[File] = ()
    parent: UUID | None = None
    people: Sequence[Participant] = ()
    scope: str = ""
    key: str = ""
    body: bytes = b""


def openable(viewer: Viewer, ref: Reference) -> list[Procedure]:
    """What the viewer may open by hand, in the order of their systems."""
    found = [p for p in ref.declared.latest.values() if p.opening is not None and _offices(viewer) & set(p.opening.by)]
    return sorted(found, key=lambda p: (p.systems, p.id))


def open_case(asked: Asked, *, viewer: Viewer, at: datetime) -> Receipt:
    """Open one matter in one transaction. Raises Refused (procedure_unknown, may_not_open, child_only, field_missing…,
    place_unknown, key_reused, year_missing)."""
    ref = reference.current()
    procedure = _procedure(asked, ref)
    actor = _actor(viewer, procedure, asked)
    if asked.area and ref.index.get(asked.area) is None:
        raise Refused("place_unknown", about="area", area=asked.area[:15])
    with transaction.atomic():
        return _store(asked, procedure, actor, ref, at)


def _procedure(asked: Asked, ref: Reference) -> Procedure:
    found = ref.declared.latest.get(asked.procedure)
    if found is None or found.opening is None:
        names = "、".join(p.id for p in ref.declared.latest.values() if p.opening is not None)
        raise Refused("procedure_unknown", procedure=asked.procedure[:60], procedures=names)
    return found


def _parts(procedure: Procedure) -> tuple[OpeningRule, Step]:
    if procedure.opening is None or procedure.opening_step is None:
        raise Refused("procedure_unknown", procedure=procedure.id, procedures="–")
    return procedure.opening, procedure.opening_step


def _offices(viewer: Viewer) -> set[str]:
    """What the viewer is, in the words of ``by``: before there is a matter, offices alone."""
    if viewer.kind != "person":
        return {"resident"}
    return {word for held in viewer.posts for word in _words(held)}


def _words(held: Held) -> tuple[str, str]:
    return held.role, f"{held.role}@{held.unit_kind}"


def _actor(viewer: Viewer, procedure: Procedure, asked: Asked) -> Actor:
    """Who opens it. Raises Refused (may_not_open, child_only)."""
    rule = procedure.opening
    if rule is None or (asked.parent is None and not rule.by):
        raise Refused("child_only", procedure=procedure.labels)
    if asked.parent is not None:
        first = viewer.posts[0] if viewer.posts else None
        return Actor(viewer.kind, viewer.id, viewer.name, frozenset(), *((first.post, first.unit) if first else ()))
    mine = _offices(viewer) & set(rule.by)
    held = next((h for h in viewer.posts if set(_words(h)) & mine and _near(h.area, asked.area)), None)
    if not mine or (viewer.kind == "person" and held is None):
        named = [who(r, procedure) for r in rule.by]
        roles = Words("、".join(w.zh for w in named), ", ".join(w.en for w in named))
        raise Refused("may_not_open", procedure=procedure.labels, roles=roles)
    if held is None:
        return RESIDENT if viewer.kind != "token" else Actor("token", viewer.id, viewer.name, frozenset())
    return Actor("person", viewer.id, viewer.name, frozenset({held.role}), held.post, held.unit)


def _near(held: str, area: str) -> bool:
    """An office acts in its own area and for the wider places that hold it."""
    return not area or area.startswith(held) or held.startswith(area)


def _store(asked: Asked, procedure: Procedure, actor: Actor, ref: Reference, at: datetime) -> Receipt:
    """Check the form, decide, write, and do what the opening does. Seven queries, more by people and papers."""
    rule, step = _parts(procedure)
    checked = check_form(step, asked.form)
    if isinstance(checked, Refusal):
        raise Refused(checked)
    values, texts = checked
    made, opening, making = _decided(asked, procedure, actor, ref, at, {**values, **texts})
    refusal = perform(making)
    if refusal is not None:
        raise Refused(refusal)
    also = [
        *_opener(procedure, actor, texts),
        *_carried(procedure, asked.people),
        *making.also,
        *kept(step, values, texts, making.set),
    ]
    draft = _draft(asked, procedure, actor, ref, at, opening, made, values, texts)
    receipt = intake.store([draft], at=at)[0]
    if isinstance(receipt, Refusal):
        raise Refused(receipt)
    if not receipt.repeated:
        drafting.count(draft, ref)
        pins.pin(procedure, ref, at)
        if asked.parent is not None or procedure.seal:
            Matter.objects.filter(pk=made).update(parent=asked.parent, sealed=procedure.seal)
        words = _remarks(rule, texts)
        Remark.objects.bulk_create([Remark(matter_id=made, seq=1, field=f, text=t) for f, t in words.items()])
        scene = changes.Scene(made, procedure, asked.area, 1, at, ref.zone)
        changes.apply(scene, also)
    return receipt


def _decided(
    asked: Asked, procedure: Procedure, actor: Actor, ref: Reference, at: datetime, given: dict[str, object]
) -> tuple[UUID, Opening, Making]:
    """The new matter's id, how it begins, and the draft that the opening's acts work on."""
    _rule, step = _parts(procedure)
    accused = {str(given.get(a.with_.get("unit", ""), "")) for a in step.does if _bars(procedure, a.of)}
    avoid = frozenset(s.post for s in ref.roster.seats.values() if str(s.unit) in accused)
    ask = Ask("", "", asked.area, at, "request", avoid=avoid)
    terms = known.terms_of(procedure)
    opening = open_matter(procedure, terms, ref.calendars, ref.roster, ask, at, values=given, opener=actor.post)
    if actor.post in avoid or (opening.choice.seat is not None and str(opening.choice.seat.unit) in accused):
        raise Refused("part_barred", name=actor.name or "–")
    seat = opening.choice.seat
    ident = uuid7(int(at.timestamp() * 1000))
    snap = Snapshot(
        matter=ident,
        procedure=procedure,
        terms=terms,
        stage=opening.stage,
        category="",
        area=asked.area,
        level=opening.level,
        kind="request",
        urgent=False,
        opened_at=at,
        holder=holder_of(seat),
        reopened=0,
        clocks=opening.clocks,
        calendars=ref.calendars,
        roster=ref.roster,
    )
    return ident, opening, Making(snap, step, actor, given, at)


def _bars(procedure: Procedure, roles: Sequence[str]) -> bool:
    return any(role in procedure.parts and procedure.parts[role].barred for role in roles)


def _opener(procedure: Procedure, actor: Actor, texts: Mapping[str, str]) -> list[Change]:
    """The one who asks takes part under the declared role. Who applies in person has agreed by applying."""
    rule = procedure.opening
    if rule is None or not rule.as_:
        return []
    part = procedure.parts[rule.as_]
    consent = ("given" if actor.kind == "resident" else "asked") if part.consents else ""
    told = {"role": rule.as_, "kind": "contact", "name": texts.get("name", ""), "phone": texts.get("phone", "")}
    return [Change("join", {**told, "consent": consent, "opener": True})]


def _carried(procedure: Procedure, people: Sequence[Participant]) -> list[Change]:
    """Participants of the parent whose role this procedure has too come along; their consent is asked anew."""
    found = []
    for one in people:
        part = procedure.parts.get(one.role)
        if part is None or part.kind != one.kind:
            continue
        data = {"role": one.role, "kind": one.kind, "name": one.name, "phone": one.phone, "barred": part.barred}
        data |= {"post": str(one.post_id or ""), "unit": str(one.unit_id or "")}
        found.append(Change("join", {**data, "consent": "asked" if part.consents else ""}))
    return found


def _draft(
    asked: Asked,
    procedure: Procedure,
    actor: Actor,
    ref: Reference,
    at: datetime,
    opening: Opening,
    made: UUID,
    values: Mapping[str, object],
    texts: Mapping[str, str],
) -> drafting.Draft:
    """The rows of intake, so that number, statement, event, clocks and notices are written as for every matter."""
    rule, _step = _parts(procedure)
    text = texts.get(rule.statement, "")
    reading = ref.read(text, None, at)
    request = _request(asked, text, texts)
    case = drafting._Case(request, reading, None, made, ref, at, actor)
    salt = os.urandom(16)
    ask = Ask("", "", asked.area, at, "request")
    data = drafting._opened(case, reading.parts[0], ask, opening, sure=True)
    data |= {"procedure": f"{procedure.id}/{procedure.version}", "values": dict(values)}
    data["text"] = chain.personal_digest(salt, text)
    data["texts"] = {name: chain.personal_digest(salt, word) for name, word in _remarks(rule, texts).items()}
    data = orjson.loads(orjson.dumps(data, default=str))
    row = drafting._matter(case, made, ask, opening, data) | drafting._statement(case, 0, salt)
    hashed = chain.digest(chain.GENESIS, made, 1, at, actor.kind, actor.id, "open", data)
    row |= {"procedure": procedure.id, "version": procedure.version, "sure": True, "part": "", "head": hashed.hex()}
    row |= {"reading": {"personal": [_span(s) for s in reading.personal]}, "text": text}
    clocks = [drafting.clock_row(c, made) for c in opening.clocks]
    files = [drafting.file_row(f, made, 1, at) for f in asked.files]
    tracking = tracking_code(made)
    row |= {"tracking": tracking_digest(tracking).hex()}
    terms = known.terms_of(procedure)
    item = drafting.Received(made, tracking, opening.stage, "", asked.area, text, opening, terms)
    body_hash = idempotency.digest(asked.body) if asked.key else b""
    rows = {"m": [row], "c": clocks, "v": files}
    return drafting.Draft(made, reading, (item,), rows, asked.scope, asked.key, body_hash)


def _request(asked: Asked, text: str, texts: Mapping[str, str]) -> drafting.Request:
    """The statement and contact of a request, under the names that openings give them."""
    return drafting.Request(
        text,
        asked.channel,
        area=asked.area,
        contact_name=texts.get("name", ""),
        contact_phone=texts.get("phone", ""),
        contact_email=texts.get("email", ""),
        address=texts.get("address", ""),
        language=asked.language,
        scope=asked.scope,
        key=asked.key,
        body=asked.body,
        files=tuple(asked.files),
    )


def _remarks(rule: OpeningRule, texts: Mapping[str, str]) -> dict[str, str]:
    """The texts of the opening that the statement does not hold."""
    return {name: text for name, text in texts.items() if name != rule.statement and name not in known.CONTACT}


def _span(span: Any) -> dict[str, object]:
    return {"kind": span.kind, "start": span.start, "end": span.end}


def children(was: Snapshot, also: Sequence[Change], *, viewer: Viewer, area: str, at: datetime) -> list[Receipt]:
    """Open the sub-matters that a step asks for. Raises Refused: then nothing of the step is written."""
    receipts = []
    asks = any(c.kind == "child" for c in also)
    people = list(Participant.objects.filter(matter=was.matter, left_at__isnull=True)) if asks else []
    for number, change in enumerate(c for c in also if c.kind == "child"):
        asked = Asked(change.data["procedure"], change.data["form"], area, "matter", parent=was.matter, people=people)
        rule = _procedure(asked, reference.current()).opening
        if rule is None or was.procedure.id not in rule.from_:
            raise Refused("procedure_unknown", procedure=asked.procedure, procedures="–")
        receipts.append(open_case(replace(asked, scope=""), viewer=viewer, at=at))
        if number >= MOST_DEEP:
            raise Refused("busy", seconds=1)
    return receipts
