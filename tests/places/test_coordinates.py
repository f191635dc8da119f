"""Coordinate systems, both ways."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.places import coordinates
from linli.places.coordinates import BD09, GCJ02, WGS84, CoordinateError, checked, from_wgs84, looks_swapped, to_wgs84

# a degree inside the rectangle, where no point is shifted over its edge
LON, LAT = st.floats(73.1, 136.8), st.floats(2.0, 54.8)
SHIFTED = pytest.mark.parametrize("system", [GCJ02, BD09])


@pytest.mark.parametrize(
    ("wgs", "gcj"),
    [  # published with the conversion's reference implementations
        ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
        ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
        ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
    ],
)
def test_published_points(wgs: tuple[float, float], gcj: tuple[float, float]) -> None:
    assert from_wgs84(*wgs, GCJ02) == pytest.approx(gcj, abs=2e-7)  # they round the earth's axis otherwise
    assert to_wgs84(*gcj, GCJ02) == pytest.approx(wgs, abs=2e-7)


def test_published_baidu_point() -> None:
    wgs = to_wgs84(116.404, 39.915, GCJ02)
    assert from_wgs84(*wgs, BD09) == pytest.approx((116.41036949371029, 39.92133699351021), abs=1e-9)


@SHIFTED
@given(lon=LON, lat=LAT)
def test_there_and_back(system: str, lon: float, lat: float) -> None:
    x, y = to_wgs84(*from_wgs84(lon, lat, system), system)
    assert abs(x - lon) < 1e-7
    assert abs(y - lat) < 1e-7


@SHIFTED
@given(lon=LON, lat=LAT)
def test_back_and_there(system: str, lon: float, lat: float) -> None:
    x, y = from_wgs84(*to_wgs84(lon, lat, system), system)
    assert math.hypot(x - lon, y - lat) < 1e-7


@SHIFTED
def test_the_shift_is_some_hundred_metres(system: str) -> None:
    x, y = to_wgs84(103.761263, 29.582024, system)
    assert 100 < math.hypot((x - 103.761263) * 96_700, (y - 29.582024) * 110_900) < 1_500


@SHIFTED
def test_arrays_equal_single_points(system: str) -> None:
    rng = np.random.default_rng(7)
    lon, lat = rng.uniform(-180, 180, 500), rng.uniform(-90, 90, 500)
    many = np.column_stack(to_wgs84(lon, lat, system))
    single = np.array([to_wgs84(x, y, system) for x, y in zip(lon.tolist(), lat.tolist(), strict=True)])
    assert np.abs(many - single).max() < 1e-11


@SHIFTED
@pytest.mark.parametrize("point", [(-0.1276, 51.5072), (151.2093, -33.8688), (2.35, 48.85)])
def test_nothing_moves_outside_china(system: str, point: tuple[float, float]) -> None:
    assert to_wgs84(*point, system) == point
    assert from_wgs84(*point, system) == point


@given(lon=LON, lat=LAT)
def test_wgs84_stays(lon: float, lat: float) -> None:
    assert to_wgs84(lon, lat, WGS84) == (lon, lat)
    assert to_wgs84(lon, lat, "cgcs2000") == (lon, lat)


@pytest.mark.parametrize(
    ("lon", "lat", "code"),
    [
        (math.nan, 29.5, "not_a_number"),
        (103.7, math.inf, "not_a_number"),
        ("十", 29.5, "not_a_number"),
        (None, 29.5, "not_a_number"),
        (29.58, 103.76, "swapped"),
        (500.0, 29.5, "out_of_range"),
        (103.7, -91.0, "out_of_range"),
    ],
)
def test_what_cannot_be_used(lon: object, lat: object, code: str) -> None:
    with pytest.raises(CoordinateError) as caught:
        checked(lon, lat)
    assert caught.value.code == code
    assert caught.value.words.zh
    assert caught.value.words.en


def test_one_bad_value_in_an_array_is_named() -> None:
    with pytest.raises(CoordinateError, match="nan"):
        checked(np.array([103.0, math.nan]), np.array([29.0, 29.0]))


def test_swapped_in_the_west() -> None:
    assert looks_swapped(39.5, 76.0)  # Kashgar the wrong way round, each within its range
    assert not looks_swapped(76.0, 39.5)
    assert not looks_swapped(2.35, 48.85)


def test_unknown_system() -> None:
    with pytest.raises(CoordinateError, match="gcj02"):
        to_wgs84(103.0, 29.0, "mars")
    assert coordinates.system("GCJ-02") == GCJ02
