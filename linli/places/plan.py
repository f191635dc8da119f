"""What an import will do, as data: places and boundaries that are wanted, and those that stand. Pure."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import shapely

from linli.places import codes
from linli.places.findings import ERROR, Finding, Spot
from linli.places.tiling import Shape

GENERATED: Final = "generated"


@dataclass(frozen=True, slots=True)
class Standing:
    """A place as it stands in the database: current name, and current boundary if any."""

    name: str
    active: bool
    kind: str = ""
    wkb: bytes | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A place as the plan wants it."""

    area: str
    name: str
    kind: str
    spot: Spot

    @property
    def level(self) -> str:
        """city … grid"""
        return codes.level_of(self.area)


@dataclass(frozen=True, slots=True)
class Outline:
    """A boundary as the plan wants it (WGS84)."""

    shape: Shape
    wkb: bytes
    source: str
    crs: str


@dataclass(frozen=True, slots=True)
class Options:
    """What the command says about an import.

    *grids*: cells to generate in all; None: six per village. *close*: close places that the files no longer list.
    """

    city_code: str = ""
    city_name: str = ""
    generate: bool = True
    grids: int | None = None
    seed: int = 1
    close: bool = False


@dataclass(slots=True)
class Plan:
    """What an import will do."""

    city: str = ""
    places: dict[str, Wanted] = field(default_factory=dict)
    outlines: dict[str, Outline] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    originals: Mapping[tuple[str, int], Mapping[str, str]] = field(default_factory=dict)
    generated: int = 0
    vanished: list[str] = field(default_factory=list)
    close: bool = False

    @property
    def errors(self) -> list[Finding]:
        """The findings that keep the import from changing anything."""
        return [each for each in self.findings if each.severity == ERROR]

    def counts(self) -> dict[str, int]:
        """Places by level."""
        found = Counter(place.level for place in self.places.values())
        return {level: found.get(level, 0) for level in codes.LEVELS}


def outline(shape: Shape, source: str, crs: str) -> Outline:
    """A boundary in its normal form, so that the same polygon gives the same bytes."""
    normal = shape.normalize()
    return Outline(normal, shapely.to_wkb(normal, byte_order=1), source, crs)
