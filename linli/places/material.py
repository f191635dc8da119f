"""What an import is made of: records and drawn polygons as the files say them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from linli.places.findings import Finding, Spot


@dataclass(frozen=True, slots=True)
class Record:
    """A place as one row says it. ``direct``: the row is about it; otherwise it is named as an upper level."""

    spot: Spot
    area: str
    name: str
    kind: str = ""
    direct: bool = True
    from_map: bool = False


@dataclass(frozen=True, slots=True)
class Drawn:
    """A GeoJSON geometry of a place, untouched, with the coordinate system that was stated."""

    spot: Spot
    area: str
    geometry: Mapping[str, Any]
    crs: str


@dataclass(slots=True)
class Material:
    """All that was read."""

    records: list[Record] = field(default_factory=list)
    drawn: list[Drawn] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    originals: dict[tuple[str, int], dict[str, str]] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
