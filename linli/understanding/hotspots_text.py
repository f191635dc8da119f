"""What one message is about, for finding topics: the names in it, and the words of its problem.

Two views are kept apart, because a topic is *one problem in one place*: names (estates, roads, schools, companies,
products) are found by what stands before and after them, never from a list of known places; the words are the rest.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import rjieba

from linli.understanding.hotspots_words import CIVIC, CONCEPT, EMPTY, KINDS, LEADS

SUBJECT_READ: Final = 120
"""Characters of the subject line that are read."""
DETAIL_READ: Final = 700
"""Characters of the detail that are read: what a letter is about stands in its first paragraphs."""
MOST_NAMES: Final = 12

AREA: Final = re.compile(r"[A-Z][0-9]{0,3}(?:县市|[市区县州])|西地省")
_SPLIT: Final = re.compile(r"([A-Z][0-9]{0,3}(?:县市|[市区县州])|西地省)|[^\u4e00-\u9fffA-Za-z0-9]+")
_GAPS: Final = re.compile(r"[^\u4e00-\u9fffA-Za-z0-9]+")
_APART: Final = re.compile(r"[^\u4e00-\u9fffA-Za-z0-9\n]+")
_HIDDEN: Final = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")
ENDINGS: Final = frozenset("苑园城府湾庭居郡里邸墅")
_QUOTED: Final = re.compile(r"[“”\"《]([\u4e00-\u9fffA-Za-z0-9]{2,12})[”“\"》]")
_ROAD: Final = re.compile(r"(?:街道|大道|公路|高速|路|街|镇|乡|巷|号线)$")
_OFFICE: Final = re.compile(r"(?:局|政府|委|委会|厅|法院|大队|支队|办事处|部门|书记|领导|分局|条例|法)$")
_MEASURE: Final = re.compile(r"[0-9.]+[A-Za-z]{0,3}|[0-9一二三四五六七八九十]+月[底初中末份]?|[A-Za-z]+|https?.*")
_NUMBER: Final = re.compile(
    r"[0-9一二三四五六七八九十百零两第]+(?:[栋期号楼组室层年月日天个米点元万平人户次]|号楼|单元)?$"
)


@dataclass(frozen=True, slots=True)
class Sketch:
    """One message as the grouping sees it. *own*: what it is about; *named*: every name in it; *wide*: roads and
    towns; *sure*: whether the subject line says what it is
    about; *areas*: codes of masked places, those of the subject line first; *told*: everyday problems
    told in the subject line; *words*: those of its problem with their counts."""

    own: frozenset[str]
    sure: bool
    told: frozenset[str]
    named: frozenset[str]
    wide: frozenset[str]
    areas: tuple[str, ...]
    words: dict[str, float]
    line: str
    text: str

    @property
    def districts(self) -> frozenset[str]:
        """The districts and counties among *areas*."""
        return frozenset(area for area in self.areas if area[-1] in "区县州")


def sketch(subject: str, detail: str) -> Sketch:
    """Read one message, in well under a millisecond. Never raises."""
    subject, detail = normal(subject[:SUBJECT_READ]), normal(detail[:DETAIL_READ])
    words: defaultdict[str, float] = defaultdict(float)
    wide: set[str] = set()
    own: list[str] = []
    later: Counter[str] = Counter()
    for name, road in _names(subject, words, subject_line=True):
        if road:
            wide.add(name)
        else:
            own.append(name)
    told = frozenset(word[1:] for word in words if word[0] == "=")
    for name, road in _names(detail, words, subject_line=False):
        if road:
            wide.add(name)
        else:
            later[name] += 1
    sure = bool(own)
    if not sure:
        own = [name for name, count in later.most_common(2) if count > 1 or name[-1] in ENDINGS]
    for gram in _grams(subject):
        words[gram] += 0.6
    areas = tuple(dict.fromkeys(AREA.findall(subject) + AREA.findall(detail)))
    line = _APART.sub("", subject)
    text = line + "\n" + _APART.sub("", detail)
    named = frozenset([*own, *(name for name, _ in later.most_common(MOST_NAMES))])
    return Sketch(frozenset(own), sure, told, named, frozenset(wide), areas, dict(words), line, text)


def normal(text: str) -> str:
    """NFKC, without what cannot be seen and without lone surrogates."""
    return _HIDDEN.sub("", unicodedata.normalize("NFKC", text))


def _grams(subject: str) -> Iterator[str]:
    for piece in _GAPS.split(AREA.sub(" ", subject)):
        for at in range(len(piece) - 2):
            yield "#" + piece[at : at + 3]


def _names(line: str, words: defaultdict[str, float], *, subject_line: bool) -> Iterator[tuple[str, bool]]:
    """The names of a line, each with whether it is a road's or town's; all its words are counted into *words*."""
    for match in _QUOTED.finditer(line) if subject_line else ():
        quoted = AREA.sub("", match[1])
        if len(quoted) > 2 and quoted not in CIVIC and quoted not in EMPTY and not _OFFICE.search(quoted):
            yield quoted, False
    led, last = subject_line, 0
    for gap in [*_SPLIT.finditer(line), None]:
        end = gap.start() if gap else len(line)
        if end > last:
            tokens = rjieba.cut(line[last:end])
            _count(tokens, words, 2.0 if subject_line else 1.0)
            yield from _runs(tokens, led=led, subject_line=subject_line)
        led = bool(gap and gap[1]) or (subject_line and led and end == last)
        last = gap.end() if gap else end


def _count(tokens: list[str], words: defaultdict[str, float], weight: float) -> None:
    for token in tokens:
        if len(token) > 1 and token not in EMPTY and not token.isdecimal():
            words[token] += weight
            label = CONCEPT.get(token)
            if label:
                words["=" + label] += weight


def _runs(tokens: list[str], *, led: bool, subject_line: bool) -> Iterator[tuple[str, bool]]:
    """Stretches of words that are nobody's everyday words, where something says that a name stands there."""
    run: list[str] = []
    begun = led
    pending = ""
    for token in [*tokens, ""]:
        if token.isascii() and token.isdecimal() and not run:
            pending = token
            continue
        plain = token in EMPTY or token in CIVIC or bool(_NUMBER.match(token))
        if token and not plain:
            run += [pending, token] if pending else [token]
            pending = ""
            if _ROAD.search(token):
                name = "".join(run)
                if 2 < len(name) <= 8:
                    yield name, True
                run, begun = [], subject_line or begun
            elif token in ENDINGS and begun and len(name := "".join(run)) > 2:
                if _is_name(name, kind=True, subject_line=subject_line):
                    yield name, False
                run = []
            continue
        pending = ""
        kind = token in KINDS
        if run and (begun or kind or run[-1] in KINDS or run[-1][-1] in ENDINGS):
            name = "".join(run)
            if _is_name(name, kind=kind, subject_line=subject_line):
                yield name, False
        run = []
        begun = subject_line and token in LEADS


def _is_name(name: str, *, kind: bool, subject_line: bool) -> bool:
    if _OFFICE.search(name) or _MEASURE.fullmatch(name) or len(name) > 12:
        return False
    return len(name) > 2 or (len(name) == 2 and kind and subject_line)
