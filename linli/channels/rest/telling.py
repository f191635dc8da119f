"""One matter as plain data for the API: for staff and systems, and for its resident."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from linli.channels.rest import listing
from linli.core.clocks import Clock
from linli.core.procedure import Field, Procedure, Step
from linli.core.refusals import Refused
from linli.core.snapshot import Snapshot
from linli.matters import likeness, queries
from linli.matters.models import Matter, Statement
from linli.matters.reference import Reference
from linli.matters.relations import actor_for
from linli.parties.access import Viewer
from linli.parties.roles import CENTRE_ROLES

OPEN = frozenset({"advertising"})  # spans that name nobody


def detail(matter: Matter, viewer: Viewer, ref: Reference, language: str, at: datetime) -> dict[str, Any]:
    """Everything a member of staff or a system of the city reads of *matter*. Six queries beyond reading it.

    Names, numbers and uncovered words are for the centre over the place and for the holder.
    """
    snap = queries.snapshot_of(matter.pk)
    if snap is None:
        raise Refused("not_yours")
    plain = _plain(viewer, matter, snap)
    kept: Statement = matter.statement
    contact = {"name": kept.contact_name, "phone": kept.contact_phone, "email": kept.contact_email}
    return listing.row(_columns(matter), ref, language, at) | {
        "text": (kept.part or kept.text) if plain else masked(kept),
        "address": kept.address if plain else "",
        "contact": contact if plain else None,
        "given": (kept.reading or {}).get("given", {}) if plain else {},
        "clocks": [clock(c, snap.procedure, language, at) for c in snap.clocks],
        "history": [_event(line, snap.procedure, language, plain=plain) for line in queries.history(matter)],
        "steps": [step(s, language) for s in steps_for(viewer, snap)],
        "duplicates": [_alike(one, language) for one in likeness.of_matter(viewer, matter)],
    }


def _alike(one: likeness.Alike, language: str) -> dict[str, Any]:
    return {
        "matter": one.matter.pk,
        "code": one.matter.code,
        "likeness": round(one.score, 3),
        "same_person": one.same_sender,
        "reasons": [words.said(language) for words in one.reasons],
    }


def tracked(matter: Matter, ref: Reference, language: str, at: datetime) -> dict[str, Any]:
    """What the resident with the private code reads. Four queries beyond reading the matter."""
    snap = queries.snapshot_of(matter.pk)
    if snap is None:
        raise Refused("not_yours")
    whole = listing.row(_columns(matter), ref, language, at)
    names = ("id", "code", "stage", "category", "place", "opened_at", "closed_at", "holder", "outcome", "rating", "seq")
    rules = snap.procedure.clocks
    history = [_public(line, snap.procedure, language) for line in queries.history(matter)]
    return {name: whole[name] for name in names} | {
        "text": matter.statement.part or matter.statement.text,
        "clocks": [
            clock(c, snap.procedure, language, at) for c in snap.clocks if c.rule in rules and rules[c.rule].public
        ],
        "history": [line for line in history if line is not None],
        "steps": [step(s, language) for s in steps_for(queries.resident(matter), snap)],
    }


def steps_for(viewer: Viewer, snap: Snapshot) -> tuple[Step, ...]:
    """The steps offered; a token holds no post, so it cannot claim."""
    found = queries.steps_for(viewer, snap)
    return tuple(s for s in found if viewer.kind != "token" or "claim" not in s.effects)


def _columns(matter: Matter) -> dict[str, Any]:
    got = {name: getattr(matter, name, None) for name in listing.COLUMNS}
    post, unit = matter.holder_post, matter.holder_unit
    return got | {
        "holder_unit__name": unit.name if unit else "",
        "holder_post__person__name": post.person.name if post else "",
    }


def _plain(viewer: Viewer, matter: Matter, snap: Snapshot) -> bool:
    """Whether names and numbers are shown: to the centre over the place and to the holder, never to a token."""
    if viewer.kind != "person":
        return False
    over = any(matter.area.startswith(area) for area in viewer.centre_areas)
    return over or bool(actor_for(viewer, snap).roles & (CENTRE_ROLES | {"holder"}))


def masked(kept: Statement) -> str:
    """The words with personal data covered."""
    reading = kept.reading or {}
    letters = list(kept.text)
    for span in reading.get("personal") or ():
        if span.get("kind") in OPEN:
            continue
        for n in range(max(0, int(span["start"])), min(len(letters), int(span["end"]))):
            letters[n] = "＊"
    covered = "".join(letters)
    if not kept.part:
        return covered
    start, end = (reading.get("part") or {}).get("span") or (0, len(covered))
    return covered[start:end]


def clock(item: Clock, procedure: Procedure, language: str, at: datetime) -> dict[str, Any]:
    """One clock."""
    rule = procedure.clocks.get(item.rule)
    return {
        "id": item.rule,
        "name": rule.labels.said(language) if rule else item.rule,
        "cycle": item.cycle,
        "state": item.state,
        "colour": item.colour(at),
        "started_at": item.started_at,
        "warn_at": item.warn_at,
        "due_at": item.due_at,
        "stopped_at": item.stopped_at,
        "within": item.span.said(language),
        "breached": item.breached or (item.stopped_at is None and item.state == "open" and at >= item.due_at),
    }


def step(declared: Step, language: str) -> dict[str, Any]:
    """One step with its form."""
    return {
        "id": declared.id,
        "name": declared.labels.said(language),
        "fields": [_field(f, language) for f in declared.fields],
        "evidence": declared.evidence,
        "files": declared.evidence or declared.files,
    }


def _field(declared: Field, language: str) -> dict[str, Any]:
    return {
        "id": declared.id,
        "type": declared.type,
        "name": declared.labels.said(language),
        "required": declared.required,
        "limit": declared.limit,
        "choices": [{"id": key, "name": words.said(language)} for key, words in declared.choices],
        "help": declared.help.said(language),
        "group": declared.group,
        "when": declared.when.tree if declared.when else None,
        "personal": declared.personal,
    }


def _event(line: queries.Line, procedure: Procedure, language: str, *, plain: bool) -> dict[str, Any]:
    event = line.event
    declared = procedure.steps.get(event.step)
    return {
        "seq": event.seq,
        "at": event.at,
        "step": event.step,
        "name": declared.labels.said(language) if declared else event.step,
        "actor_kind": event.actor_kind,
        "actor_name": event.actor_name,
        "texts": line.texts if plain or event.actor_kind != "resident" else dict.fromkeys(line.texts, ""),
        "data": event.data,
        "files": [
            {"kind": f.kind, "sha256": f.sha256, "media_type": f.media_type, "size": f.size} for f in _kept(line.files)
        ],
        "hash": bytes(event.hash).hex(),
    }


def _kept(files: Iterable[Any]) -> list[Any]:
    return [f for f in files if f.erased_at is None]


def _public(line: queries.Line, procedure: Procedure, language: str) -> dict[str, Any] | None:
    """A line that is the resident's business: steps that declare what they tell, and the beginning."""
    event = line.event
    declared = procedure.steps.get(event.step)
    if declared is None and event.step != "open":
        return None
    told = declared.tells.said(language) if declared else ("Received" if language.startswith("en") else "收到您的诉求")
    if not told:
        return None
    texts = {name: text for name, text in line.texts.items() if name != "why"}
    return {"seq": event.seq, "at": event.at, "step": event.step, "name": told, "texts": texts}
