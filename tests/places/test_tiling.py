"""Cells tile: no gap, no overlap, connected uppers, the same every time."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, Polygon, box

from linli.places.parting import Graph, part
from linli.places.tiling import Branch, Region, Shape, Tiles, numbering, snapped, tile

L_SHAPE = Polygon([(103, 29), (103.4, 29), (103.4, 29.1), (103.1, 29.1), (103.1, 29.4), (103, 29.4)])
_TEETH = [(103 + x / 10, 29 + y) for x, y in ((5, 0), (5, 0.3), (4, 0.3), (4, 0.05), (3, 0.05), (3, 0.3), (2, 0.3))]
COMB = Polygon([(103, 29), *_TEETH, (103.2, 29.05), (103.1, 29.05), (103.1, 29.3), (103, 29.3)])
RING = Polygon(box(103, 29, 103.4, 29.4).exterior, [box(103.1, 29.1, 103.3, 29.3).exterior])
ISLANDS = MultiPolygon([box(103, 29, 103.3, 29.2), box(103.5, 29, 103.52, 29.02)])


def _tree(counts: list[list[int]]) -> tuple[Branch, ...]:
    return tuple(
        Branch(f"{t:03d}", tuple(Branch(f"{t:03d}{v:03d}", cells=n) for v, n in enumerate(villages, 1)))
        for t, villages in enumerate(counts, 1)
    )


def _all(tiles: Tiles) -> list[Shape]:
    return [cell for cells in tiles.cells.values() for cell in cells]


def _assert_tiles(cells: list[Shape], outline: Shape) -> None:
    assert all(cell.is_valid and cell.area > 0 for cell in cells)
    assert shapely.coverage_is_valid(cells), "neighbours share exact vertices, nothing overlaps"
    assert sum(cell.area for cell in cells) == pytest.approx(outline.area, rel=1e-6)
    assert shapely.union_all(cells).symmetric_difference(outline).area < outline.area * 1e-6


@pytest.mark.parametrize("outline", [box(103, 29, 103.4, 29.2), L_SHAPE, COMB, RING, ISLANDS])
def test_no_gap_no_overlap(outline: Shape) -> None:
    counts = [[3, 4, 5], [6], [2, 2, 7, 1]]
    tiles = tile([Region("c", outline, _tree(counts))], seed=3)
    assert {key: len(cells) for key, cells in tiles.cells.items()} == {
        f"{t:03d}{v:03d}": n for t, villages in enumerate(counts, 1) for v, n in enumerate(villages, 1)
    }
    _assert_tiles(_all(tiles), snapped(outline))
    for key, whole in tiles.places.items():
        below = [cell for village, cells in tiles.cells.items() if village.startswith(key) for cell in cells]
        _assert_tiles(below, whole)


@settings(max_examples=25, deadline=None)
@given(
    counts=st.lists(st.lists(st.integers(1, 6), min_size=1, max_size=5), min_size=1, max_size=4),
    corners=st.lists(st.floats(0.3, 1.0), min_size=5, max_size=9),
    seed=st.integers(0, 1000),
)
def test_any_star_shaped_outline(counts: list[list[int]], corners: list[float], seed: int) -> None:
    turns = np.linspace(0, 2 * np.pi, len(corners), endpoint=False)
    outline = Polygon([(103 + r * np.cos(a) / 5, 29 + r * np.sin(a) / 5) for r, a in zip(corners, turns, strict=True)])
    tiles = tile([Region("c", outline, _tree(counts))], seed=seed)
    assert len(_all(tiles)) == sum(map(sum, counts))
    _assert_tiles(_all(tiles), snapped(outline))


@pytest.mark.parametrize("outline", [box(103, 29, 103.4, 29.2), L_SHAPE, COMB, RING])
def test_uppers_hang_together(outline: Shape) -> None:
    tiles = tile([Region("c", outline, _tree([[4, 4, 4], [4, 4], [4, 4, 4, 4]]))], seed=5)
    assert {key for key, whole in tiles.places.items() if whole.geom_type != "Polygon"} == set()


def test_neighbouring_regions_share_their_border() -> None:
    left, right = box(103, 29, 103.2, 29.2), box(103.2, 29, 103.4, 29.2)
    tiles = tile([Region("a", left, (Branch("a1", cells=20),)), Region("b", right, (Branch("b1", cells=30),))])
    _assert_tiles(_all(tiles), snapped(box(103, 29, 103.4, 29.2)))


def test_an_overlap_is_cut_once() -> None:
    left, right = box(103, 29, 103.22, 29.2), box(103.2, 29, 103.4, 29.2)
    tiles = tile([Region("a", left, (Branch("a1", cells=20),)), Region("b", right, (Branch("b1", cells=20),))])
    _assert_tiles(_all(tiles), snapped(box(103, 29, 103.4, 29.2)))
    assert tiles.places["a1"].area == pytest.approx(left.area, rel=1e-6)


def test_the_same_seed_gives_the_same_bytes() -> None:
    region = Region("c", L_SHAPE, _tree([[6, 6], [6]]))
    first, second, other = (tile([region], seed=seed) for seed in (1, 1, 2))
    assert [cell.wkb for cell in _all(first)] == [cell.wkb for cell in _all(second)]
    assert [cell.wkb for cell in _all(first)] != [cell.wkb for cell in _all(other)]


def test_one_cell_is_the_outline() -> None:
    tiles = tile([Region("c", L_SHAPE, (Branch("v"),))])
    assert tiles.cells["v"][0].equals(L_SHAPE)


def test_nothing_to_cut() -> None:
    with pytest.raises(ValueError, match="nothing to cut"):
        tile([Region("c", Polygon(), (Branch("v"),))])


def test_numbered_west_to_east_then_south() -> None:
    points = np.array([[x + 0.01 * y, 2.0 - y] for y in range(3) for x in range(4)], dtype=float)
    shuffled = np.random.default_rng(1).permutation(12)
    order = numbering(points[shuffled])
    assert shuffled[order].tolist() == list(range(12))
    assert numbering(np.array([[1.0, 0.0], [0.0, 0.0], [2.0, 0.0]])).tolist() == [1, 0, 2]
    assert numbering(np.array([[0.0, 0.0], [0.0, 2.0], [0.0, 1.0]])).tolist() == [1, 2, 0]


def test_shares_have_their_sizes() -> None:
    cells = np.array([box(x, y, x + 1, y + 1) for x in range(12) for y in range(9)], dtype=object)
    graph = Graph.of(cells, shapely.get_coordinates(shapely.centroid(cells)))
    counts = [7, 20, 1, 33, 12, 35]
    shares = part(graph, np.arange(len(cells)), counts)
    assert [len(share) for share in shares] == counts
    assert sorted(np.concatenate(shares).tolist()) == list(range(108))
    assert all(len(graph.pieces(share.tolist())) == 1 for share in shares)
