"""Who works in the fictional city: centres at four levels, departments, stations, and a person for every post."""

import random
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from linli.site.demo import words
from linli.site.demo.bulk import Keys
from linli.site.demo.ground import Land, Spot
from linli.site.demo.sizes import Size


@dataclass(frozen=True, slots=True)
class Unit:
    """A centre, department or station."""

    id: UUID
    name: str
    name_en: str
    kind: str
    tag: str
    area: str
    level: str
    parent: UUID | None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account."""

    id: UUID
    username: str
    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class Post:
    """A role held over an area."""

    id: UUID
    person: UUID
    unit: UUID
    role: str
    area: str


@dataclass(slots=True)
class Staff:
    """Everybody. *signs*: who signs in for a role; *away*: (absence, post) of those on leave at the end."""

    units: list[Unit] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)
    duties: list[tuple[UUID, str]] = field(default_factory=list)
    signs: dict[str, str] = field(default_factory=dict)
    away: list[tuple[UUID, UUID]] = field(default_factory=list)

    def grids_of(self, username: str) -> set[str]:
        """The grids that somebody works in."""
        person = next(each.id for each in self.people if each.username == username)
        return {post.area for post in self.posts if post.person == person and post.role == "grid_worker"}


ENGLISH = {"city": "City", "county": "County", "township": "Township", "village": "Neighbourhood"}


def make(land: Land, size: Size, seed: int, at: datetime, there: AbstractSet[str] = frozenset()) -> Staff:
    """Units, people and posts for the land; sign-in names that are *there* already are left alone."""
    hiring = _Hiring(random.Random(f"staff {seed}"), at, there)
    for level in ("city", "county", "township", "village"):
        for spot in land.at(level):
            hiring.place(spot)
    for village in land.at("village"):
        grids: list[str] = []
        while f"{village.area}{len(grids) + 1:03d}" in land.spots:
            grids.append(f"{village.area}{len(grids) + 1:03d}")
        hiring.grid_workers(village, grids, size.workers)
    hiring.administrators()
    return hiring.staff


class _Hiring:
    """Fills one unit after another."""

    def __init__(self, rng: random.Random, at: datetime, there: AbstractSet[str]) -> None:
        self.rng = rng
        self.staff = Staff()
        self.names = words.People(rng, there)
        self.key = Keys(at)
        self.centres: dict[str, Unit] = {}
        self.held = words.data("names")

    def place(self, spot: Spot) -> None:
        """The centre of a place, and what belongs to its level."""
        upper = next(
            (self.centres[spot.area[:n]] for n in (9, 6, 4) if n < len(spot.area) and spot.area[:n] in self.centres),
            None,
        )
        name = f"{spot.name}社会治安综合治理中心" if spot.level in ("city", "county") else f"{spot.name}综治中心"
        centre = self._unit(name, f"Governance Centre ({ENGLISH[spot.level]})", "centre", "", spot, upper)
        self.centres[spot.area] = centre
        if spot.level == "village":
            self._post(centre, "centre_lead", spot.area)
            return
        operators = {"city": 3, "county": 2, "township": 1}[spot.level]
        for role in ("centre_lead", "dispatcher", *["operator"] * operators):
            self._post(centre, role, spot.area)
        if spot.level == "county":
            self._departments(spot, centre)
        if spot.level == "township":
            self._stations(spot, centre)

    def _departments(self, county: Spot, centre: Unit) -> None:
        for tag, (name, english) in self.held["departments"].items():
            unit = self._unit(f"{county.name}{name}", english, "department", tag, county, centre)
            self._post(unit, "officer", county.area)
            if tag in ("城管", "住建", "公安"):  # the largest ones
                self._post(unit, "unit_lead", county.area)

    def _stations(self, township: Spot, centre: Unit) -> None:
        for tag, name, english in (("公安", "派出所", "Police Station"), ("司法", "司法所", "Justice Office")):
            stem = township.name.removesuffix("街道").removesuffix("镇").removesuffix("乡")
            unit = self._unit(f"{stem}{name}", english, "station", tag, township, centre)
            self._post(unit, "officer", township.area)

    def grid_workers(self, village: Spot, grids: list[str], alone: float) -> None:
        """A worker for every grid: *alone* is the share that has one of its own; others share one between two."""
        centre = self.centres[village.area]
        waiting = list(grids)
        while waiting:
            count = 1 if self.rng.random() < alone or len(waiting) == 1 else 2
            person = self._person()
            for grid in waiting[:count]:
                self._post(centre, "grid_worker", grid, person)
                if person.username not in self.staff.signs.values() and village.area[-1] == "3" and grid == grids[-1]:
                    self.staff.away.append((self.key(), self.staff.posts[-1].id))
            waiting = waiting[count:]

    def administrators(self) -> None:
        """The three of them are three people."""
        city = next(iter(self.centres.values()))
        for role in ("system_admin", "security_admin", "audit_admin"):
            self._post(city, role, city.area)

    def _unit(self, name: str, english: str, kind: str, tag: str, spot: Spot, parent: Unit | None) -> Unit:
        unit = Unit(self.key(), name, english, kind, tag, spot.area, spot.level, parent.id if parent else None)
        self.staff.units.append(unit)
        return unit

    def _person(self) -> Person:
        name, username = self.names.name()
        person = Person(self.key(), username, name, phone(self.rng))
        self.staff.people.append(person)
        return person

    def _post(self, unit: Unit, role: str, area: str, person: Person | None = None) -> None:
        held = person or self._person()
        self.staff.posts.append(Post(self.key(), held.id, unit.id, role, area))
        self.staff.signs.setdefault(role, held.username)


def phone(rng: random.Random) -> str:
    """A mobile number in a range that no operator has (194 00…)."""
    return f"19400{rng.randrange(1_000_000):06d}"
