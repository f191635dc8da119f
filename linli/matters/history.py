"""Requests of other systems: closed ones become history in one statement for many; open ones are marked drafts.

History keeps the instants of its source. What is still open begins here and now, so that no deadline of the past fires.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from importlib import resources
from typing import Any, Final
from uuid import UUID

from linli.core import chain
from linli.core.history import imported
from linli.core.ids import uuid7
from linli.core.opening import Opening
from linli.core.routing import Ask, Choice, level_of_area
from linli.core.snapshot import Actor
from linli.kernel import idempotency
from linli.kernel.models import Idempotency
from linli.matters import drafting
from linli.matters.apply import run
from linli.matters.drafting import PLACED, PROCEDURE, Draft, Request
from linli.matters.reference import Reference
from linli.matters.tracking import tracking_code, tracking_digest
from linli.understanding.reading import Hints

SQL = (resources.files("linli.matters") / "sql" / "history.sql").read_text("utf-8")
REPLY: Final = 20_000  # characters of a reply that are kept


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request comes from. *given*: what the source said beside the words, kept with the statement."""

    source: str
    reported_at: datetime | None
    given: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Past:
    """The rows of one closed request."""

    id: UUID
    row: dict[str, Any]


def actor_of(source: str) -> Actor:
    """Imports act as the system, under the name of their source."""
    return Actor("system", "import", source[:60], frozenset({"system"}))


def known(scope: str, keys: Iterable[str]) -> dict[str, bytes]:
    """The keys of *scope* that were used before, with the fingerprint of what they stood for. One query."""
    rows = Idempotency.objects.filter(scope=scope, key__in=list(keys)).values_list("key", "body_hash")
    return {key: bytes(body_hash) for key, body_hash in rows}


def marked(made: Draft, origin: Origin, at: datetime, actor: Actor) -> Draft:
    """The draft of an open request with its origin in the first line of its history. Pure."""
    reported = origin.reported_at.isoformat() if origin.reported_at else None
    mark = {"import": {"source": origin.source, "reported_at": reported}}
    rows = []
    for row in made.rows["m"]:
        data = row["data"] | mark
        head = chain.digest(chain.GENESIS, row["id"], 1, at, actor.kind, actor.id, "open", data)
        kept = row["reading"] | {"given": dict(origin.given)}
        rows.append(row | {"data": data, "head": head.hex(), "reading": kept})
    return replace(made, rows=made.rows | {"m": rows})


def past(
    request: Request,
    ref: Reference,
    origin: Origin,
    *,
    opened_at: datetime,
    closed_at: datetime,
    at: datetime,
    agency: str = "",
    reply: str = "",
) -> Past:
    """The rows of a request that was finished elsewhere. Pure. Raises Refused as ``drafting.draft`` does."""
    text = drafting._checked(request, ref)
    point = drafting._point(request)
    pin = ref.locator.locate_one(*point) if point else None
    hints = Hints(None, pin or request.area or None, request.category or None, request.near or None)
    reading = ref.read(text, hints, opened_at)
    part, actor = reading.parts[0], actor_of(origin.source)
    matter = uuid7(max(0, int(opened_at.timestamp() * 1000)))
    area = pin or request.area or (part.place.area if part.place else "") or ref.home(request.near)
    category = request.category or (part.category.code if part.category else "")
    case = drafting._Case(request, reading, point, matter, ref, opened_at, actor)
    sure = len(area) >= PLACED and bool(category) and part.sure
    ask = Ask(category, "", area, opened_at, part.kind, sure=sure)
    opening = Opening(ref.latest(PROCEDURE).first, level_of_area(area), Choice(None, "import", ()), ())
    salt = os.urandom(16)
    data = drafting._opened(case, part, ask, opening, sure=sure)
    data |= {"text": chain.personal_digest(salt, reading.text), "import": {"source": origin.source}}
    row = drafting._matter(case, matter, ask, opening, data) | drafting._statement(case, 0, salt)
    first = bytes.fromhex(row["head"])
    row |= {
        "sure": sure,
        "tracking": tracking_digest(tracking_code(matter)).hex(),
        "part": "",
        "reading": row["reading"] | {"given": dict(origin.given)},
        "first": row["head"],
        "body_hash": _hash(request),
        "key_at": _iso(at),
    }
    return Past(matter, row | _end(matter, first, ref, origin, closed_at, at, agency, reply[:REPLY], salt))


def _hash(request: Request) -> str:
    return idempotency.digest(request.body).hex()


def _iso(at: datetime) -> str:
    return at.isoformat()


def _end(
    matter: UUID,
    first: bytes,
    ref: Reference,
    origin: Origin,
    closed_at: datetime,
    at: datetime,
    agency: str,
    reply: str,
    salt: bytes,
) -> dict[str, Any]:
    """The second event: that it ended elsewhere, as it was recorded now."""
    actor = actor_of(origin.source)
    decision = imported(ref.latest(PROCEDURE), closed_at=closed_at, source=origin.source, agency=agency, reply=reply)
    entry = decision.entries[0]
    data = dict(entry.data)
    if entry.texts:
        data["texts"] = {name: chain.personal_digest(salt, text) for name, text in entry.texts.items()}
    head = chain.digest(first, matter, 2, at, actor.kind, actor.id, entry.step, data)
    return {
        "stage": decision.stage,
        "outcome": decision.changes["outcome"],
        "closed": _iso(closed_at),
        "ended": _iso(at),
        "step": entry.step,
        "end": data,
        "head": head.hex(),
        "reply": entry.texts.get("reply", ""),
    }


def store(pasts: Sequence[Past]) -> set[UUID]:
    """Write history in one statement; the ids that were new. Requests whose key was used before write nothing."""
    if not pasts:
        return set()
    rows = [one.row | {"ord": n} for n, one in enumerate(pasts)]
    return {row[0] for row in run(SQL, rows)}
