"""What the machine suggested for a matter, taken from the reading that is kept with its words. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from linli.core.words import Words
from linli.understanding import personal
from linli.understanding.reading import Span

BY_HAND = "由提交人选定"  # the reason of a category that the sender chose: no suggestion of the machine


@dataclass(frozen=True, slots=True)
class Choice:
    """One possible answer, with how sure the machine was (0 to 1) and why."""

    code: str
    confidence: float
    reasons: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Categories and places, best first; the kind; the version of what read it. All may be empty."""

    categories: tuple[Choice, ...]
    places: tuple[Choice, ...]
    kind: str
    version: str

    @property
    def category(self) -> Choice | None:
        return self.categories[0] if self.categories else None

    @property
    def place(self) -> Choice | None:
        return self.places[0] if self.places else None


def of_reading(reading: Mapping[str, Any] | None) -> Suggestion:
    """The suggestion in a kept reading (``Statement.reading``); an erased or foreign one suggests nothing."""
    held = reading or {}
    part = held.get("part") or {}
    guesses = [g for g in (part.get("category"), *(part.get("alternatives") or ())) if g]
    categories = tuple(_choice(g, "code") for g in guesses if not _chosen(g))
    first = part.get("place")
    rest = [p for p in part.get("places") or () if not first or p.get("area") != first.get("area")]
    places = tuple(_choice(p, "area") for p in ([first] if first else []) + rest if len(str(p.get("area"))) >= 4)
    return Suggestion(categories, places, str(part.get("kind") or ""), str(held.get("version") or ""))


def _chosen(guess: Mapping[str, Any]) -> bool:
    return any(reason.get("zh") == BY_HAND for reason in guess.get("reasons") or ())


def _choice(guess: Mapping[str, Any], key: str) -> Choice:
    reasons = tuple(Words(str(r.get("zh", "")), str(r.get("en", ""))) for r in guess.get("reasons") or ())
    return Choice(str(guess.get(key, "")), float(guess.get("confidence") or 0.0), reasons)


def masked(text: str, name: str = "") -> str:
    """*text* without personal data, of the same length: for training rows and models outside. Addresses to the door
    and the sender's own *name* are hidden too."""
    spans = list(personal.find(text))
    at = text.find(name) if len(name) > 1 else -1
    while at >= 0:
        spans.append(Span("contact", at, at + len(name)))
        at = text.find(name, at + len(name))
    return personal.mask(text, spans)
