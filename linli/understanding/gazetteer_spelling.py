"""How names of places are written and said: suffixes, short forms, numbers. Pure functions."""

from collections.abc import Mapping
from typing import Final, NamedTuple

KINDS: Final = frozenset(
    {"city", "county", "township", "village", "grid", "alias", "road", "estate", "landmark", "building"}
)
LEVELS: Final = ("city", "county", "township", "village", "grid")

SUFFIXES: Final[Mapping[str, tuple[str, ...]]] = {
    "city": ("市",),
    "county": ("彝族自治县", "藏族自治县", "羌族自治县", "苗族自治县", "自治县", "新区", "区", "县", "市"),
    "township": ("街道办事处", "街道办", "街道", "彝族乡", "藏族乡", "回族乡", "苗族乡", "民族乡", "镇", "乡"),
    "village": (
        "社区居民委员会",
        "社区居委会",
        "居民委员会",
        "村民委员会",
        "村委会",
        "居委会",
        "社区",
        "村",
    ),
}
_ADDED: Final[Mapping[str, tuple[str, ...]]] = {
    "township": ("街道办事处", "街道办", "街道", "镇", "乡", "镇政府", "乡政府"),
    "village": ("社区居委会", "社区", "村委会", "居委会", "村"),
}
_CHINESE: Final = {digit: value for value, digit in enumerate("一二三四五六七八九", 1)}

SHORT, EVERYDAY = 1, 2
"""How weak a spelling is: a bare stem of two characters; a word that people use for other things."""


class Spelling(NamedTuple):
    """One way to write a name. *weak*: 0, SHORT or EVERYDAY; *official*: with the suffix it officially has."""

    word: str
    weak: int
    official: bool


def stem_of(name: str, kind: str) -> str:
    """A name without what only says its level: 红星村村民委员会 → 红星, 大佛街道 → 大佛, 峨边彝族自治县 → 峨边."""
    suffix = next((end for end in SUFFIXES.get(kind, ()) if name.endswith(end) and len(name) > len(end)), "")
    stem = name[: len(name) - len(suffix)] if suffix else name
    if kind == "village" and len(stem) > 2 and suffix not in ("村", "社区"):
        stem = stem.removesuffix("社区").removesuffix("村")
    return stem


def spellings(name: str, kind: str, everyday: frozenset[str] = frozenset()) -> list[Spelling]:
    """All ways to write a name; the official ones first."""
    found = {name: Spelling(name, EVERYDAY if kind == "alias" and name in everyday else 0, official=True)}
    suffix = next((end for end in SUFFIXES.get(kind, ()) if name.endswith(end) and len(name) > len(end)), "")
    if not suffix:
        return list(found.values())
    stem = stem_of(name, kind)
    head = name[: len(name) - len(suffix)]
    if kind == "village" and head.endswith(("村", "社区")) and len(head) > 1:
        found.setdefault(head, Spelling(head, 0, official=True))
    if kind == "county" and "自治县" in suffix:
        found.setdefault(stem + "县", Spelling(stem + "县", 0, official=True))
    written = "村" if kind == "village" and "村" in suffix else "社区" if kind == "village" else suffix[-1:]
    written = "街道" if suffix.startswith("街道") else written
    for end in _ADDED.get(kind, ()):
        if len(stem + end) >= 3 or (kind == "village" and end == written and stem + end not in everyday):
            found.setdefault(stem + end, Spelling(stem + end, 0, end.startswith(written)))
    if kind == "county" and stem.endswith("山") and len(stem) > 2:
        found.setdefault(stem[:-1], Spelling(stem[:-1], SHORT, official=False))  # 峨眉山市 is 峨眉 to everybody
    if len(stem) >= 2:
        found.setdefault(stem, Spelling(stem, weakness(stem, kind, everyday), official=False))
    return list(found.values())


def weakness(stem: str, kind: str, everyday: frozenset[str]) -> int:
    """How much a bare stem needs support."""
    if kind == "county":
        return EVERYDAY if stem.endswith("中") else 0
    if stem in everyday or (kind == "village" and stem.endswith(("路", "街")) and stem[:-1] in everyday):
        return EVERYDAY
    return SHORT if len(stem) == 2 else 0


def number(text: str) -> int:
    """A number, written 3, 03, 三 or 十二; 0 where it can't be read."""
    if text.isdecimal():
        return int(text)
    total = digit = 0
    for sign in text:
        if sign in "十百":
            total += (digit or 1) * (10 if sign == "十" else 100)
            digit = 0
        else:
            digit = _CHINESE.get(sign, 0)
    return total + digit
