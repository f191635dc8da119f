"""Splitting a message that holds several problems.

Conservative: a cut is made only at a list number or a connecting word, and only where both sides have their own
category evidence, under different level-2 labels; otherwise the message stays whole.
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

_WORD = "另外|还有|同时|此外|其次|再者|顺便|再就是|另有|also[ ,]|besides[ ,]|another problem|in addition"
_NUMBER = (
    "[1-9][0-9]?[、.．)）](?![0-9])|[一二三四五六七八九十]、|[（(][一二三四五六七八九十1-9][)）]|[①-⑳]"
    "|第[一二三四五六七八九十][，、,]"
)
_CUT = re.compile(
    rf"(?:(?<=[，。；！？,;!?\n ])|^)(?={_WORD})|(?:(?<=[，。；！？,;!?：:\n ])|^)(?={_NUMBER})|(?<=[；;])",
    re.IGNORECASE,
)


def split(text: str, evidence: Callable[[int, int], tuple[str, float]]) -> list[tuple[int, int]]:
    """Where the parts stand; together they cover the text. *evidence*: a stretch's best category and confidence."""
    if len(text) > LONGEST:
        return [(0, len(text))]
    marks = sorted({0, *(match.start() for match in _CUT.finditer(text)), len(text)})
    if len(marks) <= 2:
        return [(0, len(text))]
    parts: list[tuple[int, int, str]] = []
    for start, end in itertools.pairwise(marks):
        code, confidence = evidence(start, end)
        group = ".".join(code.split(".")[:2]) if confidence >= ENOUGH else ""
        if parts and (not group or not parts[-1][2] or group == parts[-1][2]):
            parts[-1] = (parts[-1][0], end, parts[-1][2] or group)
        else:
            parts.append((start, end, group))
    if len(parts) > MOST_PARTS or any(not group for _, _, group in parts):
        return [(0, len(text))]
    return [(start, end) for start, end, _ in parts]
