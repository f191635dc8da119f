"""From a point to the area of the lowest drawn place there (the grid, where there are grids). Pure, in memory."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

OUTSIDE, UNSURE = -1, -2
CELLS = 256  # to a side of the raster


class Raster:
    """A coarse picture of the polygons: which one fills a cell wholly, which cells none touches; the rest is unsure.

    Most points of a city fall into cells of the first two kinds and are answered without geometry.
    """

    def __init__(self, shapes: NDArray[Any]) -> None:
        self.box = tuple(map(float, shapely.total_bounds(shapes))) if len(shapes) else (0.0, 0.0, 0.0, 0.0)
        west, south, east, north = self.box
        self.wide, self.high = max(east - west, 1e-9) / CELLS, max(north - south, 1e-9) / CELLS
        corners = np.arange(CELLS)
        x, y = np.meshgrid(west + corners * self.wide, south + corners * self.high)
        slack = max(self.wide, self.high) * 1e-6
        cells = shapely.box(x - slack, y - slack, x + self.wide + slack, y + self.high + slack).ravel()
        kinds = np.full(CELLS * CELLS, OUTSIDE, dtype=np.int64)
        self.several: dict[int, list[int]] = {}  # of an unsure cell: the polygons that touch it
        if len(shapes):
            tree = shapely.STRtree(shapes)
            touched, by = tree.query(cells, predicate="intersects")
            kinds[touched] = UNSURE
            inside, owner = tree.query(cells, predicate="within")
            kinds[inside] = owner
            unsure = kinds[touched] == UNSURE
            for cell, shape in sorted(zip(touched[unsure].tolist(), by[unsure].tolist(), strict=True)):
                self.several.setdefault(cell, []).append(shape)
        self.kinds: list[int] = kinds.tolist()

    def find(self, lon: float, lat: float) -> int | list[int]:
        """The number of the polygon, OUTSIDE, or the numbers of those that touch the cell, lowest first."""
        column = int((lon - self.box[0]) // self.wide)
        row = int((lat - self.box[1]) // self.high)
        if not (0 <= column <= CELLS and 0 <= row <= CELLS):
            return OUTSIDE
        cell = min(row, CELLS - 1) * CELLS + min(column, CELLS - 1)  # the last edge belongs to the last cell
        found = self.kinds[cell]
        return self.several[cell] if found == UNSURE else found


class Locator:
    """An index of current polygons, built once per version of the places. About 7 µs a point, less in bulk."""

    def __init__(self, areas: Sequence[str], wkb: Sequence[bytes]) -> None:
        """*areas* in ascending order with their polygons; a point on a shared border belongs to the lower code."""
        lowest = [n for n, area in enumerate(areas) if n + 1 == len(areas) or not areas[n + 1].startswith(area)]
        self.areas = np.array([areas[n] for n in lowest], dtype=object)
        self.shapes: NDArray[Any] = np.array(shapely.from_wkb([wkb[n] for n in lowest]), dtype=object)
        shapely.prepare(self.shapes)
        self.tree = shapely.STRtree(self.shapes)
        self._raster = Raster(self.shapes)

    def __len__(self) -> int:
        return len(self.areas)

    def locate_one(self, lon: float, lat: float) -> str | None:
        """The area at a WGS84 point; None outside (and for what is no point on earth)."""
        if not (-180.0 <= lon <= 180.0 and -90.0 <= lat <= 90.0):
            return None
        found = self._raster.find(lon, lat)
        if isinstance(found, list):
            found = next((n for n in found if shapely.intersects_xy(self.shapes[n], lon, lat)), OUTSIDE)
        return None if found == OUTSIDE else self.areas[found]

    def locate(self, points: NDArray[np.float64]) -> NDArray[Any]:
        """The areas at WGS84 points (n × 2: lon, lat), as an array of str; None outside."""
        pairs = np.asarray(points, dtype=float).reshape(-1, 2)
        spots = np.full(len(pairs), -1)
        fine = np.flatnonzero((np.abs(pairs[:, 0]) <= 180) & (np.abs(pairs[:, 1]) <= 90))
        given, found = self.tree.query(shapely.points(pairs[fine]), predicate="intersects")
        order = np.argsort(-found, kind="stable")  # the lowest code is written last and stays
        spots[fine[given[order]]] = found[order]
        areas: NDArray[Any] = np.array([*self.areas, None], dtype=object)  # -1, outside, takes the last
        return np.asarray(areas[spots])
