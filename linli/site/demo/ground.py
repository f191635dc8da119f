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
"""Longitude and latitude somewhere in the south, so that Chinese map mathematics applies. Nothing there is meant."""


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
    tree = _Tree(size, rng)
    branches = tree.grow([bank.area for bank in banks])
    spots = tree.spots
    regions = [Region(f"bank{number}", bank, branches[number]) for number, bank in enumerate(banks)]
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


class _Tree:
    """Names and numbers the places down to the villages; grids follow when the cells are cut."""

    def __init__(self, size: Size, rng: random.Random) -> None:
        self.size, self.rng = size, rng
        self.names = words.data("names")["places"]
        self.stems = words.stems(rng)
        self.spots: dict[str, Spot] = {}
        self.villages = iter(self._spread(size.villages, size.townships))
        self.grids = iter(self._spread(size.grids, size.villages))
        self.listed = iter(self.names["villages"] if size.named else ())

    def _spread(self, total: int, parts: int) -> list[int]:
        """How many below each; a named city is even, others are as uneven as real ones."""
        if self.size.named:
            return shares(total, parts)
        return uneven(total, [self.rng.uniform(0.55, 1.6) for _ in range(parts)])

    def _put(self, area: str, name: str, level: str, kind: str = "", *, urban: bool) -> None:
        self.spots[area] = Spot(area, name, level, kind, urban)

    def grow(self, banks: list[float]) -> list[tuple[Branch, ...]]:
        """The branches on each bank of the river, which have these areas."""
        city = words.city()
        self._put(city["area"], city["name"], "city", urban=True)
        on_bank = uneven(self.size.counties, banks)
        bank_of = [bank for bank, count in enumerate(on_bank) for _ in range(count)]
        below = self._spread(self.size.townships, self.size.counties)
        found: list[list[Branch]] = [[] for _ in banks]
        for number, bank in enumerate(bank_of):
            found[bank].append(self._county(city["area"], number, below[number]))
        return [tuple(each) for each in found]

    def _county(self, city: str, number: int, townships: int) -> Branch:
        name = self.names["counties"][number]
        town = name.endswith(("区", "市"))
        area = f"{city}{number + (2 if name.endswith('区') else 21):02d}"
        self._put(area, name, "county", urban=town)
        listed = self.names["townships"][number] if self.size.named else []
        return Branch(
            area, tuple(self._township(area, each, listed[each : each + 1], town) for each in range(townships))
        )

    def _township(self, county: str, number: int, listed: list[str], town: bool) -> Branch:
        share = self.rng.random()
        suffix = ("街道" if share < 0.6 else "镇") if town else ("镇" if share < 0.55 else "乡")
        name = listed[0] if listed else next(self.stems) + suffix
        urban = name.endswith("街道") or (name.endswith("镇") and number == 0)
        first = {"道": 1, "镇": 101, "乡": 201}[name[-1]]  # GB/T 10114: streets, towns, townships
        area = f"{county}{number + first:03d}"
        self._put(area, name, "township", urban=urban)
        return Branch(area, tuple(self._village(area, each, urban) for each in range(next(self.villages))))

    def _village(self, township: str, number: int, urban: bool) -> Branch:
        here = urban or number == 0
        name = next(self.listed, None) or next(self.stems) + ("社区" if here else "村")
        here = name.endswith("社区")
        area = f"{township}{number + 1 if here else number + 201:03d}"
        self._put(area, name, "village", "community" if here else "village", urban=here)
        return Branch(area, cells=next(self.grids))
