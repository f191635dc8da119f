"""Small tables that placing needs, each read when first asked for: sounds, everyday words, places elsewhere.

They are made from published word lists (named in the first line of each file) and hold nothing of any one city.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

_FOLDER: Final = Path(__file__).parent / "data"

COMMON_NAMES: Final = frozenset(
    [
        "市中区",
        "城中区",
        "城关区",
        "新城区",
        "东区",
        "西区",
        "南区",
        "北区",
        "江北区",
        "河东区",
        "河西区",
        "高新区",
        "开发区",
        "新区",
        "桥东区",
        "桥西区",
    ]
)
"""Names of districts that say nothing about which city is meant."""


def _lines(name: str) -> list[str]:
    return (_FOLDER / name).read_text(encoding="utf-8").splitlines()[1:]


@cache
def everyday() -> frozenset[str]:
    """Words of two or three characters that everybody uses: 和平, 建设, 水井. As a place they need support."""
    return frozenset(" ".join(_lines("everyday.txt")).split(" "))


@cache
def _pairs() -> Mapping[str, str]:
    return {line[0]: line[2:] for line in _lines("pairs.txt")}


def is_word(word: str) -> bool:
    """Whether two characters are a word in general use, names included: 青山, 河西. Such a bare name says little."""
    return len(word) == 2 and word[1] in _pairs().get(word[0], "")


@cache
def elsewhere() -> tuple[tuple[str, str], ...]:
    """(code, name) of the provinces, cities and counties of the country; codes without ending zeros."""
    pairs = (line.partition(" ") for line in _lines("elsewhere.txt"))
    return tuple((code, name) for code, _, name in pairs)


@cache
def sounds() -> tuple[Mapping[str, str], Mapping[str, tuple[str, ...]]]:
    """Of each character the first reading, and all readings where there are several; without tones, ü as v."""
    first: dict[str, str] = {}
    more: dict[str, list[str]] = {}
    for line in _lines("sounds.txt"):
        syllable, _, signs = line.partition(" ")
        usual, _, other = signs.partition("+")
        for sign in usual:
            first[sign] = syllable
        for sign in other:
            more.setdefault(sign, []).append(syllable)
    return first, {sign: (first[sign], *found) for sign, found in more.items() if sign in first}
