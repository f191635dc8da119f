"""Sharing out cells among branches: recursive bisection of the graph of neighbours; every share hangs together."""

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

_TRIES = 12


@dataclass(frozen=True, slots=True)
class Graph:
    """Cells by number: their points (isotropic units) and their neighbours with the length of the shared edge."""

    points: NDArray[Any]
    sides: tuple[dict[int, float], ...]

    @classmethod
    def of(cls, cells: NDArray[Any], points: NDArray[Any]) -> "Graph":
        """The graph of polygons that share exact vertices. Separate pieces are linked at their nearest cells."""
        sides: tuple[dict[int, float], ...] = tuple({} for _ in cells)
        seen: dict[tuple[float, float, float, float], int] = {}
        for number, cell in enumerate(cells):
            for ring in shapely.get_rings(cell):
                spots = shapely.get_coordinates(ring)
                lengths = np.hypot(*np.diff(spots, axis=0).T)
                for (ax, ay), (bx, by), length in zip(spots[:-1].tolist(), spots[1:].tolist(), lengths, strict=True):
                    edge = (ax, ay, bx, by) if (ax, ay) < (bx, by) else (bx, by, ax, ay)
                    other = seen.pop(edge, None)
                    if other is None:
                        seen[edge] = number
                    elif other != number:
                        sides[number][other] = sides[number].get(other, 0.0) + float(length)
                        sides[other][number] = sides[other].get(number, 0.0) + float(length)
        return cls(points, sides)

    def linked(self) -> "Graph":
        """The same graph with its pieces (islands) joined by links without length."""
        sides = tuple(dict(each) for each in self.sides)
        joined = Graph(self.points, sides)
        pieces = joined.pieces(range(len(sides)))
        while len(pieces) > 1:
            main, rest = pieces[0], np.array(sorted(set(range(len(sides))).difference(pieces[0])))
            held = np.array(sorted(main))
            gaps = ((self.points[held][:, None, :] - self.points[rest][None, :, :]) ** 2).sum(axis=2)
            a, b = np.unravel_index(int(gaps.argmin()), gaps.shape)
            sides[held[a]][int(rest[b])] = sides[rest[b]][int(held[a])] = 0.0
            pieces = joined.pieces(range(len(sides)))
        return joined

    def pieces(self, cells: Iterable[int]) -> list[set[int]]:
        """The connected pieces of *cells*, largest first."""
        left = set(cells)
        found = []
        while left:
            start = min(left)
            left.discard(start)
            piece, todo = {start}, [start]
            while todo:
                near = left.intersection(self.sides[todo.pop()])
                left -= near
                piece |= near
                todo.extend(near)
            found.append(piece)
        return sorted(found, key=lambda each: (-len(each), min(each)))


def part(graph: Graph, cells: NDArray[Any], counts: Sequence[int]) -> list[NDArray[Any]]:
    """Share out *cells* among len(counts) connected groups of these sizes (their sum is the number of cells).

    Where no connected share of the exact size was found, sizes give way to connection; no group is left empty.
    """
    whole = graph if len(graph.pieces(range(len(graph.sides)))) == 1 else graph.linked()
    shares: list[NDArray[Any]] = []
    _halve(whole, {int(each) for each in cells}, list(counts), shares)
    return shares


def _halve(graph: Graph, cells: set[int], counts: list[int], shares: list[NDArray[Any]]) -> None:
    if len(counts) == 1:
        shares.append(np.array(sorted(cells)))
        return
    middle = len(counts) // 2
    first, second = counts[:middle], counts[middle:]
    wanted = round(len(cells) * sum(first) / (sum(first) + sum(second)))
    wanted = min(max(wanted, len(first)), len(cells) - len(second))
    left = _bisect(graph, cells, wanted, len(first), len(cells) - len(second))
    _halve(graph, left, first, shares)
    _halve(graph, cells - left, second, shares)


def _bisect(graph: Graph, cells: set[int], wanted: int, least: int, most: int) -> set[int]:
    """A connected half of about *wanted* cells whose rest is connected, cut across the longer axis."""
    spots = graph.points[sorted(cells)]
    width, height = np.ptp(spots, axis=0)
    along = 0 if width >= height else 1
    best: tuple[int, set[int]] | None = None
    for axis, way in ((along, 1.0), (along, -1.0), (1 - along, 1.0), (1 - along, -1.0)):
        half = _grown(graph, cells, wanted, graph.points[:, axis] * way)
        off = abs(len(half) - wanted)
        if least <= len(half) <= most and (best is None or off < best[0]):
            best = (off, half)
        if best is not None and best[0] == 0:
            return best[1]
    return best[1] if best is not None else _peeled(graph, cells, wanted)


def _grown(graph: Graph, cells: set[int], wanted: int, height: NDArray[Any]) -> set[int]:
    """Grow from the lowest cell upwards; what gets cut off from the rest is swallowed, then given back at the rim."""
    half = _flood(graph, cells, set(), wanted, height)
    for _ in range(_TRIES):
        rest = graph.pieces(cells - half)
        for stray in rest[1:]:
            half |= stray
        if len(half) <= wanted:
            return half if len(half) == wanted else _flood_on(graph, cells, half, wanted, height)
        smaller = _shrunk(graph, cells, half, wanted, height)
        if len(smaller) == len(half):
            return half
        half = smaller
    return half


def _flood(graph: Graph, cells: set[int], half: set[int], wanted: int, height: NDArray[Any]) -> set[int]:
    start = min(cells, key=lambda each: (height[each], each))
    queue = [(float(height[start]), start)]
    waiting = {start}
    while queue and len(half) < wanted:
        _, cell = heapq.heappop(queue)
        half.add(cell)
        for near in graph.sides[cell].keys() & cells:
            if near not in waiting:
                waiting.add(near)
                heapq.heappush(queue, (float(height[near]), near))
    return half


def _flood_on(graph: Graph, cells: set[int], half: set[int], wanted: int, height: NDArray[Any]) -> set[int]:
    """Take single cells at the rim that leave the rest connected, lowest first."""
    return cells - _shrunk(graph, cells, cells - half, len(cells) - wanted, -height)


def _shrunk(graph: Graph, cells: set[int], half: set[int], wanted: int, height: NDArray[Any]) -> set[int]:
    """Give cells at the rim, highest first, to the other side while both stay connected."""
    half = set(half)
    while len(half) > wanted:
        rim = [each for each in half if graph.sides[each].keys() & (cells - half)] or list(half)
        for cell in sorted(rim, key=lambda each: (-height[each], each)):
            if _removable(graph, half, cell):
                half.discard(cell)
                break
        else:
            return half
    return half


def _removable(graph: Graph, half: set[int], cell: int) -> bool:
    """Whether *half* stays connected without *cell*: its neighbours still reach one another."""
    near = graph.sides[cell].keys() & half
    if len(near) <= 1:
        return bool(near)
    left = set(near)
    start = min(left)
    seen, todo = {start, cell}, [start]
    left.discard(start)
    while todo and left:
        for each in graph.sides[todo.pop()].keys() & half:
            if each not in seen:
                seen.add(each)
                left.discard(each)
                todo.append(each)
    return not left


def _peeled(graph: Graph, cells: set[int], wanted: int) -> set[int]:
    """The last resort: cells along the longer axis, connected or not."""
    order = sorted(cells, key=lambda each: (*graph.points[each], each))
    return set(order[:wanted])
