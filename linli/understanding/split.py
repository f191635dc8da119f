"""Splitting a message that holds several problems.

Conservative: a cut is made only at a list number, a connecting word or the stops of an enumeration, and only where both
sides have their own category evidence, under different level-2 labels; otherwise the message stays whole. Once several
problems are certain, a comma may part them too.
"""

import itertools
import re
from collections.abc import Callable
from typing import Final

ENOUGH: Final = 0.75
"""Category confidence that a piece must reach by itself to become a part."""
MOST_PARTS: Final = 8
LONGEST: Final = 240
"""Characters; a longer letter numbers its arguments rather than its problems and stays whole for a person to split."""
BRIEF: Final = 60
"""Characters up to which enumerations (of three or more) and commas may part problems: longer ones tell a story."""

_WORD = (
    "另外|还有|同时|此外|其次|再者|顺便|再就是|另有|而且|并且|再加上|除此之外|also[ ,]|besides[ ,]|another problem"
    "|in addition|and "
)
_NUMBER = (
    "[1-9][0-9]?[、.．)）](?![0-9])|[一二三四五六七八九十]、|[（(][一二三四五六七八九十1-9][)）]|[①-⑳]"
    "|第[一二三四五六七八九十][，、,]"
)
_CUT = re.compile(
    rf"(?:(?<=[，。；！？,;!?\n ])|^)(?={_WORD})|(?:(?<=[，。；！？,;!?：:\n ])|^)(?={_NUMBER})|(?<=[；;])",
    re.IGNORECASE,
)
_LISTED = re.compile("(?<=[^、，。；！？,;!?]{4}、)(?=[^、，。；！？,;!?]{4})")
_COMMA = re.compile("(?<=[，。！？,!?])(?=[^，。！？,!?]{4})")


def split(text: str, evidence: Callable[[int, int], tuple[str, float]]) -> list[tuple[int, int]]:
    """Where the parts stand; together they cover the text. *evidence*: a stretch's best category and confidence."""
    if len(text) > LONGEST:
        return [(0, len(text))]
    marks = sorted({0, *(match.start() for match in _CUT.finditer(text)), len(text)})
    brief = len(text) <= BRIEF
    if brief and text.count("、") > 1:
        marks = sorted({*marks, *(match.start() for match in _LISTED.finditer(text))})
    if len(marks) <= 2:
        return [(0, len(text))]
    found = _cut(marks, evidence)
    if brief and len(found) > 1:
        found = _cut(sorted({*marks, *(match.start() for match in _COMMA.finditer(text))}), evidence) or found
    return found if 1 < len(found) <= MOST_PARTS else [(0, len(text))]


def _cut(marks: list[int], evidence: Callable[[int, int], tuple[str, float]]) -> list[tuple[int, int]]:
    """The stretches between *marks*, joined where they don't speak for another problem; none where one says nothing."""
    parts: list[tuple[int, int, str]] = []
    for start, end in itertools.pairwise(marks):
        code, confidence = evidence(start, end)
        group = ".".join(code.split(".")[:2]) if confidence >= ENOUGH else ""
        if parts and (not group or not parts[-1][2] or group == parts[-1][2]):
            parts[-1] = (parts[-1][0], end, parts[-1][2] or group)
        else:
            parts.append((start, end, group))
    return [] if any(not group for _, _, group in parts) else [(start, end) for start, end, _ in parts]
