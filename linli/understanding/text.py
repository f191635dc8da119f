"""Cleaning: any string becomes one that can be read, stored and shown. Nothing here raises."""

import re
import unicodedata
from typing import Final

from linli.core.words import Words
from linli.understanding.reading import Reason

READ_LIMIT: Final = 20_000
"""Characters that are read; a longer text is only searched for danger beyond that."""
HARD_LIMIT: Final = 1_000_000

_PLAIN = re.compile(r"[ -~\n\u3001-\u303f\u4e00-\u9fff！（），：；？～“”‘’—…·]*")
_KEPT = re.compile(r"[！（），：；？～…·“”‘’—]+")
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200c\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_LONE_JOINER = re.compile("(?<![\u2600-\u27bf\ufe0f\U0001f000-\U0001faff])\u200d")
_SURROGATE = re.compile("[\ud800-\udfff]")
_MARKS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"
    "\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\u3099\u309a\ufe20-\ufe2f"
)
_FLOOD = re.compile(f"([{_MARKS}]{{3}})[{_MARKS}]+")
_BLANKS = re.compile("[ \t\u3000\u00a0]{2,}|[\t\u3000\u00a0]")
_LINES = re.compile("\n{3,}")

CUT = Words(
    f"内容很长，系统只读取了前{READ_LIMIT:,}个字；原文完整保留，请工作人员通读。",
    f"The message is very long: only its first {READ_LIMIT:,} characters were read. "
    "It is kept whole; please read it in full.",
)
MENDED = Words(
    "内容含有无法显示的字符，已替换。", "The message held characters that can't be shown; they were replaced."
)


def clean(raw: str) -> tuple[str, str, tuple[Reason, ...]]:
    """The text to read, the rest that was cut off (cleaned less: only for the search for danger), and notices."""
    notices: list[Reason] = []
    text = raw[:HARD_LIMIT]
    if len(raw) > HARD_LIMIT:
        text = text[: HARD_LIMIT - 1000] + raw[-1000:]
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    rest = ""
    if len(text) > READ_LIMIT:
        text, rest = text[:READ_LIMIT], text[READ_LIMIT:]
        notices.append(CUT)
    if not _PLAIN.fullmatch(text):
        if _SURROGATE.search(text):
            text = _SURROGATE.sub("\ufffd", text)
            notices.append(MENDED)
        text = _odd(text)
    if rest:
        rest = _FLOOD.sub(r"\1", _HIDDEN.sub("", _SURROGATE.sub("\ufffd", rest)))
    text = _LINES.sub("\n\n", _BLANKS.sub(" ", text)).strip()
    return text, rest, tuple(notices)


def _odd(text: str) -> str:
    """NFKC without turning Chinese punctuation into ASCII; hidden characters and floods of marks removed."""
    text = _FLOOD.sub(r"\1", _LONE_JOINER.sub("", _HIDDEN.sub("", text)))
    pieces: list[str] = []
    last = 0
    for kept in _KEPT.finditer(text):
        pieces += (unicodedata.normalize("NFKC", text[last : kept.start()]), kept[0])
        last = kept.end()
    pieces.append(unicodedata.normalize("NFKC", text[last:]))
    return _HIDDEN.sub("", _FLOOD.sub(r"\1", "".join(pieces)))[:READ_LIMIT]
