"""From what somebody said to the rows of one or several new matters: computing only, no database."""

import os
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

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
from linli.understanding.reading import Hints, Part, Reading

LIMIT: Final = 20_000
PROCEDURE: Final = "request"
PLACED: Final = 9  # a place is known well enough to dispatch to from the township on
RESIDENT: Final = Actor("resident", "", "", frozenset({"resident"}))


@dataclass(frozen=True, slots=True)
class File:
    """A file in the media store that goes with a request or a step."""

    kind: str
    sha256: str
    media_type: str
    size: int
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """One message as it came in, by whatever door.

    *lon*/*lat* are degrees in the system *given* (wgs84, gcj02, bd09). *scope* and *key* make a retry harmless;
    *body* is what the
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
    files: tuple[File, ...] = ()


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


@dataclass(frozen=True, slots=True)
class _Case:
    """One request while its matters are made."""

    request: Request
    reading: Reading
    point: tuple[float, float] | None
    bundle: UUID
    ref: Reference
    at: datetime
    actor: Actor


def count(made: Draft, ref: Reference) -> None:
    """Let the next routing in this process see what *made* gave to whom; other processes see it within ten seconds."""
    for item in made.items:
        seat = item.opening.choice.seat
        if seat is not None:
            ref.roster.load[seat.post] = ref.roster.load.get(seat.post, 0) + 1


def draft(request: Request, ref: Reference, at: datetime, actor: Actor = RESIDENT) -> Draft:
    """Understand, place, route and clock a request. Raises Refused for what no person could act on."""
    text = _checked(request, ref)
    point = _point(request)
    pin = ref.locator.locate_one(*point) if point else None
    hints = Hints(None, pin or request.area or None, request.category or None, request.near or None)
    reading = ref.read(text, hints, at)
    if not reading.text.strip():
        raise Refused("empty_text", about="text")
    rows: dict[str, list[dict[str, Any]]] = {"m": [], "c": [], "v": []}
    stamp = int(at.timestamp() * 1000)
    case = _Case(request, reading, point, uuid7(stamp), ref, at, actor)
    items = []
    for number, part in enumerate(reading.parts):
        area = pin or request.area or (part.place.area if part.place else "") or ref.home(request.near)
        items.append(_one(case, uuid7(stamp) if number else case.bundle, number, area, rows))
    body_hash = idempotency.digest(request.body) if request.key else b""
    return Draft(case.bundle, reading, tuple(items), rows, request.scope, request.key, body_hash)


def _checked(request: Request, ref: Reference) -> str:
    """The text; Refused where text, category or place can't be taken."""
    text = _plain(request.text, 10 * LIMIT).strip()
    if not text:
        raise Refused("empty_text", about="text")
    if len(text) > LIMIT:
        raise Refused("text_too_long", about="text", limit=LIMIT, length=len(request.text))
    if request.category and request.category not in ref.terms:
        raise Refused("category_unknown", about="category", category=_plain(request.category, 160))
    if request.area and ref.index.get(request.area) is None:
        raise Refused("place_unknown", about="area", area=_plain(request.area, 15))
    return text


def _plain(text: str, limit: int) -> str:
    """What a database can hold of a text: no NUL, no lone surrogates, no more than *limit* characters."""
    if not text:
        return text
    text = text[:limit].replace("\x00", "")
    return text if text.isascii() else text.encode("utf-8", "ignore").decode()


def _point(request: Request) -> tuple[float, float] | None:
    """The pin in WGS84 degrees, or None. Raises Refused for what is no coordinate."""
    if request.lon is None or request.lat is None:
        return None
    try:
        lon, lat = to_wgs84(request.lon, request.lat, request.given)
    except ValueError as error:
        raise Refused("bad_coordinates", about="lon", why=str(error)) from error
    return float(lon), float(lat)


def _one(case: _Case, matter: UUID, number: int, area: str, rows: dict[str, list[dict[str, Any]]]) -> Received:
    """One matter: decided here, its rows added to *rows*."""
    request, ref, part = case.request, case.ref, case.reading.parts[number]
    category = request.category or (part.category.code if part.category else "")
    terms = ref.terms_of(category)
    danger = part.danger is not None or (number == 0 and case.reading.danger is not None)
    sure = len(area) >= PLACED and bool(category) and (part.sure or bool(request.category))
    urgent = terms.urgent or danger
    ask = Ask(category, terms.duty, area, case.at, part.kind, urgent, sure or urgent, quick=terms.quick)
    opening = open_matter(ref.latest(PROCEDURE), terms, ref.calendars, ref.roster, ask, case.at)
    salt = os.urandom(16)
    data = _opened(case, part, ask, opening, sure=sure) | {"text": chain.personal_digest(salt, said(part))}
    tracking = tracking_code(matter)
    row = _matter(case, matter, ask, opening, data)
    row |= _statement(case, number, salt)
    row |= {"sure": sure, "tracking": tracking_digest(tracking).hex()}
    rows["m"].append(row)
    rows["c"].extend([clock_row(c, matter) for c in opening.clocks])
    if request.files:
        rows["v"].extend([file_row(f, matter, 1, case.at) for f in request.files])
    return Received(matter, tracking, opening.stage, category, area, said(part), opening, terms)


def said(part: Part) -> str:
    """The words of a part, without the comma that joined it to the next."""
    return part.text.strip(" ，,、；;") or part.text


def _opened(case: _Case, part: Part, ask: Ask, opening: Opening, *, sure: bool) -> dict[str, Any]:
    """The first line of the history: what was understood and decided, without a personal word."""
    seat = opening.choice.seat
    data: dict[str, Any] = {
        "to": opening.stage,
        "category": ask.category,
        "area": ask.area,
        "channel": case.request.channel,
        "kind": part.kind,
        "sure": sure,
        "urgent": ask.urgent,
        "understanding": case.reading.version,
        "holder": str(seat.post) if seat else None,
        "why": {
            "rule": opening.choice.rule,
            "reasons": [{"zh": w.zh, "en": w.en} for w in opening.choice.reasons],
        },
    }
    if case.request.files:
        data["files"] = [f.sha256 for f in case.request.files]
    if opening.waiting:
        data["waiting"] = [{"clock": c, "calendar": m.calendar, "year": m.year} for c, m in opening.waiting]
    return data


def _matter(case: _Case, matter: UUID, ask: Ask, opening: Opening, data: dict[str, Any]) -> dict[str, Any]:
    """The columns of matter, event, assignment and outbox."""
    request, actor, seat = case.request, case.actor, opening.choice.seat
    hashed = chain.digest(chain.GENESIS, matter, 1, case.at, actor.kind, actor.id, "open", data)
    soonest = min(opening.clocks, key=lambda c: c.due_at, default=None)
    procedure = case.ref.latest(PROCEDURE)
    return {
        "id": matter,
        "bundle": case.bundle,
        "scope": request.scope if request.key else None,
        "key": request.key or None,
        "code_area": at_level(ask.area, "township") or "0000",
        "day": _day(case.at, case.ref.zone),
        "procedure": procedure.id,
        "version": procedure.version,
        "stage": opening.stage,
        "category": ask.category,
        "kind": ask.kind,
        "area": ask.area,
        "level": opening.level,
        "post": seat.post if seat else None,
        "unit": seat.unit if seat else None,
        "channel": request.channel,
        "urgent": ask.urgent,
        "at": case.at,
        "due": soonest.due_at if soonest else None,
        "warn": soonest.warn_at if soonest else None,
        "head": hashed.hex(),
        "actor_kind": actor.kind,
        "actor": actor.id,
        "actor_name": actor.name,
        "data": data,
    }


def _statement(case: _Case, number: int, salt: bytes) -> dict[str, Any]:
    """The personal part: words and contact."""
    request, point = case.request, case.point
    several = len(case.reading.parts) > 1
    return {
        "text": case.reading.text,
        "part": said(case.reading.parts[number]) if several else "",
        "name": _plain(request.contact_name, 60),
        "phone": _plain(request.contact_phone, 30),
        "email": _plain(request.contact_email, 120),
        "address": _plain(request.address, 300),
        "lon": point[0] if point else None,
        "lat": point[1] if point else None,
        "given": request.given if point else "",
        "language": request.language,
        "reading": _kept(case.reading, number),
        "salt": salt.hex(),
    }


def _kept(reading: Reading, number: int) -> dict[str, Any]:
    """What is kept of the reading beside the text: findings, reasons and offsets, not the words again."""
    whole = reading.to_json()
    parts: Any = whole.pop("parts")
    whole["part"] = parts[number]
    del whole["text"], parts[number]["text"]
    return whole


@lru_cache(64)
def _day_of(quarter: int, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(quarter * 900, zone).strftime("%Y%m%d")


def _day(at: datetime, zone: ZoneInfo) -> str:
    """The city's calendar day of an instant, as the human code has it. Zones are whole quarters of an hour at least."""
    return _day_of(int(at.timestamp()) // 900, zone)


def clock_row(clock: Clock, matter: UUID) -> dict[str, Any]:
    """A clock as the SQL of intake and apply takes it; orjson writes keys and instants."""
    return {
        "id": clock.id,
        "matter": matter,
        "rule": clock.rule,
        "cycle": clock.cycle,
        "state": clock.state,
        "span": str(clock.span),
        "calendar": clock.calendar,
        "started": clock.started_at,
        "warn": clock.warn_at,
        "due": clock.due_at,
        "rung": clock.rung,
        "next": clock.next_at,
        "remaining": clock.remaining,
        "stopped": clock.stopped_at,
    }


def file_row(file: File, matter: UUID, seq: int, at: datetime) -> dict[str, Any]:
    """A file as the SQL of intake and apply takes it."""
    return {
        "matter": matter,
        "seq": seq,
        "kind": file.kind,
        "sha256": file.sha256,
        "media_type": file.media_type,
        "size": file.size,
        "width": file.width,
        "height": file.height,
        "at": at,
    }
