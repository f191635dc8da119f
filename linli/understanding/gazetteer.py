"""Places named in a sentence: the city's own names, and nothing is guessed among several.

Build it once from the imported places; a look-up is one pass over the text. Names that are written otherwise (by sound,
with a wrong character, in Latin letters) are looked for only where the exact ones do not settle it. A name that stands
for several places is resolved by an upper place in the same sentence, else by the prior (the map pin, the operator's
area); otherwise every candidate is returned with a confidence too low to act on, and with one question.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Final, Self

from linli.core.words import Words
from linli.understanding import gazetteer_mentions as said
from linli.understanding import gazetteer_resolve as resolve
from linli.understanding.gazetteer_asking import Found, Namer, asked, confirm, outside
from linli.understanding.gazetteer_mentions import ELSEWHERE, Entry, Mention
from linli.understanding.gazetteer_sound import Sounds
from linli.understanding.gazetteer_spelling import EVERYDAY, KINDS, LEVELS, SHORT, number, spellings, stem_of
from linli.understanding.gazetteer_spots import Spots
from linli.understanding.gazetteer_words import COMMON_NAMES, elsewhere, everyday
from linli.understanding.lexicon import Hit, Lexicon, folded
from linli.understanding.reading import PlaceGuess

__all__ = ["KINDS", "Found", "Gazetteer", "number", "spellings"]

MOST_CANDIDATES: Final = 8
MOST_MENTIONS: Final = 24
"""Different names weighed against each other; a text with more is no address."""

_GRID_NUMBER = re.compile(
    r"(?:第?\s*([0-9]{1,3}|[一二三四五六七八九十百]{1,4})\s*(?:号)?\s*(?:单元)?网格|网格(?:编号)?[:：第]?\s*([0-9]{1,3})号?)"
)
_LATIN = re.compile(r"[a-zāáǎàēéěèīíǐìōóǒòūúǔù]{4}|[a-z]{2,} [a-z]{2,}")
_LOWER: Final = ("village", "township")
_NAME = re.compile(r"(?![的在有和与到是])[\u4e00-\u9fff]{1,2}(?<![的在有和与到是])")
_CITY_TAILS: Final = ("自治州", "地区", "省", "市", "盟")


class Gazetteer:
    """All names of a city. Immutable after ``build``."""

    def __init__(
        self,
        lexicon: Lexicon[Entry],
        grids: dict[str, dict[int, str]],
        namer: Namer,
        stems: Sequence[tuple[str, Entry]],
    ) -> None:
        self._lexicon = lexicon
        self._grids = grids
        self._namer = namer
        self._stems = stems
        self._everyday = everyday()
        self.size = lexicon.size

    @cached_property
    def _sounds(self) -> Sounds:
        return Sounds(self._stems)

    @cached_property
    def _spots(self) -> Spots:
        return Spots(entry for _, entry in self._stems)

    @classmethod
    def build(cls, rows: Iterable[tuple[str, str, str]]) -> Self:
        """From rows (name, area code, kind); kinds as in KINDS. Aliases, roads, estates, landmarks may repeat."""
        entries: dict[tuple[str, str], Entry] = {}
        grids: dict[str, dict[int, str]] = {}
        names: dict[str, str] = {}
        heads: dict[str, str] = {}
        stems: list[tuple[str, Entry]] = []
        common = everyday()
        for raw, area, kind in rows:
            name = folded(raw.strip())
            if kind not in KINDS:
                raise ValueError(f"unknown kind of place {kind!r}; known: {', '.join(sorted(KINDS))}")
            if len(name) < 2:
                continue
            if kind in LEVELS:
                names[area] = raw.strip()
            numbered = _GRID_NUMBER.search(name) if kind == "grid" else None
            if numbered:
                grids.setdefault(area[:12], {})[number(numbered[1] or numbered[2])] = area
                if numbered[0] == name or name.startswith(heads.get(area[:12], name + "!")):
                    continue  # its village and its number say as much
            for word, weak, official in spellings(name, kind, common):
                key = (word, area)
                if key not in entries or (entries[key].weak and not weak):
                    entries[key] = Entry(area, raw.strip(), kind, weak, official)
            if kind != "grid":
                stem = stem_of(name, kind)
                if kind == "village":
                    heads[area] = stem
                stems.append((stem, Entry(area, raw.strip(), kind, 0, official=True)))
        words = [(word, entry) for (word, _), entry in entries.items()]
        lexicon = Lexicon([*words, *_elsewhere({word for word, _ in words}, {area[:4] for area in names})])
        return cls(lexicon, grids, Namer(names), stems)

    def name_of(self, area: str) -> str:
        """The official name, or the code where none is known."""
        return self._namer.name(area)

    def confirm(self, guess: PlaceGuess) -> Words:
        """The question whether a place is meant."""
        return confirm(guess, self._namer)

    def find(self, text: str, prior: Mapping[str, float] | None = None) -> tuple[PlaceGuess, ...]:
        """The places named, best first; several where the text does not decide. *prior*: area to weight."""
        return self.locate(text, prior).guesses

    def locate(self, text: str, prior: Mapping[str, float] | None = None, *, pinned: bool = False) -> Found:
        """As ``find``, with the question that would settle it, and the place elsewhere that is named instead.

        *pinned*: the place is known from a map; names that are only like one of ours need not be looked for.
        """
        text, prior = folded(text), prior or {}
        mentions, away = self._mentions(text, prior, pinned=pinned)
        if not mentions:
            if away:
                return outside(away[0])
            return Found(self._spots.generic(text, prior, self._namer) or self._by_prior(text, prior))
        wanted = resolve.deepest(resolve.foremost(mentions))
        guesses: list[PlaceGuess] = []
        for mention in wanted:
            guesses += self._guesses(mention, prior, alone=len(wanted) == 1)
        guesses = [self._with_grid(text, guess) for guess in guesses]
        if len(guesses) == 1:
            guesses = [self._spots.nearer(text, guess, mentions, self._namer) for guess in guesses]
        best = tuple(sorted(guesses, key=lambda guess: (-guess.confidence, guess.area))[:MOST_CANDIDATES])
        return asked(best, wanted, self._namer)

    def _mentions(self, text: str, prior: Mapping[str, float], *, pinned: bool) -> tuple[list[Mention], list[Mention]]:
        """What the text names here, in order, and what it names elsewhere."""
        hits = {hit.word: hit for hit in reversed(self._lexicon.scan(text))}
        first = sorted(hits.values(), key=lambda hit: hit.start)[:MOST_MENTIONS]
        starts = {hit.start for hit in first if any(e.official and e.kind in LEVELS for e in hit.payloads)}
        read = [_mention(hit) for hit in first]
        mentions = [mention for mention in read if said.usable(text, mention, self._everyday, starts)]
        mentions = [self._longer(text, mention) for mention in mentions]
        mentions, away = said.foreign(text, mentions)
        if _LATIN.search(text):
            mentions += self._sounds.romanised(text)
        if not pinned and not _settled(mentions):
            mentions = self._mended(text, mentions, away)
        if not mentions:
            return [], away
        mentions.sort(key=lambda mention: mention.start)
        said.grouped(text, mentions)
        resolve.restrict(text, mentions)
        self._misplaced(text, mentions)
        self._doubted(text, mentions, prior)
        return [mention for mention in mentions if mention.entries and mention.weak < EVERYDAY], away

    def _doubted(self, text: str, mentions: list[Mention], prior: Mapping[str, float]) -> None:
        """What nothing supports and may well mean something else is asked about, not taken."""
        ends = {mention.end for mention in mentions}
        for mention in mentions:
            entry = mention.entries[0] if mention.entries else None
            if entry is None or mention.supported or (mention.how and mention.how != "sound"):
                continue
            stem = stem_of(mention.word, entry.kind)
            short = entry.kind in _LOWER and len(stem) == 2
            if mention.doubted:
                near = resolve.by_prior(mention.entries, prior)
                mention.how = "" if near else "word"
                mention.entries = [near] if near else mention.entries
            elif (short or mention.how) and not said.bounded(text, mention, ends, self._everyday):
                mention.how = "inside"
                mention.entries = [] if mention.word == stem else mention.entries

    def _longer(self, text: str, mention: Mention) -> Mention:
        """娥眉山市 is no 眉山市, 丝毛坪村 no 毛坪: with what stands before it the name may sound like a longer one."""
        entry = mention.entries[0]
        if (
            not mention.start
            or entry.kind not in (ELSEWHERE, "village")
            or (entry.kind == "village" and entry.official)
        ):
            return mention
        kind = "county" if entry.kind == ELSEWHERE else "village"
        return self._sounds.longer(text, mention, kind) or mention

    def _mended(self, text: str, mentions: list[Mention], away: list[Mention]) -> list[Mention]:
        """With the names that are written otherwise; weak ones that such a one covers are left out."""
        found = [
            new
            for new in self._sounds.mistaken(text, [*mentions, *away])
            if new.how != "near" or not any(_same(new, mention) for mention in mentions)
        ]
        mentions = [m for m in mentions if not m.weak or not any(m.start < f.end and f.start < m.end for f in found)]
        mentions += found
        return mentions if mentions or away else list(self._sounds.bare(text))

    def _misplaced(self, text: str, mentions: list[Mention]) -> None:
        """A village named behind a town that has none of that name: another name that is like it, or a doubt."""
        for upper, lower in pairwise(mentions):
            areas = [entry.area for entry in upper.entries if entry.kind in ("township", "county")]
            inside = [e for e in lower.spare if upper.group == lower.group and any(map(e.area.startswith, areas))]
            if inside and max(map(len, areas)) > 6:
                lower.entries, lower.supported = inside, "upper"
            if not areas or upper.weak or lower.paired or lower.how or lower.entries[0].kind not in _LOWER:
                continue
            if any(e.area.startswith(area) or area.startswith(e.area) for e in lower.entries for area in areas):
                continue
            between = text[upper.end : lower.start]
            if upper.group != lower.group and not _NAME.fullmatch(between):
                continue
            self._replaced(between if upper.group != lower.group else "", lower, areas)

    def _replaced(self, head: str, lower: Mention, areas: list[str]) -> None:
        kind = lower.entries[0].kind
        word = head + stem_of(lower.word, kind)
        if heard := self._sounds.inside(word, kind, areas):
            lower.entries, lower.how, lower.supported, lower.word = heard, "sound", "upper", head + lower.word
        elif typed := self._typed(word, lower, areas):
            lower.entries, lower.how, lower.supported, lower.word = typed, "typo", "upper", head + lower.word
        elif head or not any(entry.official for entry in lower.entries):
            lower.entries = []
        else:
            lower.how = "elsewhere"

    def _typed(self, word: str, lower: Mention, areas: list[str]) -> list[Entry]:
        """The one place of the town that *word* is a slip for, where enough of its name stands there."""
        typed = self._sounds.mistyped(word, lower.entries[0].kind, areas) if len(word) > 1 else []
        return [entry for stem, entry in typed if len(typed) == 1 and len(stem) > 2]

    def _guesses(self, mention: Mention, prior: Mapping[str, float], *, alone: bool) -> list[PlaceGuess]:
        entries = list({entry.area: entry for entry in mention.entries}.values())
        areas = [entry.area for entry in entries]
        if len(areas) > 1 and entries[0].kind not in LEVELS and len(shared := resolve.common(areas)) >= 9:
            name = self.name_of(shared)
            why = Words(
                f"“{mention.word}”跨多处，都在{name}", f'"{mention.word}" crosses several places, all in {name}'
            )
            return [PlaceGuess(shared, name, 0.7 if alone else 0.4, (why,))]
        chosen = entries[0] if len(entries) == 1 else resolve.holder(entries)
        why = resolve.named(mention, self._namer.full((chosen or entries[0]).area))
        if chosen is None and (chosen := resolve.by_prior(entries, prior)):
            why = Words(
                f"{why.zh}；同名地点中按定位或所在辖区选定", f"{why.en}; chosen among namesakes by pin or own area"
            )
        if chosen is None:
            return _several(mention, entries)
        confidence = resolve.confidence(mention, chosen)
        if not alone:
            confidence = min(confidence, 0.45)
            why = Words(f"{why.zh}；但文中还提到别处", f"{why.en}; but the text names other places too")
        return [PlaceGuess(chosen.area, self.name_of(chosen.area), confidence, (why,))]

    def _with_grid(self, text: str, guess: PlaceGuess) -> PlaceGuess:
        """“第三网格” after the village leads to the grid itself."""
        numbers = self._grids.get(guess.area)
        match = _GRID_NUMBER.search(text) if numbers else None
        area = numbers.get(number(match[1] or match[2])) if numbers and match else None
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
        area = self._grids.get(villages.pop(), {}).get(number(match[1] or match[2]))
        if area is None:
            return ()
        reason = Words(
            f"文中写明“{match[0]}”，按所在村（社区）确定", f'The text says "{match[0]}", in the known village'
        )
        return (PlaceGuess(area, self.name_of(area), 0.8, (reason,)),)


def _several(mention: Mention, entries: Sequence[Entry]) -> list[PlaceGuess]:
    reason = Words(
        f"“{mention.word}”有{len(entries)}处同名，无法确定是哪一处",
        f'"{mention.word}" is the name of {len(entries)} places; the text does not say which',
    )
    return [PlaceGuess(entry.area, entry.name, round(0.5 / len(entries), 3), (reason,)) for entry in entries]


def _mention(hit: Hit[Entry]) -> Mention:
    """The meanings of a word: the strong ones where there are any, of these the official ones."""
    entries = [entry for entry in hit.payloads if entry.kind != ELSEWHERE] or list(hit.payloads)
    if any(not entry.weak for entry in entries):
        entries = [entry for entry in entries if not entry.weak]
        if any(entry.official for entry in entries):
            entries = [entry for entry in entries if entry.official]
    spare = tuple(e for e in hit.payloads if e.weak == SHORT) if entries and entries[0].kind == "county" else ()
    return Mention(hit.start, hit.end, hit.word, entries, spare=spare)


def _same(new: Mention, mention: Mention) -> bool:
    """Whether the words already name that place without the slip: 罗目古镇 is 罗目."""
    areas = {entry.area for entry in new.entries}
    return new.start <= mention.start < new.end and areas.issuperset(entry.area for entry in mention.entries)


def _settled(mentions: Sequence[Mention]) -> bool:
    """Whether one village or spot is named beyond doubt; then nothing else is looked for."""
    return any(
        not mention.weak and len({entry.area for entry in mention.entries}) == 1 and len(mention.entries[0].area) >= 12
        for mention in mentions
    )


def _elsewhere(own: set[str], cities: set[str]) -> Iterable[tuple[str, Entry]]:
    """Names of provinces, cities and counties that are not this city's; cities by their bare names too."""
    for code, name in elsewhere():
        if name in own or name in COMMON_NAMES or code[:4] in cities or any(city.startswith(code) for city in cities):
            continue
        if len(name) > 2:
            yield name, Entry(code, name, ELSEWHERE, 0, official=True)
        if len(code) <= 4:
            stem = next((name.removesuffix(tail) for tail in _CITY_TAILS if name.endswith(tail)), "")
            if len(stem) >= 2 and stem not in own and stem not in COMMON_NAMES:
                yield stem, Entry(code, name, ELSEWHERE, 0, official=False)
