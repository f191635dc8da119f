"""Names written otherwise than they should be: by sound, with a wrong or missing character, in Latin letters.

The index is built at the first text that needs it (about 30 ms for a city of 1,500 names).
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from linli.understanding.gazetteer_mentions import Entry, Mention
from linli.understanding.gazetteer_spelling import stem_of
from linli.understanding.gazetteer_words import everyday, sounds

_SUFFIX = re.compile(
    r"(社区居民委员会|社区居委会|居委会|村民委员会|村委会|社区|村)|(街道办事处|街道办|街道|镇|乡)|([区县市])"
)
_LEVELS: Final = ("village", "township", "county")
_CHINESE = re.compile(r"[\u4e00-\u9fff]{1,5}$")
_NO_NAME = re.compile(
    r"(?:我们?|本|全|农|新农|小|老|城|校|山|片|辖|哪个|这个|那个|几个|各|每个|一个|整个|乡|超|门|菜|夜|都)$"
)
_LATIN = re.compile(r"[a-z']+")
_TYPES: Final = {
    "village": "village", "cun": "village", "community": "village", "shequ": "village", "neighbourhood": "village",
    "neighborhood": "village", "residential": "village",
    "town": "township", "township": "township", "zhen": "township", "xiang": "township", "subdistrict": "township",
    "sub-district": "township", "jiedao": "township", "street": "township",
    "district": "county", "county": "county", "qu": "county", "xian": "county", "city": "county", "shi": "county",
}  # fmt: skip
_WRITTEN: Final = {"village": "村", "cun": "村", "community": "社区", "shequ": "社区"}
_TAILS: Final = ("shequ", "jiedao", "cun", "zhen", "xiang", "xian", "qu", "shi")
_ENGLISH: Final = frozenset(
    re.findall(
        r"\w+",
        "a an the he she me we you can men long fan pan sun song bin ban do to so no in on at and are is be by of or it"
        " has have had was were been from for near this that there then than they them their please since when who why"
        " how dating bang sang sing ding done line time mine fine nine shine wine hang ring ping tang gang women change"
        " range huge cage page large hong le de lai dao mei bu shi li nimen",
    )
)
_MOST_WORDS: Final = 4


def syllables(word: str) -> tuple[str, ...]:
    """The readings of the characters, as people mix them up: no tones, zh=z, n=l, ing=in."""
    first, _ = sounds()
    return tuple(_merged(first.get(sign, sign)) for sign in word)


def _merged(sound: str) -> str:
    if sound[:2] in ("zh", "ch", "sh"):
        sound = sound[0] + sound[2:]
    elif sound.startswith("n"):
        sound = "l" + sound[1:]
    elif sound.startswith("hu"):
        sound = "f" + sound[1:]
    return sound[:-1] if sound.endswith(("ing", "eng")) else sound


def latin(stem: str) -> set[str]:
    """The stem in pinyin without blanks, with the other readings of at most two characters."""
    first, more = sounds()
    found = {""}
    for sign in stem:
        readings = more.get(sign, (first.get(sign, sign),))[:3] if len(found) <= 3 else (first.get(sign, sign),)
        found = {head + reading for head in found for reading in readings}
    return found


class Sounds:
    """The stems of a city's names by sound, by likeness, and in Latin letters."""

    def __init__(self, stems: Iterable[tuple[str, Entry]]) -> None:
        """*stems*: (stem, entry); the entry's kind says the level; roads, estates, landmarks count as spots."""
        self.by_sound: dict[tuple[str, ...], list[tuple[str, Entry]]] = defaultdict(list)
        self.by_latin: dict[str, list[Entry]] = defaultdict(list)
        self.stems: dict[str, list[Entry]] = defaultdict(list)
        self.masked: dict[str, list[tuple[str, Entry]]] = defaultdict(list)
        for stem, entry in stems:
            if len(stem) < 2:
                continue
            self.stems[stem].append(entry)
            self.by_sound[syllables(stem)].append((stem, entry))
            for spelled in latin(stem):
                self.by_latin[spelled.replace("v", "u")].append(entry)
                if "v" in spelled:
                    self.by_latin[spelled].append(entry)
            for at in range(len(stem)):
                self.masked[stem[:at] + "?" + stem[at + 1 :]].append((stem, entry))
                if len(stem) > 2:
                    self.masked[stem[:at] + stem[at + 1 :]].append((stem, entry))

    def mistaken(self, text: str, mentions: Sequence[Mention]) -> Iterator[Mention]:
        """Mentions where a suffix (村, 镇, 区 …) stands behind something that is like a name."""
        solid = [mention for mention in mentions if not mention.weak]
        for match in _SUFFIX.finditer(text):
            at = match.start()
            if any(m.start < match.end() and at < m.end for m in solid):
                continue
            edge = max((m.end for m in solid if m.end <= at), default=0)
            run = _CHINESE.search(text[max(edge, at - 5) : at])
            if run is None:
                continue
            beside = edge == at - len(run[0]) and bool(edge)
            whole = beside or at == len(run[0]) or not _CHINESE.search(text[: at - len(run[0])][-1:])
            if text[at - 1 : match.end()] in everyday() and not (whole and len(run[0]) == 2):
                continue  # 是农村 is no 石农村
            level = _LEVELS[(match.lastindex or 1) - 1]
            found = self._like(run[0], level, _scopes(solid, edge if beside else -1))
            if found is not None:
                word, how, entries = found
                sign = match[0][:2] if match[0].startswith("社区") else match[0][:1]
                entries = [entry for entry in entries if sign in entry.name] or entries
                yield Mention(at - len(word), match.end(), word + match[0], entries, how=how)

    def longer(self, text: str, mention: Mention, kind: str) -> Mention | None:
        """The same mention with one or two characters before it, where that sounds like a longer name."""
        stem = stem_of(mention.word, kind)
        for before in (2, 1):
            start = mention.start - before
            word = text[max(0, start) : mention.start] + stem
            if start < 0 or len(word) < 3 or not _CHINESE.fullmatch(word):
                continue
            entries = [e for _, e in self.by_sound.get(syllables(word), ()) if e.kind == kind]
            if entries:
                return Mention(start, mention.end, text[start : mention.end], entries, how="sound")
        return None

    def _like(self, run: str, level: str, scopes: Sequence[Sequence[str]]) -> tuple[str, str, list[Entry]] | None:
        """(word, how, places) for the longest end of *run* that is like a name, inside the nearest scope first."""
        ends = [run[-length:] for length in range(min(5, len(run)), 1, -1)]
        words = [word for word in ends if not _NO_NAME.fullmatch(word)]
        for scope in scopes:
            for word in words:
                if (scope or word not in everyday()) and (found := self._sounding(word, level, scope)):
                    return word, "sound", found
            for word in words:
                if scope and (typed := self.mistyped(word, level, scope)):
                    return word, self._how(word, typed, scope), [entry for _, entry in typed]
        for word in words:
            if len(word) > 2 and word not in everyday():
                typed = [pair for pair in self.mistyped(word, level, ()) if len(pair[0]) > 2]
                if typed:
                    return word, "near", [entry for _, entry in typed]
        return None

    def _how(self, word: str, found: Sequence[tuple[str, Entry]], scope: Sequence[str]) -> str:
        """A slip that can be mended without asking: in a named town one name is so close, and enough of it stands."""
        stem = found[0][0]
        sure = len({entry.area for _, entry in found}) == 1 and all(len(area) >= 9 for area in scope)
        enough = min(len(word), len(stem)) >= 3 or (len(word) != len(stem) and word not in everyday())
        return "typo" if sure and enough else "near"

    def _sounding(self, word: str, level: str, scope: Sequence[str]) -> list[Entry]:
        return [
            entry
            for stem, entry in self.by_sound.get(syllables(word), ())
            if entry.kind == level and _inside(entry.area, scope)
            if scope or len(word) > 2 or level != "village" or set(stem) & set(word)
        ]

    def mistyped(self, word: str, level: str, scope: Sequence[str]) -> list[tuple[str, Entry]]:
        """(stem, place) of names with a character missing or too many, else of those with another character."""
        fewer = [pair for pair in self.masked.get(word, ()) if len(pair[0]) > len(word)]
        more = [
            (word[:at] + word[at + 1 :], entry)
            for at in range(len(word) if len(word) > 2 else 0)
            for entry in self.stems.get(word[:at] + word[at + 1 :], ())
        ]
        other = [
            pair
            for at in range(len(word))
            for pair in self.masked.get(word[:at] + "?" + word[at + 1 :], ())
            if len(pair[0]) == len(word)
        ]
        for found in ([*fewer, *more], other):
            kept = {e.area: (stem, e) for stem, e in found if e.kind == level and _inside(e.area, scope)}
            if kept:
                return list(kept.values())
        return []

    def inside(self, stem: str, kind: str, scope: Sequence[str]) -> list[Entry]:
        """Places of a kind below one of the areas whose name sounds like *stem*."""
        return [e for _, e in self.by_sound.get(syllables(stem), ()) if e.kind == kind and _inside(e.area, scope)]

    def bare(self, text: str) -> Iterator[Mention]:
        """Names of three characters or more that only sound right, without a suffix; one character has to agree."""
        first, _ = sounds()
        heard = [_merged(first.get(sign, sign)) for sign in text]
        for at in range(len(text) - 2):
            for length in (4, 3):
                pairs = self.by_sound.get(tuple(heard[at : at + length]), ()) if at + length <= len(text) else ()
                word = text[at : at + length]
                entries = [e for stem, e in pairs if set(stem) & set(word)] if pairs and word not in everyday() else []
                if entries:
                    yield Mention(at, at + length, word, entries, how="sound")
                    break

    def romanised(self, text: str) -> Iterator[Mention]:
        """Names in Latin letters, joined or not, with or without tones: Suji town, su ji zhen, Sūjī."""
        words = [(m.start(), m.end(), m[0].replace("'", "")) for m in _LATIN.finditer(toneless(text))]
        at = 0
        while at < len(words):
            for count in range(min(_MOST_WORDS, len(words) - at), 0, -1):
                if mention := self._latin(words, at, count):
                    yield mention
                    at += count - 1
                    break
            at += 1

    def _latin(self, words: Sequence[tuple[int, int, str]], at: int, count: int) -> Mention | None:
        parts = [word for _, _, word in words[at : at + count]]
        joined, level = "".join(parts), ""
        if len(joined) < 4:
            return None
        after = words[at + count][2] if at + count < len(words) else ""
        level = _TYPES.get(after, "")
        entries = self.by_latin.get(joined, [])
        if not entries:
            tail = next((t for t in _TAILS if joined.endswith(t) and len(joined) > len(t) + 3), "")
            entries = self.by_latin.get(joined.removesuffix(tail), []) if tail else []
            level = _TYPES.get(tail, "") if tail else level
        if level:
            entries = [entry for entry in entries if entry.kind == level] or entries
            if sign := _WRITTEN.get(after):
                entries = [entry for entry in entries if sign in entry.name] or entries
        elif any(part in _ENGLISH for part in parts):
            return None
        if not entries:
            return None
        return Mention(words[at][0], words[at + count - 1][1], joined, list(entries), how="roman")


def toneless(text: str) -> str:
    """The text in small letters without tone marks, of the same length."""
    if text.isascii():
        return text
    return "".join(unicodedata.normalize("NFD", sign)[0] if sign > "\x7f" else sign for sign in text)


def _scopes(mentions: Sequence[Mention], beside: int) -> list[list[str]]:
    """Areas of named places to look in: the one directly before, then any named, then everywhere."""
    near = [e.area for m in mentions if m.end == beside for e in m.entries if 4 < len(e.area) < 12]
    named = [e.area for m in mentions if not m.weak for e in m.entries if 4 < len(e.area) < 12]
    return [scope for scope in (near, named) if scope] + [[]]


def _inside(area: str, scope: Sequence[str]) -> bool:
    return not scope or any(area.startswith(upper) and area != upper for upper in scope)
