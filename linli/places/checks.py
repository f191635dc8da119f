"""Checks of polygons: self-crossing, holes, impossible coordinates, overlaps, gaps, outside the parent. Pure."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon

from linli.core.words import Words
from linli.places.coordinates import CoordinateError, checked, looks_swapped, to_wgs84
from linli.places.findings import ERROR, NOTE, WARNING, Finding, Spot
from linli.places.tiling import Shape, snapped

_METRES: Final = math.pi / 180 * 6_371_008.8  # one degree of latitude on the mean sphere
REPAIR_LIMIT: Final = 0.001  # a repair may move this share of the area at most
OVERLAP_LIMIT: Final = 0.05  # of the smaller polygon; more means that one of the two is wrong
OUTSIDE_LIMIT: Final = 0.005
SLIVER_WIDTH: Final = 30.0  # metres; map publishers simplify their lines by about this much


def square_metres(shape: Any) -> float:
    """The area in m² (sphere, good to 0.5 %)."""
    if shape.is_empty:
        return 0.0
    middle = math.radians((shape.bounds[1] + shape.bounds[3]) / 2)
    return float(shape.area * _METRES * _METRES * math.cos(middle))


def _width(shape: Any) -> float:
    """The mean width of a sliver in metres."""
    return 2 * math.sqrt(square_metres(shape) * shape.area) / shape.length if shape.length else 0.0


def _where(shape: Any) -> str:
    point = shape.representative_point()
    return f"{point.x:.6f}, {point.y:.6f}"


def _area(metres: float) -> str:
    return f"{metres / 1e6:.3f} km²" if metres >= 1e5 else f"{metres:.0f} m²"


def polygon(geometry: Mapping[str, Any], given: str, spot: Spot) -> tuple[Shape | None, list[Finding]]:
    """A GeoJSON geometry in the system *given* as a valid WGS84 polygon on the grid of 1e-7°, and what was found.

    None when there is an error.
    """
    kind = geometry.get("type") if isinstance(geometry, Mapping) else None
    if kind not in ("Polygon", "MultiPolygon"):
        return None, [_not_polygon(spot, kind)]
    try:
        nested = geometry["coordinates"]
        rings = [nested] if kind == "Polygon" else list(nested)
        parts = [Polygon(_ring(p[0], given), [_ring(hole, given) for hole in p[1:]]) for p in rings if len(p)]
    except CoordinateError as error:
        mend = ("请在原文件中更正坐标后重新导入。", "Correct the coordinates in the file and import it again.")
        return None, [spot.found(error.code, (error.words.zh, error.words.en), mend)]
    except (KeyError, TypeError, ValueError, IndexError, shapely.errors.ShapelyError):
        return None, [_not_polygon(spot, kind)]
    raw: Shape = parts[0] if len(parts) == 1 else MultiPolygon(parts)
    if raw.is_empty:
        return None, [_not_polygon(spot, kind)]
    return _valid(raw, spot)


def _ring(points: Sequence[Sequence[Any]], given: str) -> NDArray[Any]:
    """The points of a ring in WGS84; numbers only (a text that looks like a number is a mistake of the file)."""
    if any(isinstance(value, str | bool) for point in points for value in point[:2]):
        raise CoordinateError("not_a_number", Words("坐标应为数字，不是文字。", "Coordinates are numbers, not texts."))
    pairs = np.array([[point[0], point[1]] for point in points], dtype=float)
    lon, lat = checked(pairs[:, 0], pairs[:, 1])
    swapped = looks_swapped(float(lon[0]), float(lat[0]))
    if swapped:
        raise CoordinateError("swapped", _swapped(float(lon[0]), float(lat[0])))
    return np.column_stack(to_wgs84(lon, lat, given))


def _swapped(lon: float, lat: float) -> Words:
    return Words(
        f"经度和纬度好像写反了（{lon}，{lat}）。请把经度写在前，纬度写在后。",
        f"Longitude and latitude look swapped ({lon}, {lat}). Write longitude first, then latitude.",
    )


def _not_polygon(spot: Spot, kind: object) -> Finding:
    return spot.found(
        "not_a_polygon",
        (f"不是完整的面（{kind or '空'}）。", f"This is no complete polygon ({kind or 'empty'})."),
        (
            "请改为 Polygon 或 MultiPolygon，每个环至少四个点。",
            "Use Polygon or MultiPolygon; each ring has four points or more.",
        ),
    )


def _valid(raw: Shape, spot: Spot) -> tuple[Shape | None, list[Finding]]:
    if raw.is_valid:
        return snapped(raw), []
    reason = shapely.is_valid_reason(raw)
    numbers = reason[reason.find("[") + 1 : -1].split() if "[" in reason else []
    at = ", ".join(f"{float(number):.6f}" for number in numbers)
    mended = shapely.make_valid(raw, method="structure", keep_collapsed=False)
    moved = abs(mended.area - raw.area) / max(raw.area, 1e-18) if raw.area > 0 else 1.0
    if mended.is_empty or moved > REPAIR_LIMIT or not isinstance(mended, Polygon | MultiPolygon):
        problem = (f"边界线自相交（{at}）。", f"The outline crosses itself (at {at}).")
        mend = ("请在制图软件中修正该处的顶点。", "Mend the vertices there in a map editor (“fix geometries”).")
        return None, [spot.found("self_crossing", problem, mend)]
    problem = (
        f"边界线在 {at} 处自相接，已自动修复，面积变化 {moved:.4%}。",
        f"The outline touches itself at {at}; it was repaired, the area moved by {moved:.4%}.",
    )
    mend = ("可以照用；如需精确，请向来源单位核对。", "It can be used as it is; ask its publisher if it must be exact.")
    return snapped(mended), [spot.found("self_touching", problem, mend, WARNING)]


def _holes(spot: Spot, shape: Shape, others: Sequence[Shape]) -> list[Finding]:
    """Holes that no other place of the level fills."""
    rings = [Polygon(ring) for part in shapely.get_parts(shape) for ring in part.interiors]
    if not rings:
        return []
    rest = shapely.difference(shapely.union_all(rings), shapely.union_all(others))
    total = square_metres(rest)
    if total < 1:
        return []
    problem = (
        f"面内有洞，共 {_area(total)} 不属于同级的任何地方，例如在 {_where(rest)}。",
        f"Holes of {_area(total)} in it belong to no other place of the level, for instance at {_where(rest)}.",
    )
    mend = ("如果洞内不属于别的地方，请填上。", "Fill the hole unless what lies in it belongs to another place.")
    return [spot.found("hole", problem, mend, WARNING)]


def siblings(
    shapes: Sequence[tuple[Spot, Shape]], parent: Shape | None = None, *, complete: bool = False
) -> list[Finding]:
    """Overlaps between polygons of one level, holes, gaps enclosed by them, and parts outside the *parent*'s polygon.

    *complete*: these are all the places of the parent, so whatever they leave of it is a gap as well.
    """
    found = _overlaps(shapes) + _gaps(shapes, parent if complete else None)
    for spot, shape in shapes:
        found += _holes(spot, shape, [other for _, other in shapes if other is not shape])
        if parent is not None:
            found += _outside(spot, shape, parent)
    return found


def _overlaps(shapes: Sequence[tuple[Spot, Shape]]) -> list[Finding]:
    polygons = np.array([shape for _, shape in shapes], dtype=object)
    if len(polygons) < 2:
        return []
    first, second = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    keep = first < second
    found, slivers = [], []
    for a, b in zip(first[keep].tolist(), second[keep].tolist(), strict=True):
        common = shapely.intersection(polygons[a], polygons[b])
        metres = square_metres(common)
        if metres < 1:
            continue
        share = common.area / min(polygons[a].area, polygons[b].area)
        if share <= OVERLAP_LIMIT and _width(common) < SLIVER_WIDTH:
            slivers.append(metres)
            continue
        found.append(_overlap(shapes[a][0], shapes[b][0], common, share))
    return found + _slivers(shapes[0][0].file, slivers)


def _overlap(one: Spot, other: Spot, common: Any, share: float) -> Finding:
    area, where = _area(square_metres(common)), _where(common)
    return one.found(
        "overlap",
        (
            f"与 {other.code}（{other.file} 第 {other.row} 行）重叠 {area}（较小者的 {share:.1%}），在 {where}。",
            f"Overlaps {other.code} ({other.file}, row {other.row}) by {area} ({share:.1%} of the smaller) at {where}.",
        ),
        (
            "请在制图软件中把重叠处划给其中一方；未改之前归代码较小者。",
            "Give the overlap to one of the two in a map editor; until then it belongs to the smaller code.",
        ),
        ERROR if share > OVERLAP_LIMIT else WARNING,
    )


def _slivers(file: str, areas: Sequence[float]) -> list[Finding]:
    if not areas:
        return []
    total = _area(sum(areas))
    problem = (
        f"相邻边界间有 {len(areas)} 处窄条重叠（宽不足 {SLIVER_WIDTH:.0f} 米），共 {total}，予以容忍。",
        f"{len(areas)} overlap(s) under {SLIVER_WIDTH:.0f} m wide, {total} together: tolerated.",
    )
    mend = ("无需处理；重叠处归代码较小者。", "Nothing to do; an overlap belongs to the smaller code.")
    return [Spot(file, 0, "").found("sliver", problem, mend, NOTE)]


def _gaps(shapes: Sequence[tuple[Spot, Shape]], parent: Shape | None) -> list[Finding]:
    union = shapely.union_all([shape for _, shape in shapes])
    own = [Polygon(r) for _, s in shapes for part in shapely.get_parts(s) for r in part.interiors]
    rings = [Polygon(ring) for part in shapely.get_parts(union) for ring in part.interiors]
    empty = shapely.union_all(rings)
    if parent is not None:
        empty = shapely.union_all([empty, shapely.difference(parent, union)])
    found, slivers = [], []
    for gap in shapely.get_parts(shapely.difference(empty, shapely.union_all(own))):
        metres = square_metres(gap)
        if metres < 1 or not isinstance(gap, Polygon):
            continue
        if _width(gap) < SLIVER_WIDTH:
            slivers.append(metres)
        else:
            found.append(_gap(shapes, gap, metres))
    if slivers:
        total = _area(sum(slivers))
        problem = (
            f"边界间有 {len(slivers)} 处窄缝（宽不足 {SLIVER_WIDTH:.0f} 米），共 {total}，予以容忍。",
            f"{len(slivers)} gap(s) under {SLIVER_WIDTH:.0f} m wide, {total} together: tolerated.",
        )
        mend = ("无需处理；缝里的点请由人工判定。", "Nothing to do; a person decides about points in a gap.")
        found.append(Spot(shapes[0][0].file, 0, "").found("sliver", problem, mend, NOTE))
    return found


def _gap(shapes: Sequence[tuple[Spot, Shape]], gap: Any, metres: float) -> Finding:
    near = sorted(spot.code for spot, shape in shapes if shape.distance(gap) < 1e-6)  # about 10 cm
    return Spot(shapes[0][0].file, 0, near[0] if near else "").found(
        "gap",
        (
            f"{'、'.join(near)} 旁有 {_area(metres)} 的空隙，在 {_where(gap)}。",
            f"A gap of {_area(metres)} beside {', '.join(near)} at {_where(gap)}.",
        ),
        ("请在制图软件中把空隙划给其中一方。", "Give the gap to one of them in a map editor."),
        WARNING,
    )


def _outside(spot: Spot, shape: Shape, parent: Shape) -> list[Finding]:
    rest = shapely.difference(shape, parent)
    share = rest.area / shape.area if shape.area else 0.0
    if share <= OUTSIDE_LIMIT:
        return []
    problem = (
        f"有 {share:.1%}（{_area(square_metres(rest))}）在上级地方的边界之外，例如在 {_where(rest)}。",
        f"{share:.1%} of it ({_area(square_metres(rest))}) lies outside the place above, as at {_where(rest)}.",
    )
    mend = ("请核对代码、坐标系和上级边界。", "Check the code, the coordinate system and the boundary above.")
    return [spot.found("outside_parent", problem, mend, ERROR if share > 0.5 else WARNING)]
