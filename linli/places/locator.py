"""From a point to the area of the lowest drawn place there (the grid, where there are grids). Pure, in memory."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray


class Locator:
    """An index of current polygons, built once per version of the places. About 7 µs a point, less in bulk."""

    def __init__(self, areas: Sequence[str], wkb: Sequence[bytes]) -> None:
        """*areas* in ascending order with their polygons; a point on a shared border belongs to the lower code."""
        lowest = [n for n, area in enumerate(areas) if n + 1 == len(areas) or not areas[n + 1].startswith(area)]
        self.areas = np.array([areas[n] for n in lowest], dtype=object)
        self.shapes: NDArray[Any] = np.array(shapely.from_wkb([wkb[n] for n in lowest]), dtype=object)
        self.tree = shapely.STRtree(self.shapes)

    def __len__(self) -> int:
        return len(self.areas)

    def locate_one(self, lon: float, lat: float) -> str | None:
        """The area at a WGS84 point; None outside (and for what is no point on earth)."""
        if not (-180.0 <= lon <= 180.0 and -90.0 <= lat <= 90.0):
            return None
        found = self.tree.query(shapely.points(lon, lat), predicate="intersects")
        if len(found) == 0:
            return None
        return self.areas[found[0] if len(found) == 1 else found.min()]  # type: ignore[no-any-return]

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
