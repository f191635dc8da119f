"""Places of the installed city for the examples on residents' pages; empty where no place is there yet."""

from functools import lru_cache
from typing import Final

from linli.matters import reference
from linli.places import queries as places
from linli.places.cells import short_name
from linli.places.index import PlaceIndex

MOST: Final = 4
_SPOTS: Final = ("estate", "landmark", "road")


def examples() -> tuple[str, ...]:
    """A few places as people say them, each of another township. No SQL while nothing changed."""
    ref = reference.current()
    return _examples(ref.index, ref.home())


@lru_cache(1)
def _examples(index: PlaceIndex, home: str) -> tuple[str, ...]:
    villages = [entry for entry in index.walk(home, "village") if entry.level == "village"] if home else []
    spots = _spots(home)
    towns: dict[str, str] = {}
    for entry in sorted(villages, key=lambda entry: (entry.area not in spots, entry.area)):
        towns.setdefault(entry.area[:9], short_name(entry.name) + spots.get(entry.area, ""))
    return tuple(towns.values())[:MOST]


def _spots(city: str) -> dict[str, str]:
    """One named spot of each village."""
    found: dict[str, tuple[int, str]] = {}
    for row in places.gazetteer_rows():
        if row.kind in _SPOTS and row.area.startswith(city):
            rank = (_SPOTS.index(row.kind), row.name)
            found[row.area[:12]] = min(found.get(row.area[:12], rank), rank)
    return {area: name for area, (_, name) in found.items()}
