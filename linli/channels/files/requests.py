"""Importing requests: rows become matters in batches, each once however often the file is imported.

What the file says is finished becomes closed history with its own instants; what is open begins now (ADR 0006).
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, Final

from django.db import transaction

from linli.channels.files import columns, times, wording
from linli.channels.files.tables import Line
from linli.core.refusals import Refusal, Refused
from linli.kernel import idempotency
from linli.matters import history, reference
from linli.matters.drafting import Draft, Request, count, draft
from linli.matters.history import Origin, Past
from linli.matters.intake import store
from linli.matters.reference import Reference

BATCH: Final = 200  # rows that go into one statement
CRS: Final = ("wgs84", "cgcs2000", "gcj02", "bd09")


@dataclass(frozen=True, slots=True)
class Options:
    """How a file is taken. *source* names where it comes from; *city* is the area its requests belong to."""

    source: str
    city: str = ""
    crs: str = "wgs84"
    history: bool = False  # everything is finished, whatever the file says
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Wrong:
    """A row that could not go in."""

    line: Line
    refusal: Refusal


@dataclass(slots=True)
class Outcome:
    """What became of the rows. *notes* counts what was kept although something about it was odd."""

    rows: int = 0
    stored: int = 0
    matters: int = 0
    closed: int = 0
    known: int = 0
    wrong: list[Wrong] = field(default_factory=list)
    notes: dict[str, int] = field(default_factory=dict)

    def note(self, name: str) -> None:
        self.notes[name] = self.notes.get(name, 0) + 1


@dataclass(frozen=True, slots=True)
class Row:
    """One row as a request. *opened_at* None: the file does not say. *closed*: finished, *closed_at* when known."""

    line: Line
    request: Request
    origin: Origin
    opened_at: datetime | None
    closed: bool
    closed_at: datetime | None
    agency: str
    reply: str


def run(
    lines: Iterable[Line], options: Options, at: Callable[[], datetime], step: Callable[[int], None] = lambda n: None
) -> Outcome:
    """Import all rows, a transaction for each batch: what is stored stays, and the file can be imported again.

    *at* gives the instant of a batch; *step* hears how many rows are done. Raises Refused for the file as a whole.
    """
    outcome = Outcome()
    waiting = iter(lines)
    while batch := list(islice(waiting, BATCH)):
        _batch(batch, options, at(), outcome)
        outcome.rows += len(batch)
        step(len(batch))
    return outcome


def _batch(batch: list[Line], options: Options, at: datetime, outcome: Outcome) -> None:
    ref = reference.current()
    rows = _fresh([row_of(line, options, ref, outcome) for line in batch], options, outcome)
    drafts: list[tuple[Row, Draft]] = []
    pasts: list[tuple[Row, Past]] = []
    for row in rows:
        try:
            if row.closed:
                pasts.append((row, _past(row, ref, at, outcome)))
            else:
                actor = history.actor_of(options.source)
                made = draft(row.request, ref, at, actor)
                count(made, ref)  # even in a trial run the next row sees what this one would have given to whom
                drafts.append((row, history.marked(made, row.origin, at, actor)))
        except Refused as refused:
            outcome.wrong.append(Wrong(row.line, refused.refusal))
    if options.dry_run:
        _count(outcome, len(pasts), [len(made.items) for _, made in drafts])
        return
    with transaction.atomic():
        new = history.store([past for _, past in pasts])
        answers = store([made for _, made in drafts], at=at) if drafts else []
    outcome.known += len(pasts) - len(new)
    kept = []
    for (row, made), answer in zip(drafts, answers, strict=True):
        if isinstance(answer, Refusal):
            outcome.wrong.append(Wrong(row.line, answer))
        elif answer.repeated:
            outcome.known += 1
        else:
            kept.append(len(made.items))
    _count(outcome, len(new), kept)


def _count(outcome: Outcome, closed: int, open_: list[int]) -> None:
    outcome.stored += closed + len(open_)
    outcome.closed += closed
    outcome.matters += closed + sum(open_)


def _fresh(rows: Iterable[Row], options: Options, outcome: Outcome) -> Iterator[Row]:
    """The rows that were not imported before, each key once. One query."""
    listed = list(rows)
    before = history.known(scope_of(options), [row.request.key for row in listed])
    for row in listed:
        held = before.get(row.request.key)
        fingerprint = idempotency.digest(row.request.body)
        if held is None:
            before[row.request.key] = fingerprint
            yield row
        elif held == fingerprint:
            outcome.known += 1
        else:
            outcome.wrong.append(Wrong(row.line, Refusal("row_changed", {"key": row.request.key})))


def scope_of(options: Options) -> str:
    """The scope of a source's idempotency keys."""
    return f"import:{options.source}"


def _past(row: Row, ref: Reference, at: datetime, outcome: Outcome) -> Past:
    """A finished request with instants that hold together: opened before closed, closed before now."""
    closed_at = min(row.closed_at or row.opened_at or at, at)
    opened_at = min(row.opened_at or closed_at, at)
    if row.closed_at is None:
        outcome.note("closing_time_unknown")
    if closed_at < opened_at:
        outcome.note("closed_before_opened")
        closed_at = opened_at
    return history.past(
        row.request,
        ref,
        row.origin,
        opened_at=opened_at,
        closed_at=closed_at,
        at=at,
        agency=row.agency[:100],
        reply=row.reply,
    )


def row_of(line: Line, options: Options, ref: Reference, outcome: Outcome) -> Row:
    """What a row says. Odd parts are left out and counted; the words never are."""
    get = line.values.get
    opened_at = times.instant(get("time", ""), ref.zone)
    closed_at = times.instant(get("closed", ""), ref.zone)
    status = get("status", "")
    closed = options.history or closed_at is not None or columns.is_closed(status) or bool(get("reply", ""))
    if closed and closed_at is None:
        closed_at = times.instant(get("settled", ""), ref.zone)
    if opened_at is None:
        outcome.note("time_unknown")
    request = _request(line, options, ref, outcome)
    given = _given(line.number, opened_at, get("category", ""), status)
    return Row(
        line,
        request,
        Origin(options.source, opened_at, given),
        opened_at,
        closed,
        closed_at,
        get("agency", ""),
        get("reply", ""),
    )


def _request(line: Line, options: Options, ref: Reference, outcome: Outcome) -> Request:
    """The words, the place and the key of a row. A category or an area that is not one of ours is left to reading."""
    get = line.values.get
    key, body = wording.key_of(line.values)
    lon, lat = _point(get("lon", ""), get("lat", ""), ref, options, outcome)
    category, area = get("category", ""), get("area", "")
    return Request(
        text=wording.text_of(line.values),
        channel="import",
        lon=lon,
        lat=lat,
        given=options.crs,
        area=area if ref.index.get(area) is not None else "",
        near=options.city,
        category=category if category in ref.terms else "",
        contact_name=get("name", ""),
        contact_phone=get("phone", ""),
        contact_email=get("email", ""),
        address=get("address", ""),
        scope=scope_of(options),
        key=key,
        body=body,
    )


def _given(number: int, opened_at: datetime | None, category: str, status: str) -> dict[str, Any]:
    """What the source said beside the words."""
    given = {"row": number, "reported_at": opened_at.isoformat() if opened_at else None}
    return given | {name: text[:200] for name, text in (("category", category), ("status", status)) if text}


def _point(lon: str, lat: str, ref: Reference, options: Options, outcome: Outcome) -> tuple[float | None, float | None]:
    """The coordinates; None where they are none. Outside the city they stay, and the place is unknown."""
    if not lon or not lat:
        return None, None
    try:
        x, y = float(lon), float(lat)
    except ValueError:
        x = y = float("nan")
    if not (-180 <= x <= 180 and -90 <= y <= 90) or (x == 0 and y == 0):
        outcome.note("coordinates_unusable")
        return None, None
    if options.crs == "wgs84" and ref.locator.locate_one(x, y) is None:
        outcome.note("outside_city")
    return x, y
