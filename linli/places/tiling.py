"""Cells that tile: from an outline and a tree of counts to polygons without gaps or overlaps.

Relaxed seeds, one Voronoi diagram per region, all linework noded at once on a grid of 1e-7° (a centimetre) together
with the outlines, then polygonised: neighbours share exact vertices, also across regions. Uppers are unions of their
cells. Pure, and deterministic for the same input and seed.
"""

import math
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon

from linli.places.parting import Graph, part

Shape: TypeAlias = Any  # a shapely Polygon or MultiPolygon; shapely ships no types
GRID: Final = 1e-7
ROUNDS: Final = 5


@dataclass(frozen=True, slots=True)
class Branch:
    """A place to be given a polygon. A lowest one is cut into *cells* pieces; others have *children*."""

    key: str
    children: tuple["Branch", ...] = ()
    cells: int = 1

    @property
    def leaves(self) -> int:
        """How many cells lie below."""
        return sum(child.leaves for child in self.children) if self.children else self.cells


@dataclass(frozen=True, slots=True)
class Region:
    """A polygon (WGS84 degrees) and the branches that share it."""

    key: str
    outline: Shape
    branches: tuple[Branch, ...]

    @property
    def leaves(self) -> int:
        """How many cells it is cut into."""
        return sum(branch.leaves for branch in self.branches)


@dataclass(slots=True)
class Tiles:
    """``cells``: each lowest branch's pieces, numbered west→east, north→south; ``places``: every branch's polygon."""

    cells: dict[str, list[Shape]] = field(default_factory=dict)
    places: dict[str, Shape] = field(default_factory=dict)


def snapped(outline: Shape) -> Shape:
    """The outline on the grid of 1e-7°, valid."""
    return _polygonal(shapely.set_precision(outline, GRID))


def tile(regions: Sequence[Region], seed: int = 1, said: Callable[[int], None] = lambda done: None) -> Tiles:
    """Cut all regions. Regions that overlap are cut once: the first one keeps the overlap.

    *said* hears how many cells are placed so far. Raises ValueError when a region is empty or needs no cells.
    """
    plots = []
    done = 0
    for region, outline in zip(regions, _apart([snapped(region.outline) for region in regions]), strict=True):
        plots.append(_Plot(region, outline, seed))
        done += region.leaves
        said(done)
    lines = [plot.outline.boundary for plot in plots] + [plot.edges for plot in plots]
    noded = shapely.union_all(lines, grid_size=GRID)
    faces = np.array(shapely.get_parts(shapely.polygonize(shapely.get_parts(noded))))
    inner = shapely.point_on_surface(faces)
    free = np.ones(len(faces), dtype=bool)
    tiles = Tiles()
    for plot in plots:
        mine = np.flatnonzero(free & _within(plot.outline, inner))
        free[mine] = False
        plot.harvest(faces[mine], tiles)
    return tiles


def _apart(outlines: list[Shape]) -> list[Shape]:
    """The outlines without overlaps: the earlier one keeps them. Mere touching changes nothing."""
    if len(outlines) < 2:
        return outlines
    tree = shapely.STRtree(outlines)
    apart: list[Shape] = []
    for number, outline in enumerate(outlines):
        near = [apart[n] for n in tree.query(outline).tolist() if n < number]
        over = [other for other in near if shapely.relate_pattern(outline, other, "T********")]
        apart.append(
            _polygonal(shapely.difference(outline, shapely.union_all(over), grid_size=GRID)) if over else outline
        )
    return apart


def _within(outline: Shape, points: NDArray[Any]) -> NDArray[np.bool_]:
    shapely.prepare(outline)
    return np.asarray(shapely.contains_properly(outline, points))


def _polygonal(shape: Any) -> Shape:
    """The polygons of a shape, without lines and points."""
    if isinstance(shape, Polygon | MultiPolygon):
        return shape
    return shapely.union_all([each for each in shapely.get_parts(shape) if each.area > 0])


class _Plot:
    """One region while it is cut: its seeds and its Voronoi edges."""

    def __init__(self, region: Region, outline: Shape, seed: int) -> None:
        if outline.is_empty or region.leaves < 1:
            raise ValueError(f"nothing to cut in {region.key}")
        self.region = region
        self.outline = outline
        self.stretch = max(0.05, math.cos(math.radians((self.outline.bounds[1] + self.outline.bounds[3]) / 2)))
        # crc32, not hash(): the same on every machine and every run
        self.rng = np.random.default_rng([seed, zlib.crc32(region.key.encode())])
        flat = shapely.transform(self.outline, lambda xy: xy * (self.stretch, 1.0))
        self.seeds = _relaxed(flat, region.leaves, self.rng) / (self.stretch, 1.0)
        self.edges = self._voronoi_edges(flat)

    def _voronoi_edges(self, flat: Shape) -> Any:
        if len(self.seeds) == 1:
            return MultiPolygon().boundary
        points = shapely.multipoints(self.seeds * (self.stretch, 1.0))
        edges = shapely.voronoi_polygons(points, extend_to=flat, only_edges=True)
        back = shapely.transform(edges, lambda xy: xy / (self.stretch, 1.0))
        shapely.prepare(self.outline)
        parts = shapely.get_parts(back)
        inside = shapely.contains_properly(self.outline, parts)
        cut = shapely.intersection(parts[~inside], self.outline)
        return shapely.union_all([*parts[inside], *cut], grid_size=GRID)

    def harvest(self, faces: NDArray[Any], tiles: Tiles) -> None:
        """Give each face to a seed, part the cells among the branches, and write the polygons."""
        cells = self._cells(faces)
        graph = Graph.of(cells, self.seeds * (self.stretch, 1.0))
        self._give(self.region.branches, np.arange(len(cells)), cells, graph, tiles)

    def _cells(self, faces: NDArray[Any]) -> NDArray[Any]:
        """One polygon per seed: the face it lies in, and the faces an indented outline cut off from their cells."""
        tree = shapely.STRtree(faces)
        owner = np.full(len(faces), -1)
        seeds, found = tree.query(shapely.points(self.seeds), predicate="intersects")
        owner[found] = seeds
        if len(set(owner[owner >= 0])) != len(self.seeds):
            raise ValueError(f"{self.region.key} is too small for {self.region.leaves} cells")
        _adopt(faces, owner)
        order = np.argsort(owner, kind="stable")
        groups = np.split(faces[order], np.flatnonzero(np.diff(owner[order])) + 1)
        cells = np.empty(len(groups), dtype=object)
        cells[:] = [group[0] if len(group) == 1 else shapely.coverage_union_all(group) for group in groups]
        return cells

    def _give(
        self, branches: Sequence[Branch], mine: NDArray[Any], cells: NDArray[Any], graph: Graph, tiles: Tiles
    ) -> None:
        shares = part(graph, mine, [branch.leaves for branch in branches])
        for branch, share in zip(branches, shares, strict=True):
            whole = _whole(cells[share])
            tiles.places[branch.key] = whole
            if branch.children:
                self._give(branch.children, share, cells, graph, tiles)
            else:
                numbered = numbering(graph.points[share])
                tiles.cells[branch.key] = [cells[each] for each in share[numbered]]


def _whole(cells: NDArray[Any]) -> Shape:
    if len(cells) == 1:
        return cells[0]
    union = shapely.coverage_union_all(cells)
    # a coverage union keeps one ring per part; the parts of one connected piece come out joined
    return union if isinstance(union, Polygon | MultiPolygon) else _polygonal(union)


def numbering(points: NDArray[Any]) -> NDArray[Any]:
    """The order of places as they are numbered: rows from north to south, within a row from west to east."""
    count = len(points)
    width, height = np.ptp(points, axis=0) if count > 1 else (0.0, 0.0)
    rows = round(math.sqrt(count * height / width)) if width > 0 else count
    rows = min(count, max(1, rows))
    by_north = np.lexsort((points[:, 0], -points[:, 1]))
    bands = np.array_split(by_north, rows)
    return np.concatenate([band[np.lexsort((-points[band, 1], points[band, 0]))] for band in bands])


def _relaxed(outline: Shape, count: int, rng: np.random.Generator) -> NDArray[Any]:
    """*count* points inside the outline, spread evenly (Lloyd's rounds)."""
    shapely.prepare(outline)
    points = _scattered(outline, count, rng)
    if count == 1:
        return np.array(shapely.get_coordinates(shapely.point_on_surface(outline)))
    for _ in range(ROUNDS):
        cells = shapely.get_parts(
            shapely.voronoi_polygons(shapely.multipoints(points), extend_to=outline, ordered=True)
        )
        inside = shapely.contains_properly(outline, cells)
        cells[~inside] = shapely.intersection(cells[~inside], outline)
        middles = shapely.centroid(cells)
        strays = ~shapely.contains_properly(outline, middles)
        middles[strays] = shapely.point_on_surface(cells[strays])
        points = shapely.get_coordinates(middles)
    return points


def _scattered(outline: Shape, count: int, rng: np.random.Generator) -> NDArray[Any]:
    """Random points inside the outline."""
    west, south, east, north = outline.bounds
    found: list[NDArray[Any]] = []
    missing = count
    while missing > 0:
        points = rng.uniform((west, south), (east, north), size=(max(64, 3 * missing), 2))
        points = points[shapely.contains_xy(outline, points[:, 0], points[:, 1])][:missing]
        found.append(points)
        missing -= len(points)
    return np.concatenate(found)


def _adopt(faces: NDArray[Any], owner: NDArray[Any]) -> None:
    """Faces without a seed go to the neighbour with the longest shared edge, islands to the nearest cell."""
    graph = Graph.of(faces, shapely.get_coordinates(shapely.centroid(faces)))
    waiting = list(np.flatnonzero(owner < 0))
    while waiting:
        later = []
        for face in waiting:
            sides: Mapping[int, float] = {n: w for n, w in graph.sides[face].items() if owner[n] >= 0}
            if sides:
                owner[face] = owner[max(sides, key=lambda n: (sides[n], -n))]
            else:
                later.append(face)
        if len(later) == len(waiting):
            settled = np.flatnonzero(owner >= 0)
            near = shapely.STRtree(faces[settled]).nearest(faces[later[0]])
            owner[later[0]] = owner[settled[near]]
            later = later[1:]
        waiting = later
