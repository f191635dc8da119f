"""How well places are found: a file of sentences with the places they name, and the figures. Pure.

Columns: ``text``, ``kind`` (what is hard about it), ``expects`` (place, choose, none or outside), ``codes`` (acceptable
area codes, parted by |), ``names`` (for people), ``prior`` (an area known from elsewhere, or empty).
"""

import csv
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from linli.understanding.gazetteer import Found, Gazetteer

EXPECTS: Final = ("place", "choose", "none", "outside")
RIGHT, WIDE, ASKED, ABSTAINED, WRONG = "right", "wide", "asked", "abstained", "wrong_silently"
"""Outcomes; *wide*: an upper place of the right one, *asked*: not sure, the right one among the candidates."""
_LEVELS: Final = {4: "city", 6: "county", 9: "township", 12: "village", 15: "grid"}
_MISSES: Final = 60


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence and what it names."""

    text: str
    kind: str
    expects: str
    codes: tuple[str, ...]
    prior: str = ""

    @property
    def level(self) -> str:
        """The level that is named; none where no place is."""
        return _LEVELS.get(len(self.codes[0]), "none") if self.codes else "none"


def sentences(path: Path) -> list[Sentence]:
    """The sentences of a file. Raises ValueError (row and reason) for a row that can't be used."""
    found = []
    with path.open(encoding="utf-8-sig", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), start=2):
            codes = tuple(code for code in (row.get("codes") or "").split("|") if code)
            expects = row.get("expects") or ("place" if len(codes) == 1 else "choose" if codes else "none")
            if not row.get("text") or expects not in EXPECTS:
                raise ValueError(
                    f"{path.name}, row {number}: columns text and expects ({', '.join(EXPECTS)}) are needed"
                )
            if any(len(code) not in _LEVELS or not code.isdecimal() for code in codes):
                raise ValueError(f"{path.name}, row {number}: codes have 4, 6, 9, 12 or 15 digits")
            if expects in ("place", "choose") and not codes:
                raise ValueError(f"{path.name}, row {number}: {expects} needs codes")
            found.append(Sentence(row["text"], row.get("kind") or "", expects, codes, row.get("prior") or ""))
    if not found:
        raise ValueError(f"{path.name}: no sentences")
    return found


def outcome(sentence: Sentence, found: Found) -> str:
    """What became of one sentence."""
    sure = found.sure
    if sentence.expects in ("none", "outside"):
        return WRONG if sure else RIGHT
    if sure is None:
        named = {guess.area for guess in found.guesses}
        if not named.intersection(sentence.codes):
            return ABSTAINED
        return RIGHT if sentence.expects == "choose" and found.question else ASKED
    if sentence.expects == "place" and sure.area in sentence.codes:
        return RIGHT
    return WIDE if all(code.startswith(sure.area) for code in sentence.codes) else WRONG


def measure(gazetteer: Gazetteer, listed: Iterable[Sentence]) -> dict[str, object]:
    """The figures of a file, with the sentences that went otherwise."""
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    levels: dict[str, Counter[str]] = defaultdict(Counter)
    whole: Counter[str] = Counter()
    misses: list[dict[str, object]] = []
    times: list[float] = []
    gazetteer.locate("有没有一个村叫不存在村")  # the index of sounds is built at its first use
    for sentence in listed:
        prior = {sentence.prior: 1.0} if sentence.prior else None
        started = time.perf_counter()
        found = gazetteer.locate(sentence.text, prior)
        times.append(time.perf_counter() - started)
        result = outcome(sentence, found)
        whole[result] += 1
        kinds[sentence.kind][result] += 1
        if sentence.expects == "place":
            levels[sentence.level][result] += 1
        if result != RIGHT:
            misses.append(_miss(sentence, found, result))
    return {
        "sentences": whole.total(),
        "levels": {level: _figures(levels[level]) for level in reversed(_LEVELS.values()) if levels[level]},
        "kinds": {kind: _figures(count) for kind, count in sorted(kinds.items())},
        "right": _share(whole[RIGHT], whole.total()),
        "asked_or_abstained": whole[ASKED] + whole[ABSTAINED],
        "wrong_silently": whole[WRONG],
        "wrong_silently_rate": _share(whole[WRONG], whole.total()),
        "us_per_sentence": {"median": _at(times, 0.5), "p95": _at(times, 0.95)},
        "misses": sorted(misses, key=lambda miss: str(miss["outcome"]), reverse=True)[:_MISSES],
    }  # fmt: skip


def _figures(count: Counter[str]) -> dict[str, object]:
    return {"sentences": count.total(), "accuracy": _share(count[RIGHT], count.total()), **dict(sorted(count.items()))}


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0


def _at(times: list[float], share: float) -> float:
    return round(sorted(times)[min(len(times) - 1, int(len(times) * share))] * 1e6, 1) if times else 0.0


def _miss(sentence: Sentence, found: Found, result: str) -> dict[str, object]:
    return {
        "outcome": result,
        "text": sentence.text,
        "kind": sentence.kind,
        "expects": sentence.expects,
        "codes": list(sentence.codes),
        "found": [{"area": g.area, "name": g.name, "confidence": g.confidence} for g in found.guesses],
        "question": found.question.zh if found.question else None,
        "outside": found.outside is not None,
    }
