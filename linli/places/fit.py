"""Whether boundaries fit one another, the place above, and what stood there before. Pure."""

import math
from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from linli.places import checks, codes
from linli.places.coordinates import CGCS2000, SYSTEMS, from_wgs84, to_wgs84
from linli.places.findings import Finding, Spot
from linli.places.plan import GENERATED, Plan, Standing
from linli.places.tiling import Shape

_METRES: Final = 111_195.0  # a degree of latitude
_NEAR, _FAR = 5.0, 50.0


def check_fit(plan: Plan, standing: Mapping[str, Standing]) -> None:
    """Check the plan's boundaries against siblings (those that stand, too) and against the polygon above."""
    drawn = _drawn(plan, standing)
    there = plan.places.keys() | {area for area, place in standing.items() if place.active}
    families: dict[str | None, list[str]] = defaultdict(list)
    for area in sorted(drawn):
        families[codes.parent_area(area)].append(area)
    listed: dict[str | None, int] = defaultdict(int)
    for area in there:
        listed[codes.parent_area(area)] += 1
    for upper, members in families.items():
        if not any(area in plan.outlines for area in members):
            continue
        shapes = [(Spot(drawn[area][1], 0, codes.code_of(area)), drawn[area][0]) for area in members]
        above = drawn[upper][0] if upper in drawn else None
        complete = len(members) >= listed[upper]
        plan.findings += checks.siblings(shapes, above, complete=complete)


def _drawn(plan: Plan, standing: Mapping[str, Standing]) -> dict[str, tuple[Shape, str]]:
    """Boundaries that were drawn, with their source: the plan's, and those that stand and stay."""
    found = {area: (each.shape, each.source) for area, each in plan.outlines.items()}
    for area, place in standing.items():
        gone = plan.close and area in plan.vanished
        if area not in found and place.active and place.wkb is not None and place.source != GENERATED and not gone:
            found[area] = (shapely.from_wkb(place.wkb), place.source)
    return found


def check_shifts(plan: Plan, standing: Mapping[str, Standing]) -> None:
    """Find boundaries that moved just as far as a wrongly stated coordinate system moves them."""
    for area, each in plan.outlines.items():
        place = standing.get(area)
        if place is None or place.wkb is None or place.source == GENERATED:
            continue
        before = shapely.from_wkb(place.wkb)
        if _apart(before, each.shape) < _FAR:
            continue
        for system in SYSTEMS:
            if system != CGCS2000 and _apart(before, _read_as(each.shape, each.crs, system)) < _NEAR:
                plan.findings.append(_shifted(Spot(each.source, 0, codes.code_of(area)), each.crs, system))


def _read_as(shape: Shape, stated: str, system: str) -> Shape:
    """The shape as it would be, had its file been of another system than was stated."""

    def moved(points: NDArray[Any]) -> NDArray[Any]:
        return np.column_stack(to_wgs84(*from_wgs84(points[:, 0], points[:, 1], stated), system))

    return shapely.transform(shape, moved)


def _apart(one: Shape, other: Shape) -> float:
    """Metres between the middles."""
    a, b = shapely.centroid(one), shapely.centroid(other)
    return math.hypot((a.x - b.x) * math.cos(math.radians(a.y)), a.y - b.y) * _METRES


def _shifted(spot: Spot, said: str, likely: str) -> Finding:
    problem = (
        f"与现有边界的错位恰好等于坐标系之差：所说的是 {said}，看来是 {likely}。",
        f"It lies off the present boundary by just the shift between systems: {said} was stated, {likely} is likely.",
    )
    mend = (f"请核对坐标系，可能应写 --crs {likely}。", f"Check the coordinate system; --crs {likely} may be right.")
    return spot.found("wrong_system", problem, mend)
