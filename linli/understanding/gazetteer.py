"""Places named in a sentence: the city's own names, and nothing is guessed among several.

Build it once from the imported places; a look-up is one pass over the text. A name that stands for several places is
resolved by an upper place in the same sentence, else by the prior (the map pin, the operator's area); otherwise every
candidate is returned with a confidence too low to act on.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Self

from linli.core.words import Words
from linli.understanding.lexicon import Hit, Lexicon, folded
from linli.understanding.reading import PlaceGuess, Reason

MOST_CANDIDATES: Final = 5
MOST_MENTIONS: Final = 24
"""Different names weighed against each other; a text with more is no address."""
KINDS: Final = frozenset({"city", "county", "township", "village", "grid", "alias", "road", "estate", "landmark"})

_SUFFIXES: Final[Mapping[str, tuple[str, ...]]] = {
    "city": ("市",),
    "county": ("彝族自治县", "自治县", "新区", "区", "县", "市"),
    "township": ("街道办事处", "街道办", "街道", "彝族乡", "民族乡", "镇", "乡"),
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
    "township": ("街道办事处", "街道办", "街道", "镇", "乡", "镇政府"),
    "village": ("社区居委会", "社区", "村委会", "居委会", "村"),
}
_LEVEL_BASE: Final[Mapping[int, float]] = {4: 0.4, 6: 0.6, 9: 0.8, 12: 0.92, 15: 0.95}
_GRID_NUMBER = re.compile(r"第?\s*([0-9]{1,3}|[一二三四五六七八九十百]{1,4})\s*(?:号)?\s*网格")
_PLACE_AFTER = re.compile(
    r"[村社区小组路街镇乡]|[0-9一二三四五六七八九十]+[组号队栋]|那边|这边|附近|门口|一带|旁边|里面|居民|村民|第?.{1,3}网格"
)
_PLACE_BEFORE = re.compile(r"(?:在|住|位于|来自|我是|我们|就是|地址|地点|到|从)[:：]?$")
_CHINESE = {digit: value for value, digit in enumerate("一二三四五六七八九", 1)}


@dataclass(frozen=True, slots=True)
class _Entry:
    """One meaning of one spelling. ``weak``: a short stem that needs support from what stands around it."""

    area: str
    name: str
    kind: str
    weak: bool
    official: bool


@dataclass(slots=True)
class _Mention:
    start: int
    end: int
    word: str
    entries: list[_Entry]
    supported: str = ""


class Gazetteer:
    """All names of a city. Immutable after ``build``."""

    __slots__ = ("_grids", "_lexicon", "_names", "size")

    def __init__(self, lexicon: Lexicon[_Entry], grids: dict[str, dict[int, str]], names: dict[str, str]) -> None:
        self._lexicon = lexicon
        self._grids = grids
        self._names = names
        self.size = lexicon.size

    @classmethod
    def build(cls, rows: Iterable[tuple[str, str, str]]) -> Self:
        """From rows (name, area code, kind); kinds as in KINDS. Aliases, roads, estates, landmarks may repeat."""
        entries: dict[tuple[str, str], _Entry] = {}
        grids: dict[str, dict[int, str]] = {}
        names: dict[str, str] = {}
        for raw, area, kind in rows:
            name = folded(raw.strip())
            if kind not in KINDS:
                raise ValueError(f"unknown kind of place {kind!r}; known: {', '.join(sorted(KINDS))}")
            if len(name) < 2:
                continue
            if kind in ("city", "county", "township", "village", "grid"):
                names[area] = raw.strip()
            numbered = _GRID_NUMBER.search(name) if kind == "grid" else None
            if numbered:
                grids.setdefault(area[:12], {})[number(numbered[1])] = area
                if numbered[0] == name:
                    continue
            for word, weak, official in spellings(name, kind):
                key = (word, area)
                if key not in entries or (entries[key].weak and not weak):
                    entries[key] = _Entry(area, raw.strip(), kind, weak, official)
        return cls(Lexicon((word, entry) for (word, _), entry in entries.items()), grids, names)

    def name_of(self, area: str) -> str:
        """The official name, or the code where none is known."""
        return self._names.get(area, area)

    def find(self, text: str, prior: Mapping[str, float] | None = None) -> tuple[PlaceGuess, ...]:
        """The places named, best first; several where the text does not decide. *prior*: area to weight."""
        text = folded(text)
        hits = {hit.word: hit for hit in reversed(self._lexicon.scan(text))}
        first = sorted(hits.values(), key=lambda hit: hit.start)[:MOST_MENTIONS]
        mentions = [self._mention(text, hit) for hit in first]
        _restrict(mentions)
        mentions = [mention for mention in mentions if mention.supported or not all(e.weak for e in mention.entries)]
        if not mentions:
            return self._by_prior(text, prior or {})
        wanted = _deepest(mentions)
        guesses: list[PlaceGuess] = []
        for mention in wanted:
            guesses += self._guesses(mention, prior or {}, alone=len(wanted) == 1)
        guesses = [self._with_grid(text, guess) for guess in guesses]
        return tuple(sorted(guesses, key=lambda guess: (-guess.confidence, guess.area))[:MOST_CANDIDATES])

    def _mention(self, text: str, hit: Hit[_Entry]) -> _Mention:
        entries = list(hit.payloads)
        if any(not entry.weak for entry in entries):
            entries = [entry for entry in entries if not entry.weak]
            if any(entry.official for entry in entries):
                entries = [entry for entry in entries if entry.official]
        mention = _Mention(hit.start, hit.end, hit.word, entries)
        if _PLACE_AFTER.match(text, hit.end) or _PLACE_BEFORE.search(text[max(0, hit.start - 4) : hit.start]):
            mention.supported = "around"
        return mention

    def _guesses(self, mention: _Mention, prior: Mapping[str, float], *, alone: bool) -> list[PlaceGuess]:
        entries = list({entry.area: entry for entry in mention.entries}.values())
        areas = [entry.area for entry in entries]
        if len(areas) > 1 and len(common := _common(areas)) >= 9 and entries[0].kind not in ("village", "grid"):
            name = self.name_of(common)
            reason = Words(
                f"“{mention.word}”跨多处，都在{name}", f'"{mention.word}" crosses several places, all in {name}'
            )
            return [PlaceGuess(common, name, 0.7 if alone else 0.4, (reason,))]
        why = _named(mention)
        if len(entries) > 1 and prior:
            weights = [_prior_of(entry.area, prior) for entry in entries]
            best = max(weights)
            if best > 0 and weights.count(best) == 1:
                entries = [entries[weights.index(best)]]
                why = Words(
                    f"{why.zh}；同名地点中按定位或所在辖区选定", f"{why.en}; chosen among namesakes by pin or own area"
                )
        if len(entries) > 1:
            reason = Words(
                f"“{mention.word}”有{len(entries)}处同名，无法确定是哪一处",
                f'"{mention.word}" is the name of {len(entries)} places; the text does not say which',
            )
            return [PlaceGuess(entry.area, entry.name, round(0.5 / len(entries), 3), (reason,)) for entry in entries]
        entry = entries[0]
        confidence = _LEVEL_BASE.get(len(entry.area), 0.5)
        if entry.weak:
            confidence = 0.85 if mention.supported == "upper" else 0.65
        if not alone:
            confidence = min(confidence, 0.45)
            why = Words(f"{why.zh}；但文中还提到别处", f"{why.en}; but the text names other places too")
        return [PlaceGuess(entry.area, self.name_of(entry.area), confidence, (why,))]

    def _with_grid(self, text: str, guess: PlaceGuess) -> PlaceGuess:
        """“第三网格” after the village leads to the grid itself."""
        numbers = self._grids.get(guess.area)
        match = _GRID_NUMBER.search(text) if numbers else None
        area = numbers.get(number(match[1])) if numbers and match else None
        if match is None or area is None:
            return guess
        reason = Words(f"文中写明“{match[0]}”", f'The text says "{match[0]}"')
        return PlaceGuess(area, self.name_of(area), min(0.97, guess.confidence + 0.03), (*guess.reasons, reason))

    def _by_prior(self, text: str, prior: Mapping[str, float]) -> tuple[PlaceGuess, ...]:
        """No place is named; a grid number alone still counts where the prior gives one village."""
        match = _GRID_NUMBER.search(text)
        villages = {area[:12] for area in prior if len(area) >= 12}
        if match is None or len(villages) != 1:
            return ()
        area = self._grids.get(villages.pop(), {}).get(number(match[1]))
        if area is None:
            return ()
        reason = Words(
            f"文中写明“{match[0]}”，按所在村（社区）确定", f'The text says "{match[0]}", in the known village'
        )
        return (PlaceGuess(area, self.name_of(area), 0.8, (reason,)),)


def spellings(name: str, kind: str) -> list[tuple[str, bool, bool]]:
    """Ways to write a name: (spelling, weak, official). A bare stem is weak when it has two characters."""
    found = {name: (name, False, True)}
    suffix = next((end for end in _SUFFIXES.get(kind, ()) if name.endswith(end) and len(name) > len(end)), "")
    stem = name[: len(name) - len(suffix)] if suffix else name
    if suffix:
        if kind == "village" and len(stem) > 2 and stem.endswith(("村", "社区")) and suffix not in ("村", "社区"):
            found.setdefault(stem, (stem, False, True))
            stem = stem.removesuffix("社区").removesuffix("村")
        written = "村" if kind == "village" and "村" in suffix else "社区" if kind == "village" else ""
        for end in _ADDED.get(kind, ()):
            if len(stem + end) >= 3:
                official = not written or end.startswith(written)
                found.setdefault(stem + end, (stem + end, False, official))
        if len(stem) >= 2:
            weak = (len(stem) == 2 and kind != "county") or (kind == "county" and stem.endswith("中"))
            found.setdefault(stem, (stem, weak, False))
    return list(found.values())


def number(text: str) -> int:
    """A grid's number, written 3, 03, 三 or 十二; 0 where it can't be read."""
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


def _restrict(mentions: list[_Mention]) -> None:
    """Keep of each mention's places those inside an upper place that is named too, the narrowest such one."""
    for mention in mentions:
        others = [other for other in mentions if other is not mention]
        depths = [
            max(
                (
                    len(up.area)
                    for other in others
                    for up in other.entries
                    if _above(up, entry, len(other.entries) < len(mention.entries))
                ),
                default=0,
            )
            for entry in mention.entries
        ]
        deepest = max(depths)
        if deepest:
            mention.entries = [entry for entry, depth in zip(mention.entries, depths, strict=True) if depth == deepest]
            mention.supported = "upper"


def _above(up: _Entry, entry: _Entry, narrower: bool) -> bool:
    """Whether *up* holds *entry*; the same area counts where its name is the narrower one (a road and a village)."""
    return entry.area.startswith(up.area) and (narrower or len(up.area) < len(entry.area))


def _deepest(mentions: list[_Mention]) -> list[_Mention]:
    """Those that are not merely the upper place of another; each set of places once."""
    left: dict[frozenset[str], _Mention] = {}
    for mention in mentions:
        is_upper = any(
            other is not mention and any(e.area != up.area and e.area.startswith(up.area) for e in other.entries)
            for up in mention.entries
            for other in mentions
        )
        if not is_upper:
            left.setdefault(frozenset(entry.area for entry in mention.entries), mention)
    kept = list(left.values())
    # a road or landmark beside a village that holds it, or one of the same village: the same place said twice
    sure = [mention for mention in kept if not all(entry.weak for entry in mention.entries)]
    return sure or kept or mentions[:1]


def _common(areas: list[str]) -> str:
    shortest = min(len(area) for area in areas)
    for length in (15, 12, 9, 6, 4):
        if length <= shortest and len({area[:length] for area in areas}) == 1:
            return areas[0][:length]
    return ""


def _prior_of(area: str, prior: Mapping[str, float]) -> float:
    """How much the prior speaks for an area: the longest shared prefix at a level decides, times its weight."""
    best = 0.0
    for known, weight in prior.items():
        for length in (15, 12, 9, 6):
            if len(area) >= length and area[:length] == known[:length] and len(known) >= length:
                best = max(best, length * weight)
                break
    return best


def _named(mention: _Mention) -> Reason:
    if mention.supported == "upper":
        return Words(f"文中写明“{mention.word}”及其上级地名", f'The text names "{mention.word}" and the place above it')
    return Words(f"文中写明“{mention.word}”", f'The text names "{mention.word}"')
