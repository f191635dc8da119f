"""WGS84, GCJ-02 (AMap, Tencent) and BD-09 (Baidu), both ways, in degrees; numbers or numpy arrays.

Linli stores WGS84 (CGCS2000 is the same to the metre) and converts at the door. GCJ-02 and BD-09 have no published
inverse: it is iterated until the way back meets the given point (< 1e-7°, a centimetre). Outside China nothing moves.
"""

import math
from types import ModuleType
from typing import Any, Final

import numpy as np

from linli.core.words import Words

WGS84: Final = "wgs84"
GCJ02: Final = "gcj02"
BD09: Final = "bd09"
CGCS2000: Final = "cgcs2000"
SYSTEMS: Final = (WGS84, GCJ02, BD09, CGCS2000)

# The rectangle within which the maps shift (the same one every published conversion uses).
_WEST, _EAST, _SOUTH, _NORTH = 72.004, 137.8347, 0.8293, 55.8271
_AXIS = 6378245.0
_ECCENTRICITY = 0.00669342162296594323
_BAIDU = math.pi * 3000.0 / 180.0
_ROUNDS = 6  # each round shrinks the error at least fortyfold


class CoordinateError(ValueError):
    """A coordinate that cannot be used; ``words`` say why and what to do, in both languages."""

    def __init__(self, code: str, words: Words) -> None:
        self.code = code
        self.words = words
        super().__init__(words.en)


def _math(value: Any) -> ModuleType:
    return np if isinstance(value, np.ndarray) else math


def _to_gcj02(lon: Any, lat: Any) -> tuple[Any, Any]:
    """The shift of GCJ-02 itself, without the rectangle."""
    m, pi = _math(lon), math.pi
    x, y = lon - 105.0, lat - 35.0
    waves = (m.sin(6 * x * pi) + m.sin(2 * x * pi)) * 40.0 / 3
    north = -100.0 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * m.sqrt(abs(x)) + waves
    north += (20 * m.sin(y * pi) + 40 * m.sin(y / 3 * pi)) * 2.0 / 3
    north += (160 * m.sin(y / 12 * pi) + 320 * m.sin(y * pi / 30)) * 2.0 / 3
    east = 300.0 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * m.sqrt(abs(x)) + waves
    east += (20 * m.sin(x * pi) + 40 * m.sin(x / 3 * pi)) * 2.0 / 3
    east += (150 * m.sin(x / 12 * pi) + 300 * m.sin(x / 30 * pi)) * 2.0 / 3
    angle = lat / 180.0 * pi
    magic = 1 - _ECCENTRICITY * m.sin(angle) ** 2
    root = m.sqrt(magic)
    north = north * 180.0 / ((_AXIS * (1 - _ECCENTRICITY)) / (magic * root) * pi)
    east = east * 180.0 / (_AXIS / root * m.cos(angle) * pi)
    return lon + east, lat + north


def _to_bd09(lon: Any, lat: Any) -> tuple[Any, Any]:
    """BD-09 of a WGS84 point: Baidu shifts GCJ-02 once more."""
    lon, lat = _to_gcj02(lon, lat)
    m = _math(lon)
    radius = m.sqrt(lon * lon + lat * lat) + 0.00002 * m.sin(lat * _BAIDU)
    atan2 = np.arctan2 if m is np else math.atan2
    angle = atan2(lat, lon) + 0.000003 * m.cos(lon * _BAIDU)
    return radius * m.cos(angle) + 0.0065, radius * m.sin(angle) + 0.006


_FORWARD: Final = {GCJ02: _to_gcj02, BD09: _to_bd09}


def in_china(lon: Any, lat: Any) -> Any:
    """Whether the maps shift here (a rectangle, as in every published conversion)."""
    return (lon >= _WEST) & (lon <= _EAST) & (lat >= _SOUTH) & (lat <= _NORTH)


def _kept_outside(lon: Any, lat: Any, new_lon: Any, new_lat: Any) -> tuple[Any, Any]:
    inside = in_china(lon, lat)
    if isinstance(lon, np.ndarray):
        return np.where(inside, new_lon, lon), np.where(inside, new_lat, lat)
    return (new_lon, new_lat) if inside else (lon, lat)


def from_wgs84(lon: Any, lat: Any, wanted: str) -> tuple[Any, Any]:
    """A WGS84 point (or arrays) in the system *wanted*. Raises CoordinateError."""
    lon, lat = checked(lon, lat)
    forward = _FORWARD.get(_system(wanted))
    return (lon, lat) if forward is None else _kept_outside(lon, lat, *forward(lon, lat))


def to_wgs84(lon: Any, lat: Any, given: str) -> tuple[Any, Any]:
    """A point (or arrays) of the system *given* in WGS84, degrees. Raises CoordinateError."""
    lon, lat = checked(lon, lat)
    forward = _FORWARD.get(_system(given))
    if forward is None:
        return lon, lat
    x, y = lon, lat
    for _ in range(_ROUNDS):
        seen_x, seen_y = forward(x, y)
        x, y = x + (lon - seen_x), y + (lat - seen_y)
    return _kept_outside(lon, lat, x, y)


def _system(name: str) -> str:
    text = name.strip().lower().replace("-", "").replace("_", "")
    if text not in SYSTEMS:
        raise CoordinateError(
            "unknown_system",
            Words(
                f"不认识坐标系“{name}”。请写 wgs84、cgcs2000、gcj02（高德、腾讯）或 bd09（百度）。",
                f"Unknown coordinate system “{name}”. Write wgs84, cgcs2000, gcj02 (AMap, Tencent) or bd09 (Baidu).",
            ),
        )
    return text


def system(name: str) -> str:
    """The name of a coordinate system as it is stored. Raises CoordinateError for an unknown one."""
    return _system(name)


def looks_swapped(lon: float, lat: float) -> bool:
    """Whether latitude and longitude likely changed places: as given not in China, the other way round in China."""
    return not in_china(lon, lat) and bool(in_china(lat, lon))


def checked(lon: Any, lat: Any) -> tuple[Any, Any]:
    """The pair as float (or float arrays). Raises CoordinateError: NaN, infinite, swapped, out of range."""
    if isinstance(lon, np.ndarray) or isinstance(lat, np.ndarray):
        lons, lats = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
        fine = (np.abs(lons) <= 180) & (np.abs(lats) <= 90)  # NaN compares as False
        if not fine.all():
            spot = int(np.flatnonzero(~fine.ravel())[0])
            checked(float(lons.ravel()[spot]), float(lats.ravel()[spot]))
        return lons, lats
    try:
        x, y = float(lon), float(lat)
    except (TypeError, ValueError, OverflowError):
        raise CoordinateError("not_a_number", _not_a_number(lon, lat)) from None
    if not (math.isfinite(x) and math.isfinite(y)):
        raise CoordinateError("not_a_number", _not_a_number(lon, lat))
    if abs(x) > 180 or abs(y) > 90:
        raise CoordinateError("swapped" if looks_swapped(x, y) else "out_of_range", _out_of_range(x, y))
    return x, y


def _not_a_number(lon: object, lat: object) -> Words:
    return Words(
        f"坐标（{lon}，{lat}）不是数字。请用十进制度，例如 103.761263, 29.582024。",
        f"The coordinates ({lon}, {lat}) are no numbers. Write decimal degrees such as 103.761263, 29.582024.",
    )


def _out_of_range(lon: float, lat: float) -> Words:
    if looks_swapped(lon, lat):
        return Words(
            f"经度和纬度好像写反了（{lon}，{lat}）。请把经度写在前，纬度写在后。",
            f"Longitude and latitude look swapped ({lon}, {lat}). Write longitude first, then latitude.",
        )
    return Words(
        f"坐标（{lon}，{lat}）超出范围：经度应在 ±180 之间，纬度应在 ±90 之间。",
        f"The coordinates ({lon}, {lat}) are out of range: longitude is within ±180, latitude within ±90.",
    )
