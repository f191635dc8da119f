"""Verbs that write. Each runs in one transaction, leaves an audit line, and moves the stamp ``places``."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import shapely
from django.db import connection, transaction

from linli.audit.actions import record
from linli.core.ids import uuid7
from linli.core.refusals import Refusal, Refused
from linli.core.words import Words
from linli.kernel import stamps
from linli.places import codes
from linli.places.models import Boundary, Place, PlaceName
from linli.places.plan import Outline, Plan, Wanted
from linli.places.queries import STAMP, inside
from linli.places.spots import Name

_BATCH = 2000
_SAME = 1e-8  # degrees; a millimetre: the same polygon written by another version of the library


@dataclass(slots=True)
class Outcome:
    """What an import changed. ``added`` counts by level."""

    added: dict[str, int] = field(default_factory=dict)
    renamed: int = 0
    reopened: int = 0
    closed: int = 0
    boundaries_new: int = 0
    boundaries_changed: int = 0
    kinds_changed: int = 0
    unchanged: int = 0

    @property
    def changed(self) -> int:
        """How many changes there were in all."""
        rest = self.boundaries_new + self.boundaries_changed + self.kinds_changed
        return sum(self.added.values()) + self.renamed + self.reopened + self.closed + rest

    def as_dict(self) -> dict[str, Any]:
        """For the audit line and ``--json``."""
        return asdict(self) | {"places_new": sum(self.added.values()), "changed": self.changed}


def import_places(plan: Plan, *, actor: str, at: datetime) -> Outcome:
    """Carry out a plan, all or nothing; doing it again changes nothing.

    Raises Refused when the plan has errors, or when *at* lies before a change that is already there.
    """
    if plan.errors:
        raise Refused(_broken(len(plan.errors)))
    with transaction.atomic():
        _one_at_a_time()
        work = _Import(plan, at)
        work.places()
        work.boundaries()
        if plan.close:
            work.close(plan.vanished)
        if work.outcome.changed:
            data = {"files": plan.files, **work.outcome.as_dict()}
            record(actor, "import", "places", plan.city, at=at, area=plan.city, data=data)
            stamps.bump(STAMP)
    return work.outcome


def rename(area: str, name: str, *, actor: str, at: datetime, reason: str = "") -> None:
    """Give a place another official name; the old one stays in the history. Raises Refused for an unknown place."""
    with transaction.atomic():
        _one_at_a_time()
        place = _place(area)
        if place.name == name:
            return
        old = place.name
        PlaceName.objects.filter(place=place, kind="official", valid_to__isnull=True).update(valid_to=at)
        PlaceName.objects.create(place=place, name=name, kind="official", valid_from=at)
        Place.objects.filter(pk=place.pk).update(name=name)
        record(actor, "rename", "place", area, at=at, area=area, reason=reason, data={"from": old, "to": name})
        stamps.bump(STAMP)


def add_names(rows: Iterable[tuple[str, str, str, float | None, float | None]], *, actor: str, at: datetime) -> int:
    """Add names to the gazetteer: (area, name, kind, lon, lat). Names that are there stay. Returns how many are new.

    Raises Refused for an unknown place.
    """
    return import_spots(
        (Name(area, name, kind, lon, lat, "") for area, name, kind, lon, lat in rows), actor=actor, at=at
    )


def import_spots(names: Iterable[Name], *, actor: str, at: datetime) -> int:
    """Add names of spots with where they come from. Names that are there stay. Returns how many are new.

    Raises Refused for an unknown place.
    """
    listed = list(names)
    with transaction.atomic():
        _one_at_a_time()
        keys = dict(Place.objects.filter(area__in={each.area for each in listed}).values_list("area", "id"))
        if missing := sorted({each.area for each in listed} - keys.keys()):
            raise Refused("place_unknown", area=missing[0])
        there = set(
            PlaceName.objects.filter(place__in=keys.values(), valid_to__isnull=True).values_list(
                "place", "kind", "name"
            )
        )
        fresh = {
            (keys[each.area], each.kind, each.name): PlaceName(
                place_id=keys[each.area],
                name=each.name,
                kind=each.kind,
                lon=each.lon,
                lat=each.lat,
                source=each.source,
                valid_from=at,
            )
            for each in listed
            if (keys[each.area], each.kind, each.name) not in there
        }
        PlaceName.objects.bulk_create(fresh.values(), batch_size=_BATCH)
        if fresh:
            record(actor, "add_names", "places", "", at=at, data={"names": len(fresh)})
            stamps.bump(STAMP)
    return len(fresh)


def end_name(name: UUID, *, actor: str, at: datetime) -> None:
    """A spot's name is used no more; it stays in the history. Raises Refused for one that is not in use."""
    with transaction.atomic():
        _one_at_a_time()
        held = PlaceName.objects.filter(pk=name, valid_to__isnull=True).exclude(kind="official").select_related("place")
        row = held.first()
        if row is None:
            raise Refused("place_unknown", area="")
        PlaceName.objects.filter(pk=row.pk).update(valid_to=max(at, row.valid_from))
        area = row.place.area
        record(actor, "end_name", "place", area, at=at, area=area, data={"name": row.name, "kind": row.kind})
        stamps.bump(STAMP)


def _place(area: str) -> Place:
    try:
        return Place.objects.get(area=area, active_to__isnull=True)
    except Place.DoesNotExist:
        raise Refused("place_unknown", area=area) from None


def _one_at_a_time() -> None:
    """Writers of places wait for one another until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('linli.places'))")


def _broken(count: int) -> Refusal:
    words = Words(
        f"导入文件有 {count} 处错误，未作任何改动。请按错误文件逐行更正后重新导入。",
        f"The files hold {count} error(s); nothing was changed. Mend the rows of the error file and import again.",
    )
    return Refusal("import_broken", said_by=words)


def _too_early(at: datetime) -> Refusal:
    words = Words(
        f"已有晚于 {at:%Y-%m-%d %H:%M} 的变更，不能倒着记。请用当前时间导入。",
        f"There are changes after {at:%Y-%m-%d %H:%M}; history is not written backwards. Use the present time.",
    )
    return Refusal("import_too_early", said_by=words)


class _Import:
    """One import at work, inside its transaction."""

    def __init__(self, plan: Plan, at: datetime) -> None:
        self.plan = plan
        self.at = at
        self.outcome = Outcome()
        self.there = {place.area: place for place in Place.objects.filter(inside(plan.city))}
        self.keys: dict[str, UUID] = {area: place.id for area, place in self.there.items()}
        if any(place.active_from > at for place in self.there.values()):
            raise Refused(_too_early(at))

    def places(self) -> None:
        """New, renamed and reopened places with their official names."""
        new: list[Place] = []
        named: list[str] = []
        for area, wanted in self.plan.places.items():
            place = self.there.get(area)
            if place is None:
                new.append(self._new(wanted))
                named.append(area)
            elif self._differs(place, wanted):
                named.append(area)
        Place.objects.bulk_create(new, batch_size=_BATCH)
        self.outcome.added = dict(Counter(place.level for place in new))
        PlaceName.objects.filter(
            place__in=[self.keys[area] for area in named], kind="official", valid_to__isnull=True
        ).update(valid_to=self.at)
        PlaceName.objects.bulk_create(
            [
                PlaceName(
                    place_id=self.keys[area], name=self.plan.places[area].name, kind="official", valid_from=self.at
                )
                for area in named
            ],
            batch_size=_BATCH,
        )

    def _new(self, wanted: Wanted) -> Place:
        self.keys[wanted.area] = uuid7()
        upper = codes.parent_area(wanted.area)
        return Place(
            id=self.keys[wanted.area],
            code=codes.code_of(wanted.area),
            area=wanted.area,
            level=wanted.level,
            kind=wanted.kind,
            name=wanted.name,
            parent_id=self.keys[upper] if upper else None,
            active_from=self.at,
        )

    def _differs(self, place: Place, wanted: Wanted) -> bool:
        """Bring a place up to date; whether its official name begins anew."""
        renamed, reopened = place.name != wanted.name, place.active_to is not None
        kind = bool(wanted.kind) and place.kind != wanted.kind
        if renamed or reopened or kind:
            Place.objects.filter(pk=place.pk).update(name=wanted.name, kind=wanted.kind or place.kind, active_to=None)
            self.outcome.renamed += renamed
            self.outcome.reopened += reopened
            self.outcome.kinds_changed += kind
        else:
            self.outcome.unchanged += 1
        return renamed or reopened

    def boundaries(self) -> None:
        """New boundaries, and changed ones: the old stays with its end."""
        current = {
            each.place_id: each for each in Boundary.objects.filter(place__in=self.keys.values(), valid_to__isnull=True)
        }
        ended: list[UUID] = []
        new: list[Boundary] = []
        for area, outline in self.plan.outlines.items():
            there = current.get(self.keys[area])
            if there is not None:
                if _same(bytes(there.geometry), outline.wkb):
                    continue
                if there.valid_from > self.at:
                    raise Refused(_too_early(self.at))
                ended.append(there.id)
            new.append(self._boundary(area, outline))
        Boundary.objects.filter(id__in=ended).update(valid_to=self.at)
        Boundary.objects.bulk_create(new, batch_size=_BATCH)
        self.outcome.boundaries_changed = len(ended)
        self.outcome.boundaries_new = len(new) - len(ended)

    def _boundary(self, area: str, outline: Outline) -> Boundary:
        west, south, east, north = outline.shape.bounds
        return Boundary(
            place_id=self.keys[area],
            geometry=outline.wkb,
            min_lon=west,
            min_lat=south,
            max_lon=east,
            max_lat=north,
            source=outline.source[:200],
            crs_given=outline.crs,
            valid_from=self.at,
        )

    def close(self, areas: Iterable[str]) -> None:
        """Close places with everything below them."""
        tops = tuple(areas)
        gone = [
            place.id for area, place in self.there.items() if place.active_to is None and area.startswith(tops) and tops
        ]
        self.outcome.closed = Place.objects.filter(id__in=gone).update(active_to=self.at)
        Boundary.objects.filter(place__in=gone, valid_to__isnull=True).update(valid_to=self.at)
        PlaceName.objects.filter(place__in=gone, valid_to__isnull=True).update(valid_to=self.at)


def _same(one: bytes, other: bytes) -> bool:
    if one == other:
        return True
    return bool(shapely.equals_exact(shapely.from_wkb(one), shapely.from_wkb(other), _SAME))
