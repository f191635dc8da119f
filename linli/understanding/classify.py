"""From words to a category: what the catalogue's words say (``evidence``), joined with a trained model if there is one.

Without a model, a category's raw figure is evidence x (0.4 + 0.6 x margin), where evidence = score / (score + HALF) and
margin is the lead over the best other category, as a share of the score (one under the same level-2 label counts half,
under the same level 1 three quarters). Confidence is that figure on the curve CURVE: how often the level-1 label was
right at it, measured on real messages.

With a model, its calibrated probability and the words together give the level-1 label (``joined``). The words choose
the category below: confidence is the probability of level 1 times how plainly they do.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Protocol

from linli.core.catalogue import Category
from linli.core.words import Words
from linli.understanding.evidence import Evidence, Index, index_of
from linli.understanding.reading import Guess, Reason

__all__ = ["Scored", "Voice", "calibrated", "index_of", "joined", "judge", "shares", "surest"]

HALF: Final = 1.2
MOST_GUESSES: Final = 4
CATCH_ALL_TOP: Final = 0.7
"""A catch-all category is never surer than this: a person looks for the right leaf."""
NEAR: Final = 0.85
"""A rival with this share of the best one's score is close to it."""
WORDLESS_TOP: Final = 0.7
"""Nor is a category of which no keyword was found, only wording like its examples."""
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
TRUST: Final = 0.8
"""Exponent of what a model says, beside the words."""
SPARED: Final = 0.01
"""What the words leave to a label of which they say nothing."""
LEAST_SHARE: Final = 1e-4
WORDLESS: Final = 0.55
"""How plain the category is when level 1 is known but no word speaks for anything below it."""


class Voice(Protocol):
    """Something that says how probable each level-1 label is: a trained model, or the cold one (``cold.Cold``)."""

    @property
    def version(self) -> str:
        """Which model spoke; kept with each reading."""
        ...

    @property
    def labels(self) -> tuple[str, ...]:
        """Every label it may name."""
        ...

    def probabilities(self, subject: str, detail: str = "") -> dict[str, float]:
        """Calibrated, by label; they sum to 1."""
        ...

    def speaks(self, subject: str, detail: str, label: str, most: int = 5) -> tuple[str, ...]:
        """The words that spoke most for *label*."""
        ...


@dataclass(frozen=True, slots=True)
class Scored:
    """The categories that the words speak for, best first, and whether the first two are close."""

    guesses: tuple[Guess, ...] = ()
    close: bool = False


def judge(index: Index, seen: Evidence, said: Mapping[str, float] | None = None) -> Scored:
    """The categories of one part. *said* are probabilities by code of the level-1 label (``joined``)."""
    totals = seen.totals()
    if said is None:
        ranked = _ranked(index, totals)
        guesses = tuple(_guess(index, seen, code, calibrated(_raw(code, totals))) for code in ranked[:MOST_GUESSES])
        close = (
            len(ranked) > 1
            and totals[ranked[1]] > NEAR * totals[ranked[0]]
            and _labels(ranked[0])[0] != _labels(ranked[1])[0]
        )
        return Scored(guesses, close)
    return _within(index, seen, totals, said)


def _ranked(index: Index, totals: Mapping[str, float]) -> list[str]:
    return sorted(totals, key=lambda code: (-totals[code], index.categories[code].catch_all, code))


def _raw(code: str, totals: Mapping[str, float]) -> float:
    """How plainly the words speak for *code* among *totals*: 0 to 1, on no scale of its own."""
    total = totals[code]
    top, middle = _labels(code)
    rival = 0.0
    for other, got in totals.items():
        if got > rival and other != code:
            its_top, its_middle = _labels(other)
            rival = max(rival, got * (0.5 if its_middle == middle else 0.75 if its_top == top else 1.0))
    margin = max(0.0, (total - rival) / total)
    return total / (total + HALF) * (0.4 + 0.6 * margin)


def _within(index: Index, seen: Evidence, totals: Mapping[str, float], said: Mapping[str, float]) -> Scored:
    """Level 1 as *said*; in each likely label the category that the words choose, else its catch-all."""
    likely = sorted(said, key=lambda top: -said[top])[:MOST_GUESSES]
    guesses: list[Guess] = []
    for top in likely:
        if said[top] < 0.05:
            break
        inside = {code: got for code, got in totals.items() if code.startswith(top + ".")}
        most = 2 if top == likely[0] else 1
        guesses += [
            _guess(index, seen, code, said[top] * _plain(code, inside)) for code in _ranked(index, inside)[:most]
        ]
        if not inside and top in index.catch_alls:
            guesses.append(_guess(index, seen, index.catch_alls[top], said[top] * WORDLESS))
    guesses[1:] = sorted(guesses[1:], key=lambda guess: -guess.confidence)
    close = len(likely) > 1 and said[likely[1]] > NEAR * said[likely[0]]
    return Scored(tuple(guesses[:MOST_GUESSES]), close)


def _plain(code: str, inside: Mapping[str, float]) -> float:
    """How plainly the words choose *code* among the categories of its level-1 label: WORDLESS to 1."""
    return min(1.0, WORDLESS + (1 - WORDLESS) * _raw(code, inside) / 0.75)


def joined(index: Index, seen: Evidence, voice: Voice, subject: str, detail: str = "") -> dict[str, float]:
    """The probability of each level-1 label: by the words, times how much likelier than by chance the model finds it.

    Of a label the model never learnt it says nothing, so that one keeps what the words give it. A model's letters are
    seldom like a street's short sentences, so TRUST tempers it; measured in docs/understanding.md.
    """
    spoken = voice.probabilities(subject, detail)
    mapping = index.mapping(tuple(voice.labels))
    known: dict[str, float] = {}
    for label, share in spoken.items():
        if label in mapping:
            top = mapping[label][0]
            known[top] = known.get(top, 0.0) + share
    found = by_words(index, seen.totals())
    for top, share in known.items():
        found[top] = found.get(top, SPARED) * (max(share, LEAST_SHARE) * len(known)) ** TRUST
    whole = sum(found.values())
    return {top: share / whole for top, share in found.items()}


def by_words(index: Index, totals: Mapping[str, float], spared: float = SPARED) -> dict[str, float]:
    """The probability of each level-1 label by the words alone, *spared* for what they don't speak of; not yet to 1."""
    parts = shares(totals)
    if not parts:
        return dict.fromkeys(index.tops, 1 / len(index.tops))
    best, sure = max(parts, key=lambda top: parts[top]), surest(totals)
    others = 1.0 - parts[best]
    found = {top: spared + (1 - sure) * parts.get(top, 0.0) / others if others else spared for top in index.tops}
    found[best] = spared + sure
    return found


def shares(totals: Mapping[str, float]) -> dict[str, float]:
    """Each level-1 label's share, by its best category; they sum to 1, or there are none."""
    best: dict[str, float] = {}
    for code, total in totals.items():
        top = code.split(".", 1)[0]
        best[top] = max(best.get(top, 0.0), total)
    whole = sum(best.values())
    return {top: total / whole for top, total in best.items()} if whole else {}


def surest(totals: Mapping[str, float]) -> float:
    """The calibrated confidence in the level-1 label of the best category; 0 without any."""
    return calibrated(_raw(max(totals, key=lambda code: totals[code]), totals)) if totals else 0.0


def _guess(index: Index, seen: Evidence, code: str, confidence: float) -> Guess:
    category = index.categories[code]
    if category.catch_all:
        confidence = min(confidence, CATCH_ALL_TOP)
    if code not in seen.words:
        confidence = min(confidence, WORDLESS_TOP)
    return Guess(code, round(min(0.99, confidence), 3), (_because(category, seen),))


def calibrated(raw: float) -> float:
    """The confidence that a raw figure earned, linear between the points of CURVE."""
    low, at_low = CURVE[0]
    for high, at_high in CURVE[1:]:
        if raw <= high:
            return at_low + (at_high - at_low) * (raw - low) / (high - low)
        low, at_low = high, at_high
    return min(0.99, at_low + (raw - low) * 0.15)


def _because(category: Category, seen: Evidence) -> Reason:
    """“路灯”“不亮” → 城乡建设 › 照明. Without keywords: that it resembles the category's examples, or nothing below."""
    top, leaf = category.names[0], category.label
    words = sorted(seen.words.get(category.code, ()), key=lambda entry: -entry[1])[:4]
    if words:
        return Words(
            "".join(f"“{word}”" for word, _ in words) + f" → {top.zh} › {leaf.zh}",
            ", ".join(f"“{word}”" for word, _ in words) + f" → {top.en} › {leaf.en}",
        )
    if category.code in seen.own:
        return Words(
            f"说法与“{leaf.zh}”的例句相近 → {top.zh} › {leaf.zh}",
            f"Worded like the examples of “{leaf.en}” → {top.en} › {leaf.en}",
        )
    return Words(f"只看得出属于“{top.zh}”", f"Only that it is about “{top.en}” can be told")


@lru_cache(4096)
def _labels(code: str) -> tuple[str, str]:
    """The codes of a category's labels of level 1 and 2."""
    parts = code.split(".")
    return parts[0], ".".join(parts[:2])
