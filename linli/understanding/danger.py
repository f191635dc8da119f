"""Danger to life in a text: what goes at once to the urgent path, with a person.

A missed danger costs more than a needless look, so only what plainly is none is passed over: a negation directly before
the words (没有着火), prevention, practice or a story (预防…, 消防演练), what is only feared or supposed (万一着火), a
habit of speech (跳楼价), or an event plainly long past (去年, 2012年). Self-harm, violence and a child are passed over
least. The words stand in ``data/danger.toml``. Limits: irony, quotations and negations further away (“说是着火，其实
没有”) are still taken as danger; allusions without any declared word are not found. A person decides in either case.
"""

import re
from datetime import datetime
from typing import Final

from linli.understanding.danger_words import (
    AFTER,
    CHIMNEY,
    ENGLISH,
    HABIT,
    KINDS,
    NEGATED,
    PAST,
    PATTERNS,
    PREVENTED,
    SIMPLIFIED,
    SUPPOSED,
    WORDS,
)
from linli.understanding.lexicon import Lexicon, folded
from linli.understanding.reading import Danger

__all__ = ["KINDS", "find"]

MOST_WEIGHED: Final = 20_000
BEFORE: Final = 26
"""Characters before a word in which a negation, a fear or a date may stand."""
PERSONAL: Final = frozenset({"self_harm", "violence", "child_violence"})
"""What a person does: neither feared nor an earlier deed makes it harmless."""
GRAVEST: Final = ("child_violence", "self_harm", "fire", "explosion", "gas")

_LEXICON: Lexicon[str] = Lexicon((word, kind) for kind, words in WORDS.items() for word in words)
_YEAR = re.compile(r"((?:19|20)[0-9]{2})\s?[年./-][^。；！？\n今现刚正昨快又]{0,22}$")
_CLAUSE = re.compile("[，。；！？,;!?\n]")
_APART = re.compile("(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])")
_LETTERS = re.compile("[a-z]{3}")


def find(text: str, at: datetime | None = None) -> Danger | None:
    """The gravest danger said in the text, or None. *at*: when it was said; without it no named year counts as past."""
    text = folded(text).translate(SIMPLIFIED).replace("著火", "着火")
    if " " in text:
        text = _APART.sub("", text)
    best: Danger | None = None
    for kind, hint, form in PATTERNS:
        if hint.search(text):
            for match in form.finditer(text):
                best = _graver(best, _weighed(text, kind, match.span(), 0.85, at))
    for hit in _LEXICON.scan(text)[:MOST_WEIGHED]:
        kind = hit.payloads[0]
        sure = 0.9 if kind == "self_harm" or (len(hit.word) > 2 and kind != "medical") else 0.8
        best = _graver(best, _weighed(text, kind, (hit.start, hit.end), sure, at))
    if _LETTERS.search(text):
        for match in ENGLISH.finditer(text):
            best = _graver(best, _weighed(text, match.lastgroup or "", match.span(), 0.85, at))
    return best


def _graver(best: Danger | None, found: Danger | None) -> Danger | None:
    """The one that is told: a child before all, then the more certain, then the one that spreads fastest."""
    if found is None or best is None:
        return found or best
    return found if _grave(found) > _grave(best) else best


def _grave(found: Danger) -> tuple[bool, float, int]:
    rank = len(GRAVEST) - GRAVEST.index(found.kind) if found.kind in GRAVEST else 0
    return (found.kind == "child_violence", found.confidence, rank)


def _weighed(text: str, kind: str, span: tuple[int, int], sure: float, at: datetime | None) -> Danger | None:
    """The danger that stands at *span*, or None when it plainly is none."""
    start, end = span
    follows = AFTER.get(kind)
    if follows is not None and follows.match(text, end):
        return None
    whole = text[max(0, start - BEFORE) : start]
    before = _CLAUSE.split(whole)[-1]
    if before and (NEGATED.search(before) or HABIT.search(before) or PREVENTED.search(before)):
        return None
    if kind == "fire" and "烟" in text[start:end] and CHIMNEY.search(whole + text[end : end + 8]):
        return None
    if kind not in PERSONAL and kind != "collapse" and before and SUPPOSED.search(before):
        return None
    if whole and ((kind not in PERSONAL and PAST.search(whole)) or _long_ago(whole, at)):
        return None
    return Danger(kind, text[start:end], sure)


def _long_ago(before: str, at: datetime | None) -> bool:
    """Whether a year is named that is over; the last one only from February on."""
    match = _YEAR.search(before) if at is not None else None
    if match is None or at is None:
        return False
    ago = at.year - int(match[1])
    return ago >= 2 or (ago == 1 and at.month > 1)
