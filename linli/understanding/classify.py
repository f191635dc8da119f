"""From words to a category: keywords of the catalogue, looked up in one pass.

A category's *score* is the sum of its keywords' weights (a repeated word adds a quarter) plus SIBLINGS of what other
categories under the same level-1 label got: words that only say “school” still speak for education as a whole.
The raw figure is evidence x (0.4 + 0.6 x margin), where evidence = score / (score + HALF) and margin is the lead over
the best other category, as a share of the score (one under the same level-2 label counts half, under the same level 1
three quarters). Confidence is that figure on the curve CURVE: how often the level-1 label was right at it, measured on
real messages.
"""

from dataclasses import dataclass
from typing import Final
from weakref import WeakKeyDictionary

from linli.core.catalogue import Catalogue, Category
from linli.core.words import Words
from linli.understanding.lexicon import Hit, Lexicon
from linli.understanding.reading import Guess, Reason

HALF: Final = 1.2
SIBLINGS: Final = 0.4
REPEAT: Final = 0.25
MOST_GUESSES: Final = 4
CATCH_ALL_TOP: Final = 0.7
"""A catch-all category is never surer than this: a person looks for the right leaf."""
CURVE: Final = (
    (0.0, 0.1),
    (0.25, 0.42),
    (0.35, 0.56),
    (0.45, 0.75),
    (0.55, 0.87),
    (0.65, 0.91),
    (0.75, 0.93),
    (0.85, 0.97),
)

Leaf = tuple[Category, float]


@dataclass(frozen=True, slots=True)
class Scored:
    """The categories that the words speak for, best first, and whether the first two are close."""

    guesses: tuple[Guess, ...] = ()
    close: bool = False


class Index:
    """The keywords of one catalogue, ready to be looked up."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.lexicon: Lexicon[Leaf] = Lexicon(
            (keyword.word, (category, keyword.weight)) for keyword, category in catalogue.keywords()
        )


_INDEXES: WeakKeyDictionary[Catalogue, Index] = WeakKeyDictionary()


def index_of(catalogue: Catalogue) -> Index:
    """The catalogue's index, built once and kept as long as the catalogue."""
    index = _INDEXES.get(catalogue)
    if index is None:
        index = _INDEXES[catalogue] = Index(catalogue)
    return index


def score(hits: list[Hit[Leaf]]) -> Scored:
    """Judge the words found in one part."""
    own, words, pools = _added(hits)
    if not own:
        return Scored()
    totals = {code: got + SIBLINGS * (pools[code.split(".", 1)[0]] - got) for code, got in own.items()}
    ranked = sorted(totals, key=lambda code: (-totals[code], words[code][0][0].catch_all, code))
    guesses = tuple(_guess(code, ranked, totals, words[code]) for code in ranked[:MOST_GUESSES])
    close = len(guesses) > 1 and totals[ranked[1]] > 0.85 * totals[ranked[0]] and not _same(ranked[0], ranked[1], 1)
    return Scored(guesses, close)


def _added(
    hits: list[Hit[Leaf]],
) -> tuple[dict[str, float], dict[str, list[tuple[Category, str, float]]], dict[str, float]]:
    """Per category the sum of its weights and its words, per level-1 label the sum over its words."""
    own: dict[str, float] = {}
    words: dict[str, list[tuple[Category, str, float]]] = {}
    pools: dict[str, float] = {}
    seen: dict[str, int] = {}
    for hit in hits:
        times = seen[hit.word] = seen.get(hit.word, 0) + 1
        if times > 3:
            continue
        share = 1.0 if times == 1 else REPEAT
        tops: dict[str, float] = {}
        for category, weight in hit.payloads:
            code = category.code
            own[code] = own.get(code, 0.0) + weight * share
            if times == 1:
                words.setdefault(code, []).append((category, hit.word, weight))
            top = code.split(".", 1)[0]
            tops[top] = max(tops.get(top, 0.0), weight * share)
        for top, weight in tops.items():
            pools[top] = pools.get(top, 0.0) + weight
    return own, words, pools


def _guess(code: str, ranked: list[str], totals: dict[str, float], words: list[tuple[Category, str, float]]) -> Guess:
    total = totals[code]
    rival = 0.0
    for other in ranked:
        if other != code:
            rival = max(
                rival, totals[other] * (0.5 if _same(code, other, 2) else 0.75 if _same(code, other, 1) else 1.0)
            )
    margin = max(0.0, (total - rival) / total)
    confidence = calibrated(total / (total + HALF) * (0.4 + 0.6 * margin))
    category = words[0][0]
    if category.catch_all:
        confidence = min(confidence, CATCH_ALL_TOP)
    return Guess(code, round(confidence, 3), (_because(category, words),))


def calibrated(raw: float) -> float:
    """The confidence that a raw figure earned, linear between the points of CURVE."""
    low, at_low = CURVE[0]
    for high, at_high in CURVE[1:]:
        if raw <= high:
            return at_low + (at_high - at_low) * (raw - low) / (high - low)
        low, at_low = high, at_high
    return min(0.99, at_low + (raw - low) * 0.15)


def _because(category: Category, words: list[tuple[Category, str, float]]) -> Reason:
    strongest = sorted(words, key=lambda entry: -entry[2])[:4]
    return Words(
        f"提到“{'、'.join(word for _, word, _ in strongest)}”，属于“{category.label.zh}”",
        f'It mentions "{", ".join(word for _, word, _ in strongest)}": {category.label.en}',
    )


def _same(one: str, other: str, levels: int) -> bool:
    return one.split(".")[:levels] == other.split(".")[:levels]
