"""Whether boundaries fit one another, the place above, and what stood there before. Pure."""

import math
from collections import defaultdict
from collections.abc import Mapping
from typing import Final

import shapely

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
        before, now = shapely.centroid(shapely.from_wkb(place.wkb)), shapely.centroid(each.shape)
        if _metres(before.x, before.y, now.x, now.y) < _FAR:
            continue
        raw = from_wgs84(now.x, now.y, each.crs)
        for system in SYSTEMS:
            if system != CGCS2000 and _metres(before.x, before.y, *to_wgs84(*raw, system)) < _NEAR:
                plan.findings.append(_shifted(Spot(each.source, 0, codes.code_of(area)), each.crs, system))


def _metres(x: float, y: float, other_x: float, other_y: float) -> float:
    return math.hypot((x - other_x) * math.cos(math.radians(y)), y - other_y) * _METRES


def _shifted(spot: Spot, said: str, likely: str) -> Finding:
    problem = (
        f"与现有边界的错位恰好等于坐标系之差：所说的是 {said}，看来是 {likely}。",
        f"It lies off the present boundary by just the shift between systems: {said} was stated, {likely} is likely.",
    )
    mend = (f"请核对坐标系，可能应写 --crs {likely}。", f"Check the coordinate system; --crs {likely} may be right.")
    return spot.found("wrong_system", problem, mend)
