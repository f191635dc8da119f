"""The tree of places in memory: names, parents, middles. Pure; built by ``queries.snapshot``."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from linli.places import codes


class Entry(NamedTuple):
    """One active place. ``lon`` and ``lat`` are the middle of its polygon, None where it is not drawn."""

    area: str
    name: str
    level: str
    kind: str
    id: str
    lon: float | None
    lat: float | None

    @property
    def code(self) -> str:
        """The official code."""
        return codes.code_of(self.area)


class PlaceIndex:
    """All active places by area. Ten thousand take a few megabytes."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.by_area = {entry.area: entry for entry in sorted(entries)}
        self._below: dict[str, list[Entry]] = defaultdict(list)
        for entry in self.by_area.values():
            self._below[codes.parent_area(entry.area) or ""].append(entry)

    def __len__(self) -> int:
        return len(self.by_area)

    def __contains__(self, area: object) -> bool:
        return area in self.by_area

    def get(self, area: str) -> Entry | None:
        """The place of an area."""
        return self.by_area.get(area)

    def name(self, area: str) -> str:
        """The name; the area itself where there is no such active place."""
        entry = self.by_area.get(area)
        return entry.name if entry else area

    def children(self, area: str = "") -> tuple[Entry, ...]:
        """The places one level down, by code; of ``""``: the cities."""
        return tuple(self._below.get(area, ()))

    def chain(self, area: str) -> tuple[Entry, ...]:
        """The place and all above it, city first; areas that are not there are left out."""
        found = (self.by_area.get(area[:length]) for length in codes.AREA_LENGTH.values() if length <= len(area))
        return tuple(entry for entry in found if entry)

    def full_name(self, area: str) -> str:
        """The names of the chain written together, 乐山市市中区大佛街道…; one that the next begins with is left out."""
        names = [entry.name for entry in self.chain(area)]
        lower = [*names[1:], ""]
        return "".join(name for name, below in zip(names, lower, strict=True) if not below.startswith(name))

    def walk(self, area: str = "", down_to: str = "grid") -> Iterator[Entry]:
        """The place and everything below it down to a level, parents before children."""
        deepest = codes.AREA_LENGTH[down_to]
        if area in self.by_area:
            yield self.by_area[area]
        for entry in self._below.get(area, ()):
            if len(entry.area) <= deepest:
                yield from self.walk(entry.area, down_to)
