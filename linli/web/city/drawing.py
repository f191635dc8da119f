"""Maps and trends drawn by the server as plain SVG: they print, need no script, and each place is a link."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from linli.places import queries as places

ORDER: Final = ("city", "county", "township", "village", "grid")
COARSE: Final = {"city": 400.0, "county": 150.0, "township": 60.0, "village": 15.0, "grid": 3.0}  # metres
WIDTH: Final = 1000.0
NAMED: Final = 26  # with more places than this only the symbols are written
KEPT: Final = 64
_cache: dict[tuple[object, ...], "Drawing"] = {}


@dataclass(frozen=True, slots=True)
class Shape:
    """One place: its path and where its name stands, in the drawing's units."""

    area: str
    name: str
    path: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Drawing:
    """Places of one level. *size* is the letters' height."""

    width: int
    height: int
    size: int
    shapes: tuple[Shape, ...]

    @property
    def named(self) -> bool:
        return len(self.shapes) <= NAMED


EMPTY: Final = Drawing(0, 0, 0, ())


def below(area: str) -> Drawing:
    """What lies directly below *area*, or the place itself where nothing is drawn below it. Usually no query."""
    snap = places.snapshot()
    key = (snap.version, area)
    if key not in _cache:
        if len(_cache) >= KEPT:
            _cache.clear()
        _cache[key] = _drawn(area)
    return _cache[key]


def _drawn(area: str) -> Drawing:
    own = next((i for i, n in enumerate((4, 6, 9, 12, 15)) if n == len(area)), 0)
    for level in (*ORDER[own + 1 : own + 2], ORDER[own]):
        features = places.geojson(area, level, COARSE[level])["features"]
        if features:
            return of_features(features)
    return EMPTY


def of_features(features: Sequence[Mapping[str, Any]]) -> Drawing:
    """Project GeoJSON features to a flat drawing: degrees of longitude shrink with the cosine of the latitude."""
    spots = [spot for each in features for ring in _rings(each) for spot in ring]
    if not spots:
        return EMPTY
    west, east = min(s[0] for s in spots), max(s[0] for s in spots)
    south, north = min(s[1] for s in spots), max(s[1] for s in spots)
    shrink = math.cos(math.radians((south + north) / 2))
    scale = WIDTH / max((east - west) * shrink, (north - south) * 1.2, 1e-9)

    def flat(spot: Sequence[float]) -> tuple[float, float]:
        return round((spot[0] - west) * shrink * scale + 4, 1), round((north - spot[1]) * scale + 4, 1)

    shapes = []
    for each in features:
        rings = [[flat(spot) for spot in ring] for ring in _rings(each)]
        path = "".join("M" + "L".join(f"{x:g} {y:g}" for x, y in ring) + "z" for ring in rings if ring)
        x, y = _middle(max(rings, key=len, default=[]))
        shapes.append(Shape(each["properties"]["area"], each["properties"]["name"], path, x, y))
    width, height = flat((east, south))
    size = 34 if len(shapes) <= 12 else 24 if len(shapes) <= NAMED else 18
    return Drawing(math.ceil(width + 4), math.ceil(height + 4), size, tuple(shapes))


def _rings(feature: Mapping[str, Any]) -> Iterable[Sequence[Sequence[float]]]:
    shape = feature["geometry"]
    if shape["type"] == "Polygon":
        return list(shape["coordinates"])
    return [ring for polygon in shape.get("coordinates", ()) for ring in polygon]


def _middle(ring: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The centroid of a ring; the mean of its corners where it has no area."""
    if not ring:
        return 0.0, 0.0
    double = cx = cy = 0.0
    for (x1, y1), (x2, y2) in zip(ring, [*ring[1:], ring[0]], strict=True):
        cross = x1 * y2 - x2 * y1
        double += cross
        cx += (x1 + x2) * cross
        cy += (y1 + y2) * cross
    if abs(double) < 1e-6:
        return round(sum(x for x, _ in ring) / len(ring), 1), round(sum(y for _, y in ring) / len(ring), 1)
    return round(cx / (3 * double), 1), round(cy / (3 * double), 1)


@dataclass(frozen=True, slots=True)
class Trend:
    """A line over days, 140 by 36 units: *lines* are unbroken pieces, *dots* days that stand alone, *last* its end."""

    lines: tuple[str, ...]
    dots: tuple[tuple[float, float], ...]
    last: tuple[float, float] | None


def trend(values: Sequence[float | None]) -> Trend:
    """From 0 % at the bottom to 100 % at the top; a day without cases leaves a gap."""
    step = 132 / max(len(values) - 1, 1)
    pieces: list[list[tuple[float, float]]] = [[]]
    for n, value in enumerate(values):
        if value is None:
            pieces.append([])
        else:
            pieces[-1].append((round(4 + n * step, 1), round(32 - 28 * value, 1)))
    pieces = [piece for piece in pieces if piece]
    lines = tuple(" ".join(f"{x:g},{y:g}" for x, y in piece) for piece in pieces if len(piece) > 1)
    dots = tuple(piece[0] for piece in pieces if len(piece) == 1)
    return Trend(lines, dots, pieces[-1][-1] if pieces else None)
