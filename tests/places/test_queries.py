"""The tree, the locator and the maps, as read."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import shapely
from django.db import connection
from django.test.utils import CaptureQueriesContext
from shapely import box

from linli.places import actions, queries
from linli.places.locator import Locator
from linli.places.tiling import Branch, Region, tile
from tests.places.material import EAST, city, planned

T0 = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)


@pytest.fixture
def small_city(db: None, tmp_path: Path) -> queries.Snapshot:
    actions.import_places(planned(city(tmp_path)), actor="system", at=T0)
    return queries.snapshot(0)


def test_locate_agrees_with_brute_force() -> None:
    tiles = tile([Region("c", box(103, 29, 103.4, 29.3), (Branch("519001001001", cells=60),))])
    cells = {f"519001001001{n:03d}": cell for n, cell in enumerate(tiles.cells["519001001001"], 1)}
    locator = Locator(list(cells), [shapely.to_wkb(cell) for cell in cells.values()])
    rng = np.random.default_rng(4)
    corners = np.concatenate([shapely.get_coordinates(cell) for cell in cells.values()])
    points = np.concatenate([rng.uniform((102.9, 28.9), (103.5, 29.4), (3000, 2)), corners])
    expected = [
        min((area for area, cell in cells.items() if cell.intersects(shapely.Point(p))), default=None) for p in points
    ]
    assert locator.locate(points).tolist() == expected
    assert [locator.locate_one(x, y) for x, y in points.tolist()] == expected
    assert None in expected
    assert len(set(expected)) == 61


def test_no_point_on_earth() -> None:
    locator = Locator(["519001"], [EAST.wkb])
    assert locator.locate_one(float("nan"), 29.1) is None
    assert locator.locate_one(29.1, 103.3) is None
    given = np.array([[np.nan, 29.1], [103.3, np.inf], [29.1, 103.3], [103.3, 29.1]])
    assert locator.locate(given).tolist() == [None, None, None, "519001"]


def test_only_the_lowest_drawn_places_are_found() -> None:
    half = box(103.2, 29.0, 103.3, 29.2)
    locator = Locator(["519001", "519001001", "519002"], [EAST.wkb, half.wkb, box(103, 29, 103.2, 29.2).wkb])
    assert locator.locate_one(103.25, 29.1) == "519001001"
    assert locator.locate_one(103.35, 29.1) is None
    assert locator.locate_one(103.2, 29.1) == "519001001", "a shared border belongs to the lower code"


def test_index(small_city: queries.Snapshot) -> None:
    index = small_city.index
    assert [e.name for e in index.chain("519001001001002")] == [
        "样城市",
        "东溪县",
        "白鹭街道",
        "桂花社区居委会",
        "桂花社区第2网格",
    ]
    assert index.full_name("519001001") == "样城市东溪县白鹭街道"
    assert [e.area for e in index.children("5190")] == ["519001", "519002"]
    assert [e.code for e in index.children()] == ["519000"]
    assert index.name("519001") == "东溪县"
    assert index.name("519777") == "519777"
    county = index.get("519001")
    assert county is not None
    assert (county.lon, county.lat) == pytest.approx((103.3, 29.1))
    assert index.by_area["5190"].lon is None, "the city itself was not drawn"
    assert len(list(index.walk("519001", "village"))) == 1 + 2 + 4
    for entry in index.walk():
        if entry.level == "grid":
            assert small_city.locator.locate_one(entry.lon or 0, entry.lat or 0) is not None


def test_snapshot_is_read_once_per_version(small_city: queries.Snapshot) -> None:
    assert small_city.index is queries.snapshot(0).index
    with CaptureQueriesContext(
        connection,
    ) as asked:
        queries.snapshot()
        queries.chain("519001001")
        queries.children("519001")
        queries.gazetteer_rows()
    first = len(asked)
    with CaptureQueriesContext(connection) as asked:
        queries.snapshot()
        queries.chain("519001001")
        queries.gazetteer_rows()
    assert first <= 2
    assert len(asked) == 0
    actions.rename("519001", "新东溪县", actor="system", at=T0)
    assert queries.snapshot(0).index.name("519001") == "新东溪县"
    with CaptureQueriesContext(connection) as asked:
        snapshot = queries.Snapshot(("x",))
        assert len(snapshot.index) > len(snapshot.locator) > 0
        assert snapshot.gazetteer
    assert len(asked) == 3


def test_visible(small_city: queries.Snapshot) -> None:
    tree = queries.visible_tree(["519001100", "519001100200"], down_to="village")
    assert [node["area"] for node in tree] == ["5190"]
    assert [node["area"] for node in tree[0]["children"]] == ["519001"]
    town = tree[0]["children"][0]["children"]
    assert [node["area"] for node in town] == ["519001100"]
    assert [node["area"] for node in town[0]["children"]] == ["519001100200", "519001100201"]
    assert queries.visible_tree([]) == []
    assert queries.visible_to(["519001100"]).count() == 15
    assert queries.visible_to([]).count() == 0
    assert queries.visible_to(["5190"]).count() == len(small_city.index)


def test_geojson(small_city: queries.Snapshot) -> None:
    with CaptureQueriesContext(connection) as asked:
        found = queries.geojson("519001", "grid")
    assert len(asked) == 1
    assert len(found["features"]) == 24
    shapes = [shapely.geometry.shape(each["geometry"]) for each in found["features"]]
    assert shapely.union_all(shapes).equals_exact(EAST, 1e-9, normalize=True) or (
        shapely.union_all(shapes).symmetric_difference(EAST).area < 1e-9
    )
    coarse = [shapely.geometry.shape(f["geometry"]) for f in queries.geojson("5190", "village", 300)["features"]]
    assert len(coarse) == 6
    assert shapely.coverage_is_valid(coarse), "simplified neighbours still fit"
    assert queries.geojson("519777", "grid")["features"] == []
