"""Area prefixes and codes: pure text rules of GB/T 2260, GB/T 10114 and the 15-digit grid code."""

import re
from typing import Final

LEVELS: Final = ("city", "county", "township", "village", "grid")
AREA_LENGTH: Final = {"city": 4, "county": 6, "township": 9, "village": 12, "grid": 15}
LEVEL_OF_LENGTH: Final = {length: level for level, length in AREA_LENGTH.items()}
_DIGITS = re.compile(r"[0-9]+\Z")


def level_of(area: str) -> str:
    """The level of an area prefix. Raises ValueError when its length is that of none."""
    try:
        return LEVEL_OF_LENGTH[len(area)]
    except KeyError:
        raise ValueError(f"no level has an area of {len(area)} digits: {area!r}") from None


def parent_area(area: str) -> str | None:
    """The area one level up; None for a city."""
    place = LEVELS.index(level_of(area))
    return None if place == 0 else area[: AREA_LENGTH[LEVELS[place - 1]]]


def upper_areas(area: str) -> list[str]:
    """The area itself and all areas above it, city first."""
    return [area[:length] for length in AREA_LENGTH.values() if length <= len(area)]


def code_of(area: str) -> str:
    """The official code: a city is written with two zeros (5111 → 511100), all others as they are."""
    return area + "00" if len(area) == AREA_LENGTH["city"] else area


def area_of(code: str, level: str | None = None) -> str:
    """The area of an official code of 6, 9, 12 or 15 digits; trailing zeros of the 12-digit form are dropped.

    511100000000 → 5111, 511102 → 511102, 511102004000 → 511102004. With *level* the length is fixed by it.
    Raises ValueError when it is no such code.
    """
    text = code.strip()
    if not _DIGITS.match(text):
        raise ValueError(f"not a code of digits: {code!r}")
    if level is not None:
        length = AREA_LENGTH[level]
        if len(text) < length or text[length:].strip("0") or len(text) not in (4, 6, 9, 12, 15):
            raise ValueError(f"not a code of level {level}: {code!r}")
        return text[:length]
    if len(text) == 12:
        for tail in (8, 6, 3):
            if text.endswith("0" * tail):
                return text[: 12 - tail]
    if len(text) == 6 and text.endswith("00"):
        return text[:4]
    level_of(text)
    return text


def village_kind(name: str) -> str:
    """``community`` (社区, 居委会), ``village`` (村) or nothing, read from the official name."""
    if "社区" in name or name.endswith(("居委会", "居民委员会")):
        return "community"
    if name.endswith(("村", "村委会", "村民委员会")):
        return "village"
    return ""
