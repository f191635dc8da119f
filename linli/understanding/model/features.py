"""From a letter to numbered features: pieces of one to five characters, words and pairs of words, each a 64-bit hash.

All pieces of a letter are hashed in a handful of array operations: with powers of an odd number modulo 2**64, the hash
of any stretch is the difference of two running sums times an inverse power (Rabin–Karp). Training and serving call the
same function, so that their answers are identical.
"""

import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import rjieba
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]
Ints = NDArray[np.int64]

READ: Final = 2_000
"""Characters of a letter that are looked at."""
ORDERS: Final = (1, 2, 3, 4, 5)
"""Lengths of the pieces, in characters."""
_PRIME: Final = 0x9E37_79B9_7F4A_7C15 | 1
_MASK: Final = (1 << 64) - 1
_BREAK: Final = 0
_DIGIT: Final = ord("0")
_SPACE: Final = np.uint16(ord(" "))


@dataclass(frozen=True, slots=True)
class Pieces:
    """The hashes of one letter's pieces, repeated as often as they occur: of the whole letter, and of its subject."""

    whole: Hashes
    subject: Hashes


def _mixed(values: Hashes) -> Hashes:
    """Every bit of the input touches every bit of the output (the finisher of SplitMix64)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58_476D_1CE4_E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D0_49BB_1331_11EB)
    return values ^ (values >> np.uint64(31))


@cache
def _powers() -> tuple[Hashes, Hashes]:
    """Powers of the base and of its inverse modulo 2**64."""
    inverse, size = pow(_PRIME, -1, 1 << 64), 2 * READ + 4
    up, down = [1], [1]
    for _ in range(size):
        up.append(up[-1] * _PRIME & _MASK)
        down.append(down[-1] * inverse & _MASK)
    return np.array(up, np.uint64), np.array(down, np.uint64)


@cache
def _canon() -> tuple[NDArray[np.uint16], Hashes]:
    """What each character of the basic plane counts as (0: a break between pieces), and its random number."""
    table = np.zeros(1 << 16, np.uint16)
    for code in range(1 << 16):
        char = chr(code)
        if not char.isalnum():
            continue
        if char.isdecimal():
            table[code] = _DIGIT
            continue
        plain = char.lower() if 0x3400 <= code < 0xF900 else unicodedata.normalize("NFKC", char).lower()
        table[code] = ord(plain) if len(plain) == 1 and ord(plain) < 1 << 16 else code
    return table, _mixed(np.arange(1 << 16, dtype=np.uint64) + np.uint64(0x1234_5678_9ABC_DEF1))


@dataclass(frozen=True, slots=True)
class Traced:
    """The pieces of the whole letter with where each begins and ends in *text*."""

    text: str
    hashes: Hashes
    starts: Ints
    ends: Ints


@dataclass(frozen=True, slots=True)
class _Cut:
    """*where*: position of each character of the text among those that count; *edge*: where the subject ends there."""

    text: str
    hashes: Hashes
    starts: Ints
    ends: Ints
    where: Ints
    edge: int


def pieces(subject: str, detail: str = "") -> Pieces:
    """The pieces of a letter. Punctuation and blanks break them; all digits count as one, numbers as one digit."""
    cut = _cut(subject[:READ], detail[:READ])
    return Pieces(cut.hashes, _mixed(cut.hashes[cut.ends <= cut.edge]))


def traced(subject: str, detail: str = "") -> Traced:
    """The same pieces of the whole letter, with their places in the text."""
    cut = _cut(subject[:READ], detail[:READ])
    first = np.searchsorted(cut.where[1:], np.arange(cut.where[-1] + 1), side="right")
    last = np.searchsorted(cut.where, np.arange(cut.where[-1] + 1), side="left")
    return Traced(cut.text, cut.hashes, first[cut.starts], last[cut.ends])


def _cut(subject: str, detail: str) -> _Cut:
    text = f"{subject}\n{detail}"
    table, numbers = _canon()
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    codes = table[np.minimum(points, 0xFFFF)]
    words = rjieba.cut(np.where(codes == _BREAK, _SPACE, codes).astype("<u2").tobytes().decode("utf-16-le"))
    kept = np.ones(len(codes), bool)
    kept[1:] = (codes[1:] != codes[:-1]) | ((codes[1:] != _BREAK) & (codes[1:] != _DIGIT))
    where = np.zeros(len(codes) + 1, np.int64)
    np.cumsum(kept, out=where[1:])
    codes = codes[kept]
    up, down = _powers()
    sums = np.zeros(len(codes) + 1, np.uint64)
    np.cumsum(numbers[codes] * up[: len(codes)], out=sums[1:])
    breaks = np.zeros(len(codes) + 1, np.int64)
    np.cumsum(codes == _BREAK, out=breaks[1:])
    starts, ends, kinds = _stretches(words, len(codes), where)
    good = (breaks[ends] == breaks[starts]) & (ends > starts)
    starts, ends, kinds = starts[good], ends[good], kinds[good]
    hashes = _mixed((sums[ends] - sums[starts]) * down[starts] + kinds)
    return _Cut(text, hashes, starts, ends, where, int(where[len(subject)]))


def _stretches(words: list[str], size: int, where: Ints) -> tuple[Ints, Ints, Hashes]:
    """Start, end and kind of every piece, word and pair of words."""
    at = np.arange(size, dtype=np.int64)
    starts = [at[: max(0, size - order + 1)] for order in ORDERS]
    ends = [begin + order for begin, order in zip(starts, ORDERS, strict=True)]
    edges = np.zeros(len(words) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, words), np.int64, len(words)), out=edges[1:])
    edges = where[edges]
    starts += [edges[:-1], edges[:-2]]
    ends += [edges[1:], edges[2:]]
    count = sum(map(len, starts[: len(ORDERS)]))
    kinds = np.zeros(count + len(starts[-2]) + len(starts[-1]), np.uint64)
    kinds[count:] = np.uint64(0x5851_F42D_4C95_7F2D)
    kinds[count + len(starts[-2]) :] = np.uint64(0x1405_7B7E_F767_814F)
    return np.concatenate(starts), np.concatenate(ends), kinds
