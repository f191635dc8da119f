"""What stands in each grid: estates, roads, schools, markets; the gazetteer of the fictional city."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

import shapely
from shapely import Point

from linli.places.tiling import Shape
from linli.site.demo import words
from linli.site.demo.ground import Land, Spot


@dataclass(frozen=True, slots=True)
class Name:
    """A name in a grid, at a point (WGS84). *kind* as in the gazetteer: road, estate, landmark."""

    area: str
    name: str
    kind: str
    lon: float
    lat: float


@dataclass(slots=True)
class Gazetteer:
    """All names, by grid."""

    by_grid: dict[str, list[Name]] = field(default_factory=dict)

    def rows(self) -> Iterator[Name]:
        """Every name once."""
        for names in self.by_grid.values():
            yield from names


def make(land: Land, seed: int) -> Gazetteer:
    """Names for every grid: a road or two, estates or hamlets, landmarks. About five a grid."""
    rng = random.Random(f"names {seed}")
    found = Gazetteer()
    maker = _Maker(rng)
    for village in land.at("village"):
        roads = maker.roads(village)
        for number, grid in enumerate(_grids(land, village)):
            found.by_grid[grid.area] = maker.grid(grid, village, roads, number, land.shapes[grid.area])
    return found


def _grids(land: Land, village: Spot) -> Iterator[Spot]:
    number = 1
    while (spot := land.spots.get(f"{village.area}{number:03d}")) is not None:
        yield spot
        number += 1


class _Maker:
    """Keeps names from repeating inside a county, where people could not tell them apart."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.held = words.data("names")
        self.taken: set[tuple[str, str]] = set()

    def _free(self, county: str, name: str) -> bool:
        if (county, name) in self.taken:
            return False
        self.taken.add((county, name))
        return True

    def roads(self, village: Spot) -> list[str]:
        """Three roads of a village or community; town roads may run through several."""
        county = village.area[:6]
        pool = self.held["roads"]["names" if village.urban else "rural"]
        found: list[str] = []
        for name in self.rng.sample(pool, len(pool)):
            if len(found) == 2:
                break
            if self._free(county, name):
                found.append(name)
        stem = village.name.removesuffix("社区").removesuffix("村")
        own = [f"{stem}{tail}" for tail in (("路", "巷", "街") if village.urban else ("路", "环线", "支路"))]
        return (found + [name for name in own if self._free(county, name)])[:3]

    def grid(self, grid: Spot, village: Spot, roads: list[str], number: int, shape: Shape) -> list[Name]:
        """The names of one grid, each at a point inside it."""
        wanted = [(roads[number % len(roads)], "road")]
        if len(roads) > 1 and self.rng.random() < 0.5:
            wanted.append((roads[(number + 1) % len(roads)], "road"))
        homes = 2 if grid.urban else 1
        wanted += [(self._home(grid, village), "estate") for _ in range(homes)]
        marks = self.held["landmarks"]["urban" if grid.urban else "rural"]
        stem = village.name.removesuffix("社区").removesuffix("村")
        for offset in range(2 if self.rng.random() < 0.7 else 1):
            mark = f"{stem}{marks[(number * 2 + offset) % len(marks)]}"
            if self._free(grid.area[:6], mark):
                wanted.append((mark, "landmark"))
        return [Name(grid.area, name, kind, *self._inside(shape)) for name, kind in wanted]

    def _home(self, grid: Spot, village: Spot) -> str:
        estates: dict[str, list[str]] = self.held["estates"]
        county = grid.area[:6]
        for _ in range(30):
            if not grid.urban:
                name = self.rng.choice(estates["hamlets"])
            elif self.rng.random() < 0.15:
                name = self.rng.choice(estates["old"])
            else:
                name = self.rng.choice(estates["firsts"]) + self.rng.choice(estates["lasts"])
            if self._free(county, name):
                return name
        stem = village.name.removesuffix("社区").removesuffix("村")
        kind = self.rng.choice(estates["lasts"] if grid.urban else ["大院", "新村", "安置点"])
        for number in range(1, 200):
            name = f"{stem}{kind}" if number == 1 else f"{stem}{kind}{number}期"
            if self._free(county, name):
                return name
        raise ValueError(f"no name is left in {county}")

    def _inside(self, shape: Shape) -> tuple[float, float]:
        west, south, east, north = shape.bounds
        for _ in range(25):
            lon, lat = self.rng.uniform(west, east), self.rng.uniform(south, north)
            if shapely.contains_xy(shape, lon, lat):
                return round(lon, 6), round(lat, 6)
        middle: Point = shapely.point_on_surface(shape)
        return middle.x, middle.y
