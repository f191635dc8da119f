"""The land of the fictional city: an outline of hills, a river through it, and the tree of places that tile it."""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import shapely
from shapely import LineString, Polygon
from shapely.ops import split

from linli.places.tiling import Branch, Region, Shape, tile
from linli.site.demo import words
from linli.site.demo.sizes import Size, shares, uneven

CENTRE = (111.35, 27.62)
"""Longitude and latitude: somewhere in the south, so that the mathematics of Chinese maps applies. Nothing there is meant."""


@dataclass(frozen=True, slots=True)
class Spot:
    """One place: area, name, level, and whether it is town or country."""

    area: str
    name: str
    level: str
    kind: str
    urban: bool


@dataclass(slots=True)
class Land:
    """The places from the city down to grids, in order of area, their polygons, and the river."""

    spots: dict[str, Spot] = field(default_factory=dict)
    shapes: dict[str, Shape] = field(default_factory=dict)
    river: LineString = field(default_factory=LineString)

    def at(self, level: str) -> list[Spot]:
        """All places of a level, by area."""
        return [spot for spot in self.spots.values() if spot.level == level]


def make(size: Size, seed: int, said: Callable[[int], None] = lambda done: None) -> Land:
    """The land for a size and a seed; *said* hears how many cells are placed."""
    rng = random.Random(f"land {seed}")
    outline, river = drawn(size.radius, rng)
    banks = sorted(split(outline, river).geoms, key=lambda bank: -bank.area)[:2]
    land = Land(river=river)
    spots, branches = _tree(size, rng, [bank.area for bank in banks])
    regions = [
        Region(f"bank{number}", bank, branches[number]) for number, bank in enumerate(banks) if branches[number]
    ]
    tiles = tile(regions, seed, said)
    land.shapes = dict(tiles.places)
    for village, cells in tiles.cells.items():
        upper = spots[village]
        for number, cell in enumerate(cells, 1):
            area = f"{village}{number:03d}"
            spots[area] = Spot(area, f"{upper.name}第{number}网格", "grid", "", upper.urban)
            land.shapes[area] = cell
    counties = [land.shapes[area] for area in spots if len(area) == 6]
    land.shapes[words.city()["area"]] = shapely.coverage_union_all(counties)
    land.spots = {area: spots[area] for area in sorted(spots)}
    return land


def drawn(radius: float, rng: random.Random) -> tuple[Polygon, LineString]:
    """An outline like hills seen from above, and a river that runs through it from north-west to south-east."""
    waves = [(k, rng.uniform(0.3, 1.0) / k, rng.uniform(0, math.tau)) for k in range(2, 16)]
    turns = np.linspace(0, math.tau, 360, endpoint=False)
    rough = sum(0.16 * share * np.sin(k * turns + shift) for k, share, shift in waves)
    reach = radius * (1 + rough)
    stretch = math.cos(math.radians(CENTRE[1]))
    outline = Polygon(zip(CENTRE[0] + reach * np.cos(turns) / stretch, CENTRE[1] + reach * np.sin(turns), strict=True))
    along = np.linspace(-1.6, 1.6, 240)
    bends = [(k, rng.uniform(0.4, 1.0) / k, rng.uniform(0, math.tau)) for k in range(2, 9)]
    aside = 0.05 + sum(0.13 * share * np.sin(k * along + shift) for k, share, shift in bends)
    east = CENTRE[0] + radius * (along * 0.9 + aside * 0.4) / stretch
    north = CENTRE[1] + radius * (-along * 0.45 + aside)
    return outline, LineString(zip(east, north, strict=True))


def _tree(
    size: Size, rng: random.Random, banks: list[float]
) -> tuple[dict[str, Spot], list[tuple[Branch, ...]]]:
    """Spots down to the villages, and the branches for each bank of the river."""
    city = words.city()
    names = words.data("names")["places"]
    stems = words.stems(rng)
    spots = {city["area"]: Spot(city["area"], city["name"], "city", "", urban=True)}
    on_bank = uneven(size.counties, banks) if size.counties > len(banks) else shares(size.counties, len(banks))
    bank_of = [bank for bank, count in enumerate(on_bank) for _ in range(count)]
    weights = [rng.uniform(0.7, 1.5) for _ in range(size.counties)]
    townships = shares(size.townships, size.counties) if size.named else uneven(size.townships, weights)
    villages = iter(
        shares(size.villages, size.townships)
        if size.named
        else uneven(size.villages, [rng.uniform(0.5, 1.6) for _ in range(size.townships)])
    )
    grids = iter(
        shares(size.grids, size.villages)
        if size.named
        else uneven(size.grids, [rng.uniform(0.6, 1.6) for _ in range(size.villages)])
    )
    listed = iter(names["villages"] if size.named else ())
    branches: list[list[Branch]] = [[], []]
    for county in range(size.counties):
        name = names["counties"][county]
        area = f"{city['area']}{county + 2 if name.endswith('区') else county + 21:02d}"
        spots[area] = Spot(area, name, "county", "", name.endswith(("区", "市")))
        streets = names["townships"][county] if size.named else ()
        below = tuple(
            _township(f"{area}{number + 1:03d}", spots, next(villages), grids, stems, streets[number:], listed, rng)
            for number in range(townships[county])
        )
        branches[bank_of[county]].append(Branch(area, below))
    return spots, [tuple(each) for each in branches]


def _township(  # noqa: PLR0917
    area: str,
    spots: dict[str, Spot],
    villages: int,
    grids: "object",
    stems: "object",
    named: tuple[str, ...] | list[str],
    listed: "object",
    rng: random.Random,
) -> Branch:
    raise NotImplementedError
