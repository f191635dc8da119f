"""Advertising pasted into a message: marked, never removed. The expressions stand in ``data/advertising.toml``.

A clause that belongs to a news page or invites to follow, download, buy or borrow is marked by itself; weaker offers
need a contact or a second offer in their sentence. Limits: a sentence that complains or asks is not marked for what it
complains of; advertising told as a story, without invitation or contact, is not found.
"""

import re
import tomllib
from importlib import resources
from typing import Any, Final

from linli.understanding.lexicon import folded
from linli.understanding.reading import Span

_DATA: Final[dict[str, Any]] = tomllib.loads(
    resources.files("linli.understanding").joinpath("data/advertising.toml").read_text("utf-8")
)


def _any(name: str) -> re.Pattern[str]:
    return re.compile("|".join(_DATA[name]))


_PAGE, _ALONE, _OFFER, _CONTACT, _GENUINE = (_any(name) for name in ("page", "alone", "offer", "contact", "genuine"))
_SENTENCE = re.compile(r"[^。！!？?；;\n]+[。！!？?；;\n]*")
_CLAUSE = re.compile(r"[^，,\n|▼▲►◆■●→↓]+[，,\n|▼▲►◆■●→↓]*")
_HINT = re.compile(
    "[:：【广推关扫点下击搜订赚薪贷票证彩棋招惠免价折代微群粉载酬秘兼职码阅荐客稿权疏茶药股侦领送买抢热电惊邮]|"
    "www|http|click|buy|order|free|offer|cheap|casino|follow|subscri|sponsor|advert|app|seo|win |earn|off|loan|"
    "rights|scan|add "
)
LONGEST: Final = 400
"""Characters of a clause that are judged; beyond that it is no call-out."""


def find(text: str) -> tuple[Span, ...]:
    """Stretches that are advertising, neighbours joined."""
    low = folded(text)
    if not _HINT.search(low):
        return ()
    spans: list[Span] = []
    for sentence in _SENTENCE.finditer(low):
        for start, end in _marked(low, sentence.start(), sentence.end()):
            if spans and not low[spans[-1].end : start].strip(" ，,\n"):
                spans[-1] = Span("advertising", spans[-1].start, end)
            else:
                spans.append(Span("advertising", start, end))
    return tuple(spans)


def _marked(low: str, start: int, end: int) -> list[tuple[int, int]]:
    """The stretches of one sentence that advertise: all of it, or some of its clauses."""
    body = low[start : min(end, start + LONGEST)]
    if is_offer(body):
        return [(start, end)]
    found: list[tuple[int, int]] = []
    for clause in _CLAUSE.finditer(low, start, end):
        said = clause[0][:LONGEST].strip(" ，,。！!？?；;\n|▼▲►◆■●→↓")
        invites = _ALONE.search(said) or (found and found[-1][1] == clause.start() and _CONTACT.search(said))
        if _PAGE.search(said) or (invites and not _GENUINE.search(said)):
            found.append(clause.span())
    return found


def is_offer(sentence: str) -> bool:
    """Whether one sentence (folded) offers: an offer and a contact, or two offers; and it complains of nothing."""
    offers = {match[0] for match in _OFFER.finditer(sentence)}
    if not offers or (len(offers) < 2 and not _CONTACT.search(sentence)):
        return False
    return _GENUINE.search(sentence) is None


def is_advertising(sentence: str) -> bool:
    """Whether a sentence is marked, wholly or in part."""
    return bool(find(sentence))
