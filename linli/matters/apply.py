"""Writing decisions: matter, events, clocks, firings, assignment, evidence and outbox in one statement, for one step
or a whole sweep."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib import resources
from typing import Any
from uuid import UUID

import orjson
from django.db import connection
from psycopg import RawCursor

from linli.core import chain, clocks
from linli.core.refusals import Refused
from linli.core.snapshot import Actor, Decision, Snapshot
from linli.matters.drafting import File, clock_row, file_row

SQL = (resources.files("linli.matters") / "sql" / "apply.sql").read_text("utf-8")
TABLES = ("m", "e", "r", "c", "f", "a", "v", "o")


@dataclass(frozen=True, slots=True)
class Standing:
    """A matter as it was read: its snapshot, and what the next event needs."""

    snap: Snapshot
    seq: int
    head: bytes
    salt: bytes
    closed_at: datetime | None
    outcome: str
    rating: int | None
    merged_into: UUID | None
    code: str


@dataclass(frozen=True, slots=True)
class Write:
    """One decision on one matter. *also* are rows of other tables that the step itself needs (column → value on the
    matter)."""

    was: Standing
    decision: Decision
    actor: Actor
    at: datetime
    files: Sequence[File] = ()
    also: Mapping[str, Any] = field(default_factory=dict)


def write(writes: Sequence[Write]) -> None:
    """Write all of them or none, in the caller's transaction. One query.

    Raises Refused("changed_meanwhile") when a matter moved since it was read; the caller's transaction must then end.
    """
    if not writes:
        return
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}
    for one in writes:
        rows_of(one, rows)
    if run(SQL, rows)[0][0] != len(writes):
        raise Refused("changed_meanwhile")


def run(sql: str, argument: object) -> list[Any]:
    """Run SQL with one JSON argument as ``$1`` on Django's connection."""
    connection.ensure_connection()
    with RawCursor(connection.connection) as cursor:
        cursor.execute(sql, [orjson.dumps(argument).decode()], prepare=True)
        return cursor.fetchall()


def rows_of(one: Write, rows: dict[str, list[dict[str, Any]]]) -> None:
    was, snap, decision, at = one.was, one.was.snap, one.decision, one.at
    matter, stamp = str(snap.matter), at.isoformat()
    seq, head = was.seq, was.head
    for entry in decision.entries:
        seq += 1
        data = dict(entry.data)
        if entry.texts:
            data["texts"] = {name: chain.personal_digest(was.salt, text) for name, text in entry.texts.items()}
        if one.files:
            data["files"] = [f.sha256 for f in one.files]
        data = orjson.loads(orjson.dumps(data, default=str))
        hashed = chain.digest(head, snap.matter, seq, at, one.actor.kind, one.actor.id, entry.step, data)
        rows["e"].append(
            {
                "matter": matter,
                "seq": seq,
                "at": stamp,
                "actor_kind": one.actor.kind,
                "actor": one.actor.id,
                "actor_name": one.actor.name,
                "step": entry.step,
                "data": data,
                "prev": head.hex(),
                "hash": hashed.hex(),
            }
        )
        rows["r"].extend({"matter": matter, "seq": seq, "field": f, "text": text} for f, text in entry.texts.items())
        head = hashed
    rows["v"].extend(file_row(f, snap.matter, seq, at) for f in one.files)
    rows["c"].extend(clock_row(c, snap.matter) for c in decision.clocks)
    _firing(one, rows, matter, stamp)
    _assignment(one, rows, matter, stamp)
    rows["m"].append(_matter(one, seq, head))
    rows["o"].extend(_notices(one, seq, stamp))


def _firing(one: Write, rows: dict[str, list[dict[str, Any]]], matter: str, stamp: str) -> None:
    if one.decision.fired is None:
        return
    ident, threshold, late = one.decision.fired
    due = next((c.next_at for c in one.was.snap.clocks if c.id == ident), None) or one.at
    rows["f"].append(
        {
            "clock": str(ident),
            "threshold": threshold,
            "matter": matter,
            "due": due.isoformat(),
            "at": stamp,
            "late": late,
        }
    )


def _assignment(one: Write, rows: dict[str, list[dict[str, Any]]], matter: str, stamp: str) -> None:
    assigned = one.decision.assigned
    if assigned is None:
        return
    rows["a"].append(
        {
            "matter": matter,
            "post": _text(assigned.holder.post),
            "unit": _text(assigned.holder.unit),
            "role": assigned.role,
            "at": stamp,
            "reopened": one.decision.changes.get("reopened", one.was.snap.reopened),
            "reason": dict(assigned.reason),
        }
    )


def running(was: Standing, decision: Decision) -> list[clocks.Clock]:
    """The matter's clocks after the decision that still run."""
    after = {c.id: c for c in was.snap.clocks} | {c.id: c for c in decision.clocks}
    return [c for c in after.values() if c.state == clocks.OPEN]


def _matter(one: Write, seq: int, head: bytes) -> dict[str, Any]:
    was, snap, decision = one.was, one.was.snap, one.decision
    changes = {**decision.changes, **one.also}
    holder = decision.assigned.holder if decision.assigned else snap.holder
    closed = changes.get("closed_at", was.closed_at)
    soonest = min(running(was, decision), key=lambda c: c.due_at, default=None)
    area = changes.get("area", snap.area)
    stage_sure = decision.stage != snap.procedure.unsure
    return {
        "id": str(snap.matter),
        "was": was.seq,
        "stage": decision.stage,
        "category": changes.get("category", snap.category),
        "kind": changes.get("kind", snap.kind),
        "area": area,
        "level": changes.get("level", snap.level),
        "post": _text(holder.post),
        "unit": _text(holder.unit),
        "urgent": changes.get("urgent", snap.urgent),
        "sure": stage_sure,
        "closed": closed.isoformat() if isinstance(closed, datetime) else None,
        "due": soonest.due_at.isoformat() if soonest else None,
        "warn": soonest.warn_at.isoformat() if soonest else None,
        "reopened": changes.get("reopened", snap.reopened),
        "outcome": changes.get("outcome", was.outcome),
        "rating": changes.get("rating", was.rating),
        "merged_into": _text(changes.get("merged_into", was.merged_into)),
        "seq": seq,
        "head": head.hex(),
        "at": one.at.isoformat(),
        "told": "|".join(map(str, (snap.matter, area, decision.stage, seq, holder.post or "", holder.unit or ""))),
    }


def _notices(one: Write, seq: int, stamp: str) -> list[dict[str, Any]]:
    """Who is to be told, resolved to a post or an area now, so that later changes do not redirect it."""
    snap, decision = one.was.snap, one.decision
    holder = decision.assigned.holder if decision.assigned else snap.holder
    found = {}
    for notice in decision.notices:
        post = snap.holder.post if notice.to == "previous" else holder.post
        to = "level" if notice.to in ("holder", "previous") and post is None else notice.to
        key = f"{snap.matter}:{seq}:{notice.to}"
        found[key] = {
            "topic": "notice",
            "key": key,
            "at": stamp,
            "payload": {
                "matter": str(snap.matter),
                "seq": seq,
                "to": to,
                "kind": notice.kind,
                "post": _text(post) if to in ("holder", "previous") else None,
                "area": decision.changes.get("area", snap.area),
                "level": decision.changes.get("level", snap.level),
                "urgent": decision.changes.get("urgent", snap.urgent),
                "data": dict(notice.data),
            },
        }
    return list(found.values())


def _text(value: object) -> str | None:
    return None if value is None else str(value)
