"""Reads. The tree, the locator and the gazetteer are held in memory per version of the places."""

import json
import threading
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, Final, NamedTuple

import numpy as np
import shapely
from django.db import connection
from django.db.models import F, FilteredRelation, Q, QuerySet

from linli.kernel import clock
from linli.places import codes
from linli.places.cells import short_name
from linli.places.index import Entry, PlaceIndex
from linli.places.locator import Locator
from linli.places.models import Boundary, Place, PlaceName
from linli.places.plan import Standing

STAMP: Final = "places"
_METRES_A_DEGREE: Final = 111_195.0


class GazetteerRow(NamedTuple):
    """A name, the area it means, and what it stands for (official, alias, road, estate, landmark, building)."""

    name: str
    area: str
    kind: str


def inside(area: str, field: str = "area") -> Q:
    """The condition “lies in *area*” (itself included); a range scan on the C-collated column."""
    return Q(**{f"{field}__gte": area, f"{field}__lt": area + "~"})


def active() -> QuerySet[Place]:
    """All places that are not closed."""
    return Place.objects.filter(active_to__isnull=True)


def visible_to(areas: Iterable[str]) -> QuerySet[Place]:
    """Active places inside any of the areas that someone's posts serve."""
    condition = Q(pk__in=())
    for area in set(areas):
        condition |= inside(area)
    return active().filter(condition)


def _drawn() -> Any:
    """Places with their ``current`` boundary, or none; a queryset (the checker cannot know the relation's name)."""
    current = FilteredRelation("boundaries", condition=Q(boundaries__valid_to__isnull=True))
    return Place.objects.annotate(current=current)


class Snapshot:
    """The active places of one version. Parts are read when first asked for: one query each."""

    def __init__(self, version: tuple[object, ...]) -> None:
        self.version = version

    @cached_property
    def index(self) -> PlaceIndex:
        """The tree."""
        rows = list(
            _drawn()
            .filter(active_to__isnull=True)
            .values_list("area", "name", "level", "kind", "id", "current__geometry")
        )
        middles = shapely.get_coordinates(
            shapely.centroid(shapely.from_wkb([bytes(row[5]) if row[5] is not None else None for row in rows]))
        )
        given = iter(middles.tolist())
        return PlaceIndex(
            Entry(area, name, level, kind, str(key), *(next(given) if wkb is not None else (None, None)))
            for area, name, level, kind, key, wkb in rows
        )

    @cached_property
    def locator(self) -> Locator:
        """Points to areas."""
        rows = (
            Boundary.objects.filter(valid_to__isnull=True, place__active_to__isnull=True)
            .order_by("place__area")
            .values_list("place__area", "geometry")
        )
        pairs = [(area, bytes(wkb)) for area, wkb in rows]
        return Locator([area for area, _ in pairs], [wkb for _, wkb in pairs])

    @cached_property
    def gazetteer(self) -> tuple[GazetteerRow, ...]:
        """All names by which places are called, each (name, area) once."""
        found: dict[tuple[str, str], str] = {}
        rows = list(
            PlaceName.objects.filter(place__active_to__isnull=True)
            .order_by(F("valid_to").desc(nulls_first=True), "place__area", "name")
            .values_list("name", "place__area", "kind", "valid_to", "place__level")
        )
        for name, area, kind, ended, _ in rows:
            if ended is None or kind == "official":  # people go on using an old official name
                found.setdefault((name, area), kind if ended is None else "alias")
        for name, area, kind, _, level in rows:
            if kind == "official" and level in ("county", "village"):
                found.setdefault((_said(name, level), area), "alias")
        return tuple(GazetteerRow(name, area, kind) for (name, area), kind in found.items())


def _said(name: str, level: str) -> str:
    """How people shorten an official name; the name itself where they don't."""
    if level == "village":
        return short_name(name)
    head = name.removesuffix("自治县")
    for people in ("彝族", "藏族", "羌族", "苗族", "土家族", "回族", "壮族", "侗族", "瑶族", "满族", "蒙古族"):
        head = head.replace(people, "")
    return head + "县" if head and name.endswith("自治县") else name


_lock = threading.Lock()
_held: Snapshot | None = None
_checked_at = float("-inf")


def _version() -> tuple[object, ...]:
    """The stamp, and the newest keys (a stamp that was rolled back may come again with other rows). One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT n FROM kernel_stamp WHERE name = %s),"
            " (SELECT id FROM places_place ORDER BY id DESC LIMIT 1),"
            " (SELECT id FROM places_boundary ORDER BY id DESC LIMIT 1),"
            " (SELECT id FROM places_name ORDER BY id DESC LIMIT 1), current_database()",
            [STAMP],
        )
        return tuple(cursor.fetchone() or ())


def snapshot(max_age: float = 1.0) -> Snapshot:
    """The places in memory. Whether they changed is asked at most every *max_age* seconds (0: now)."""
    global _held, _checked_at
    held = _held
    if held is not None and clock.monotonic() - _checked_at < max_age:
        return held
    version = _version()
    with _lock:
        if _held is None or _held.version != version:
            _held = Snapshot(version)
        _checked_at = clock.monotonic()
        return _held


def chain(area: str) -> tuple[Entry, ...]:
    """A place and all above it, city first."""
    return snapshot().index.chain(area)


def children(area: str = "") -> tuple[Entry, ...]:
    """The places one level below; of ``""``: the cities."""
    return snapshot().index.children(area)


def visible_tree(areas: Iterable[str], down_to: str = "village") -> list[dict[str, Any]]:
    """The tree that someone with these areas sees: the areas with what is below, under the names above them."""
    index = snapshot().index
    wanted = set(areas)
    kept: dict[str, dict[str, Any]] = {}
    roots: list[dict[str, Any]] = []
    tops = sorted(area for area in wanted if not any(area != other and area.startswith(other) for other in wanted))
    for top in tops:
        for entry in (*index.chain(top)[:-1], *index.walk(top, down_to)):
            if entry.area in kept:
                continue
            node = {"area": entry.area, "code": entry.code, "name": entry.name, "level": entry.level, "children": []}
            kept[entry.area] = node
            above = kept.get(codes.parent_area(entry.area) or "")
            (above["children"] if above else roots).append(node)
    return roots


def gazetteer_rows() -> tuple[GazetteerRow, ...]:
    """The names for understanding."""
    return snapshot().gazetteer


def geojson(area: str, level: str, simplify: float = 0.0) -> dict[str, Any]:
    """The current polygons of a level inside an area as a GeoJSON FeatureCollection (WGS84). One query.

    *simplify* is in metres; neighbours stay together, because shared edges are simplified once.
    """
    rows = list(
        Boundary.objects.filter(inside(area, "place__area"), valid_to__isnull=True, place__active_to__isnull=True)
        .filter(place__level=level)
        .order_by("place__area")
        .values_list("place__area", "place__name", "place__kind", "source", "geometry")
    )
    shapes: Any = shapely.from_wkb([bytes(row[4]) for row in rows])
    if simplify > 0 and rows:
        shapes = shapely.coverage_simplify(np.asarray(shapes), simplify / _METRES_A_DEGREE)
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": key,
                "properties": {"area": key, "code": codes.code_of(key), "name": name, "kind": kind, "source": source},
                "geometry": json.loads(shapely.to_geojson(shape)),
            }
            for (key, name, kind, source, _), shape in zip(rows, shapes, strict=True)
        ],
    }


def standing(city: str) -> dict[str, Standing]:
    """All places of a city as they stand, closed ones too, for the plan of an import. One query."""
    rows = (
        _drawn()
        .filter(inside(city))
        .values_list("area", "name", "active_to", "kind", "current__geometry", "current__source")
    )
    return {
        area: Standing(name, ended is None, kind, bytes(wkb) if wkb is not None else None, source or "")
        for area, name, ended, kind, wkb, source in rows
    }


def history(areas: Sequence[str]) -> QuerySet[PlaceName]:
    """The names of places through time, newest first."""
    return PlaceName.objects.filter(place__area__in=areas).order_by("place__area", "-valid_from")
