"""Everything a decision needs besides the matter: declarations, roster, places; held in memory by each process.

Each part is rebuilt when its stamp moves. Stamps are read at most every half second, in one query of a handful of
rows. Rights
are not read here: they are read afresh at every request (parties.access).
"""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from types import MappingProxyType
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection

from linli.core.calendars import Calendar
from linli.core.procedure import Procedure, Term, Terms
from linli.core.routing import Roster, level_of_area
from linli.core.spans import Span
from linli.core.words import Words
from linli.kernel import clock, stamps
from linli.matters import steering, trained
from linli.matters.declared import Declared, load_all
from linli.matters.steering import UNSTEERED, Steering
from linli.parties import queries as parties
from linli.places import queries as places
from linli.places.index import PlaceIndex
from linli.places.locator import Locator
from linli.procedures.categories import Catalogue
from linli.understanding.classify import Voice
from linli.understanding.gazetteer import Gazetteer
from linli.understanding.reader import read
from linli.understanding.reading import Hints, Reading

FRESH = 0.5  # seconds between two looks at the stamps
LOADS = 10.0  # seconds between two counts of who holds how much; between them each process counts what it gives

UNKNOWN = Terms(
    "",
    Words("待分类", "Not yet sorted"),
    MappingProxyType(
        {
            "respond": Term(Span.parse("5 min"), "always", "红色邻里圈：五分钟响应"),
            "complete": Term(Span.parse("1 h"), "always", "红色邻里圈：一小时办结"),
        }
    ),
    ("note",),
    "",
)


@dataclass(frozen=True)
class Reference:
    """One consistent set of reference data; *stamp* says of when."""

    stamp: Mapping[str, int]
    declared: Declared
    index: PlaceIndex
    locator: Locator
    gazetteer: Gazetteer
    roster: Roster
    model: Voice | None = None
    steering: Steering = UNSTEERED

    def read(self, text: str, hints: Hints | None = None, at: datetime | None = None) -> Reading:
        """What is understood from *text* in this city, with its trained model if there is one, by its own limits."""
        city = (hints.pin_area or self.home(hints.operator_area or "")) if hints else self.home()
        return read(
            text,
            catalogue=self.catalogue,
            gazetteer=self.gazetteer,
            hints=hints,
            model=self.model,
            limits=self.steering.of(city),
            at=at.astimezone(self.zone) if at is not None else None,
        )

    @property
    def catalogue(self) -> Catalogue:
        return self.declared.catalogue

    @property
    def terms(self) -> Mapping[str, Terms]:
        return self.declared.terms

    @property
    def calendars(self) -> Mapping[str, Calendar]:
        return self.declared.calendars

    @property
    def zone(self) -> ZoneInfo:
        return self.declared.routing.zone

    def home(self, near: str = "") -> str:
        """The city that a matter of unknown place belongs to: the one *near*, else the first that is staffed."""
        cities = [entry.area for entry in self.index.children()]
        if near[:4] in cities:
            return near[:4]
        return next((c for c in cities if c in self.staffed), cities[0] if cities else "")

    @cached_property
    def staffed(self) -> frozenset[str]:
        """The cities in which anybody holds a post."""
        return frozenset(seat.area[:4] for seat in self.roster.seats.values())

    def latest(self, procedure: str) -> Procedure:
        """The version that new matters take."""
        return self.declared.latest[procedure]

    def procedure(self, ident: str, version: int) -> Procedure:
        """The version a matter is pinned to; the newest where that one is gone."""
        return self.declared.procedures.get((ident, version)) or self.declared.latest[ident]

    def terms_of(self, category: str) -> Terms:
        return self.declared.terms.get(category, UNKNOWN)


_lock = threading.Lock()
_held: Reference | None = None
_looked = _counted = -1e9


def current(*, fresh: bool = False) -> Reference:
    """The reference data, at most half a second old; *fresh* looks now. Usually free, else one query."""
    global _looked
    held = _held
    if held is not None and not fresh and clock.monotonic() - _looked < FRESH:
        return held
    with _lock:
        if _held is None or fresh or clock.monotonic() - _looked >= FRESH:
            _look()
            _looked = clock.monotonic()
        return _held or _look()


def held() -> Reference | None:
    """What is in memory, without a look: for the event loop, which must not wait."""
    return _held


def forget() -> None:
    """Drop everything, for tests that empty the database."""
    global _held, _looked, _counted
    with _lock:
        _held, _looked, _counted = None, -1e9, -1e9


def _look() -> Reference:
    global _held, _counted
    seen = stamps.read()
    before = _held
    after = before if before is not None and before.stamp == seen else _rebuilt(before, seen)
    model = trained.current(version=after.steering.model)
    if model is not after.model:
        after = replace(after, model=model)
    if after is not before or clock.monotonic() - _counted > LOADS:
        loads = open_loads()
        after.roster.load.clear()
        after.roster.load.update(loads)
        _counted = clock.monotonic()
    _held = after
    return after


def _rebuilt(before: Reference | None, seen: Mapping[str, int]) -> Reference:
    def moved(name: str) -> bool:
        return before is None or before.stamp.get(name) != seen.get(name)

    declared = before.declared if before and not moved("declarations") else load_all()
    if before and not moved("places"):
        index, locator, gazetteer = before.index, before.locator, before.gazetteer
    else:
        seen_places = places.snapshot(0)
        index, locator = seen_places.index, seen_places.locator
        gazetteer = Gazetteer.build(gazetteer_rows(seen_places))
    if before and not moved("parties") and not moved("declarations"):
        roster = before.roster
    else:
        roster = Roster.build(parties.seats(clock.now()), declared.routing.rules, declared.routing.zone, {})
    steered = before.steering if before and not moved(f"declarations.{steering.KIND}") else steering.load()
    model = before.model if before else None
    return Reference(dict(seen), declared, index, locator, gazetteer, roster, model, steered)


def gazetteer_rows(seen: places.Snapshot) -> Iterable[tuple[str, str, str]]:
    """Name, area and kind of all spoken names, as ``Gazetteer.build`` takes them."""
    return ((row.name, row.area, _kind(row)) for row in seen.gazetteer)


def _kind(row: places.GazetteerRow) -> str:
    """A name's kind as understanding calls it: an official name goes by its level, a building is a landmark."""
    if row.kind == "official":
        return level_of_area(row.area)
    return "landmark" if row.kind == "building" else row.kind


def open_loads() -> dict[UUID, int]:
    """How many open matters each post holds. One query on the partial index of open matters."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT holder_post_id, count(*) FROM matters_matter"
            " WHERE closed_at IS NULL AND holder_post_id IS NOT NULL GROUP BY 1"
        )
        return dict(cursor.fetchall())
