"""What the likeness index holds of a message, and the few comparisons that are made one by one."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from linli.understanding import likeness_score as score
from linli.understanding.likeness_score import Why
from linli.understanding.likeness_text import Grams

Rows = npt.NDArray[np.void]


@dataclass(frozen=True, slots=True)
class Item:
    """One message. *area* is a code, *at* seconds since 1970, *senders* keyed digests of the contacts given.

    *bundle* is what parts of one sentence share: they are never each other's duplicates.
    """

    key: Hashable
    text: str
    area: str = ""
    at: float = 0.0
    category: str = ""
    lon: float | None = None
    lat: float | None = None
    senders: tuple[int, ...] = ()
    bundle: Hashable = None


@dataclass(frozen=True, slots=True)
class Found:
    """An earlier message that looks like the same problem."""

    key: Hashable
    score: float
    why: Why


@dataclass(frozen=True, slots=True)
class Asked:
    """A message as it is compared."""

    pairs: Grams
    area: int
    length: int
    at: float
    category: tuple[int, int, int]
    lon: float
    lat: float
    numbers: frozenset[tuple[str, str]]
    things: frozenset[str]
    senders: frozenset[int]
    bundle: Hashable


@dataclass(frozen=True, slots=True)
class Features:
    """What was found for each candidate."""

    table: score.Floats
    shared: score.Floats
    close: score.Floats
    apart: score.Floats
    days: score.Floats
    category: score.Floats

    def why(self, n: int, same_sender: bool) -> Why:
        metres = float(self.apart[n])
        place, alike = score.place_word(float(self.close[n]), metres), _CATEGORY_WORDS[float(self.category[n])]
        numbers = int(self.table[n, score.NUMBERS])
        return Why(float(self.shared[n]), place, metres, float(self.days[n]), alike, numbers, same_sender)


ROW = np.dtype(
    [
        ("start", np.int64),
        ("size", np.int32),
        ("length", np.int8),
        ("alive", np.bool_),
        ("area", np.int64),
        ("at", np.float64),
        ("one", np.int32),
        ("two", np.int32),
        ("three", np.int32),
        ("lon", np.float32),
        ("lat", np.float32),
    ]
)


_CATEGORY_WORDS: Final = {1.0: "same", 0.4: "kin", 0.0: "unknown", -0.4: "other", -1.0: "other"}


def bucket_of(asked: Asked) -> tuple[int, int] | None:
    """Village and leaf category, where both are known."""
    if asked.length < 12 or not asked.category[2]:
        return None
    return asked.area // 1000, asked.category[2]


def alike(mine: tuple[int, int, int], rows: Rows) -> score.Floats:
    """1 for the same category, 0.4 for the same second level, -0.4 the same first, -1 another, 0 unknown."""
    if not mine[2]:
        return np.zeros(len(rows))
    alike = np.full(len(rows), -1.0)
    alike[rows["one"] == mine[0]] = -0.4
    alike[rows["two"] == mine[1]] = 0.4
    alike[rows["three"] == mine[2]] = 1.0
    alike[rows["three"] == 0] = 0.0
    return alike


def share(mine: frozenset[str], other: frozenset[str] | None) -> float:
    """1 where both name the same things, -1 where both name some but none in common, 0 where one names none."""
    if not mine or not other:
        return 0.0
    return 2.0 * len(mine & other) / min(len(mine), len(other)) - 1.0


def agree(mine: frozenset[tuple[str, str]], other: frozenset[tuple[str, str]] | None) -> float:
    """1 where the two name a number in common, -1 where a unit both name has other numbers, else 0."""
    if not mine or not other:
        return 0.0
    units = {unit for unit, _ in mine} & {unit for unit, _ in other}
    clash = any({n for u, n in mine if u == unit}.isdisjoint({n for u, n in other if u == unit}) for unit in units)
    if clash:
        return -1.0
    return 1.0 if units else 0.0
