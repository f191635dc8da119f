"""From what somebody said to the rows of one or several new matters: computing only, no database."""

import os
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from linli.core import chain
from linli.core.clocks import Clock
from linli.core.ids import uuid7
from linli.core.opening import Opening, open_matter
from linli.core.procedure import Terms
from linli.core.refusals import Refused
from linli.core.routing import Ask, at_level
from linli.core.snapshot import Actor
from linli.kernel import idempotency
from linli.matters.reference import Reference
from linli.matters.tracking import tracking_code, tracking_digest
from linli.places.coordinates import to_wgs84
from linli.understanding.reader import read
from linli.understanding.reading import Hints, Part, Reading

LIMIT: Final = 20_000
PROCEDURE: Final = "request"
PLACED: Final = 9  # a place is known well enough to dispatch to from the township on
RESIDENT: Final = Actor("resident", "", "", frozenset({"resident"}))


@dataclass(frozen=True, slots=True)
class Request:
    """One message as it came in, by whatever door.

    *lon*/*lat* are degrees in the system *given* (wgs84, gcj02, bd09). *scope* and *key* make a retry harmless; *body* is what the
    key stands for. *area* is a place that a person chose; *near* is where the operator who types works.
    """

    text: str
    channel: str
    lon: float | None = None
    lat: float | None = None
    given: str = "wgs84"
    area: str = ""
    near: str = ""
    category: str = ""
    contact_name: str = ""
    contact_phone: str = ""
    contact_email: str = ""
    address: str = ""
    language: str = "zh-hans"
    scope: str = ""
    key: str = ""
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Received:
    """One new matter as its sender is told of it. *code* is filled once the database has numbered it."""

    id: UUID
    tracking: str
    stage: str
    category: str
    area: str
    part: str
    opening: Opening
    terms: Terms
    code: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """The rows of one request, ready for ``intake.store``; *items* are its matters, in the order of the sentence."""

    bundle: UUID
    reading: Reading
    items: tuple[Received, ...]
    rows: dict[str, list[dict[str, Any]]]
    scope: str
    key: str
    body_hash: bytes


def draft(request: Request, ref: Reference, at: datetime, actor: Actor = RESIDENT) -> Draft:
    """Understand, place, route and clock a request. Raises Refused for what no person could act on."""
    text = request.text.replace("\x00", "").strip()
    if not text:
        raise Refused("empty_text", about="text")
    if len(text) > LIMIT:
        raise Refused("text_too_long", about="text", limit=LIMIT, length=len(text))
    if request.category and request.category not in ref.terms:
        raise Refused("category_unknown", about="category", category=request.category)
    if request.area and ref.index.get(request.area) is None:
        raise Refused("place_unknown", about="area", area=request.area)
    point = _point(request)
    pin = ref.locator.locate_one(*point) if point else None
    hints = Hints(None, pin or request.area or None, request.category or None, request.near or None)
    reading = read(text, catalogue=ref.catalogue, gazetteer=ref.gazetteer, hints=hints)
    rows: dict[str, list[dict[str, Any]]] = {"m": [], "c": []}
    bundle = uuid7(int(at.timestamp() * 1000))
    items = []
    for number, part in enumerate(reading.parts):
        matter = bundle if number == 0 else uuid7(int(at.timestamp() * 1000))
        area = pin or request.area or (part.place.area if part.place else "") or ref.home(request.near)
        items.append(_one(matter, bundle, number, part, area, request, reading, point, ref, at, actor, rows))
    body_hash = idempotency.digest(request.body) if request.key else b""
    return Draft(bundle, reading, tuple(items), rows, request.scope, request.key, body_hash)


def _point(request: Request) -> tuple[float, float] | None:
    """The pin in WGS84 degrees, or None. Raises Refused for what is no coordinate."""
    if request.lon is None or request.lat is None:
        return None
    try:
        lon, lat = to_wgs84(request.lon, request.lat, request.given)
    except ValueError as error:
        raise Refused("bad_coordinates", about="lon", why=str(error)) from error
    return float(lon), float(lat)


def _one(
    matter: UUID,
    bundle: UUID,
    number: int,
    part: Part,
    area: str,
    request: Request,
    reading: Reading,
    point: tuple[float, float] | None,
    ref: Reference,
    at: datetime,
    actor: Actor,
    rows: dict[str, list[dict[str, Any]]],
) -> Received:
    category = request.category or (part.category.code if part.category else "")
    terms = ref.terms_of(category)
    urgent = terms.urgent or part.danger is not None or (number == 0 and reading.danger is not None)
    sure = len(area) >= PLACED and bool(category) and (part.sure or bool(request.category))
    ask = Ask(category, terms.duty, area, at, part.kind, urgent, sure or urgent, quick=terms.quick)
    procedure = ref.latest(PROCEDURE)
    opening = open_matter(procedure, terms, ref.calendars, ref.roster, ask, at)
    seat = opening.choice.seat
    if seat is not None:  # the next one in this process sees the load; other processes within two seconds
        ref.roster.load[seat.post] = ref.roster.load.get(seat.post, 0) + 1
    salt = os.urandom(16)
    why = {"rule": opening.choice.rule, "reasons": [{"zh": w.zh, "en": w.en} for w in opening.choice.reasons]}
    data: dict[str, Any] = {
        "to": opening.stage,
        "category": category,
        "area": area,
        "channel": request.channel,
        "kind": part.kind,
        "sure": sure,
        "urgent": urgent,
        "understanding": reading.version,
        "holder": str(seat.post) if seat else None,
        "why": why,
        "text": chain.personal_digest(salt, part.text),
    }
    if opening.waiting:
        data["waiting"] = [{"clock": c, "calendar": m.calendar, "year": m.year} for c, m in opening.waiting]
    hashed = chain.digest(chain.GENESIS, matter, 1, at, actor.kind, actor.id, "open", data)
    tracking = tracking_code(matter)
    soonest = min(opening.clocks, key=lambda c: c.due_at, default=None)
    stamp = _iso(at)
    rows["m"].append(
        {
            "id": str(matter),
            "bundle": str(bundle),
            "scope": request.scope if request.key else None,
            "key": request.key or None,
            "code_area": at_level(area, "township") or "0000",
            "day": at.astimezone(ref.zone).strftime("%Y%m%d"),
            "tracking": tracking_digest(tracking).hex(),
            "procedure": procedure.id,
            "version": procedure.version,
            "stage": opening.stage,
            "category": category,
            "kind": part.kind,
            "area": area,
            "level": opening.level,
            "post": str(seat.post) if seat else None,
            "unit": str(seat.unit) if seat else None,
            "channel": request.channel,
            "urgent": urgent,
            "sure": sure,
            "at": stamp,
            "due": _iso(soonest.due_at) if soonest else None,
            "warn": _iso(soonest.warn_at) if soonest else None,
            "head": hashed.hex(),
            "actor_kind": actor.kind,
            "actor": actor.id,
            "actor_name": actor.name,
            "data": data,
            "why": why,
            "text": reading.text,
            "part": part.text if len(reading.parts) > 1 else "",
            "name": request.contact_name[:60],
            "phone": request.contact_phone[:30],
            "email": request.contact_email[:120],
            "address": request.address[:300],
            "lon": point[0] if point else None,
            "lat": point[1] if point else None,
            "given": request.given if point else "",
            "language": request.language,
            "reading": _kept(reading, part),
            "salt": salt.hex(),
        }
    )
    rows["c"].extend(clock_row(c, matter) for c in opening.clocks)
    return Received(matter, tracking, opening.stage, category, area, part.text, opening, terms)


def _kept(reading: Reading, part: Part) -> dict[str, Any]:
    """What is kept of the reading beside the text: findings, reasons and offsets, not the words again."""
    whole = reading.to_json()
    number = reading.parts.index(part)
    parts = whole["parts"]
    assert isinstance(parts, list)
    mine = {k: v for k, v in parts[number].items() if k != "text"}
    return {k: v for k, v in whole.items() if k not in ("text", "parts")} | {"part": mine}


_iso = lru_cache(4096)(datetime.isoformat)  # the same few instants are written many times


def clock_row(clock: Clock, matter: UUID) -> dict[str, Any]:
    """A clock as the SQL of intake and apply takes it."""
    return {
        "id": str(clock.id),
        "matter": str(matter),
        "rule": clock.rule,
        "cycle": clock.cycle,
        "state": clock.state,
        "span": str(clock.span),
        "calendar": clock.calendar,
        "started": _iso(clock.started_at),
        "warn": _iso(clock.warn_at),
        "due": _iso(clock.due_at),
        "rung": clock.rung,
        "next": _iso(clock.next_at) if clock.next_at else None,
        "remaining": clock.remaining,
        "stopped": _iso(clock.stopped_at) if clock.stopped_at else None,
    }
