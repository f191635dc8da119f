"""What was understood from one message. Frozen, plain, and each finding carries its reasons.

Confidence is between 0 and 1. Offsets count characters of ``Reading.text`` (the cleaned text), not of the raw input.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from linli.core.words import Words

Reason = Words
"""A reason a person can read, in both languages."""

REQUEST: Final = "request"
DISPUTE: Final = "dispute"
QUESTION: Final = "question"
HELP: Final = "help_in_danger"
PRAISE: Final = "praise"
ADVERTISEMENT: Final = "advertisement"
KINDS: Final = (REQUEST, DISPUTE, QUESTION, HELP, PRAISE, ADVERTISEMENT)

SPAN_KINDS: Final = (
    "mobile",
    "landline",
    "identity",
    "bank_card",
    "plate",
    "name",
    "email",
    "address",
    "passport",
    "account",
    "advertising",
)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the text: personal data, or pasted advertising (``kind`` from SPAN_KINDS)."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Guess:
    """A category by its code, for instance ``urban.lighting.streetlamp``."""

    code: str
    confidence: float
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class PlaceGuess:
    """A place by its area code; ``name`` is the official name."""

    area: str
    name: str
    confidence: float
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class TimeGuess:
    """When it happened: from *start* up to, not including, *end*; aware instants in the city's zone."""

    start: datetime
    end: datetime
    reason: Reason


@dataclass(frozen=True, slots=True)
class Danger:
    """A danger to life: ``kind`` is a key of ``danger.KINDS``, ``matched`` the words that said so."""

    kind: str
    matched: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Duplicate:
    """An earlier matter that looks like the same problem; filled by whoever holds the matters."""

    matter: str
    likeness: float
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Hints:
    """What is known besides the text.

    ``areas_prior`` maps an area code to a weight (where this person's matters usually are), ``pin_area`` is the grid
    under the map pin, ``category`` what the person chose, ``operator_area`` where the operator who types works.
    """

    areas_prior: Mapping[str, float] | None = None
    pin_area: str | None = None
    category: str | None = None
    operator_area: str | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """From which confidence on no person is asked, by city: for the category and for the place."""

    category: float = 0.8
    place: float = 0.6


DEFAULT_LIMITS: Final = Limits()


@dataclass(frozen=True, slots=True)
class Part:
    """One problem of the message. ``sure`` is False when a person has to decide; ``doubts`` says why.

    ``question``: what to ask the sender, where one answer out of ``places`` would settle the place. ``time``: when it
    happened, as far as the words say.
    """

    text: str
    span: tuple[int, int]
    category: Guess | None
    alternatives: tuple[Guess, ...]
    place: PlaceGuess | None
    places: tuple[PlaceGuess, ...]
    kind: str
    danger: Danger | None
    confidence: float
    reasons: tuple[Reason, ...]
    sure: bool
    doubts: tuple[Reason, ...] = ()
    question: Words | None = None
    time: TimeGuess | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """The whole message. There is always at least one part."""

    text: str
    parts: tuple[Part, ...]
    kind: str
    danger: Danger | None
    personal: tuple[Span, ...]
    advertising: tuple[Span, ...]
    reasons: tuple[Reason, ...]
    notices: tuple[Reason, ...]
    version: str
    duplicates: tuple[Duplicate, ...] = ()

    @property
    def sure(self) -> bool:
        """Whether every part may be routed without a person deciding first."""
        return all(part.sure for part in self.parts)

    @property
    def doubts(self) -> tuple[Reason, ...]:
        """Why a person has to decide, over all parts; empty when sure."""
        return tuple(dict.fromkeys(doubt for part in self.parts for doubt in part.doubts))

    @property
    def urgent(self) -> bool:
        """Whether the message goes at once to the urgent path."""
        return self.danger is not None or any(part.danger is not None for part in self.parts)

    def to_json(self) -> dict[str, object]:
        """Plain dicts, lists, strings and numbers, for orjson or the API."""
        return {
            "text": self.text,
            "parts": [_part(part) for part in self.parts],
            "kind": self.kind,
            "danger": _danger(self.danger),
            "urgent": self.urgent,
            "sure": self.sure,
            "doubts": _reasons(self.doubts),
            "personal": [_span(span) for span in self.personal],
            "advertising": [_span(span) for span in self.advertising],
            "duplicates": [
                {
                    "matter": found.matter,
                    "likeness": found.likeness,
                    "reasons": _reasons(found.reasons),
                }
                for found in self.duplicates
            ],
            "reasons": _reasons(self.reasons),
            "notices": _reasons(self.notices),
            "version": self.version,
        }


def _reasons(reasons: tuple[Reason, ...]) -> list[dict[str, str]]:
    return [{"zh": reason.zh, "en": reason.en} for reason in reasons]


def _span(span: Span) -> dict[str, object]:
    return {"kind": span.kind, "start": span.start, "end": span.end}


def _danger(danger: Danger | None) -> dict[str, object] | None:
    if danger is None:
        return None
    return {
        "kind": danger.kind,
        "matched": danger.matched,
        "confidence": danger.confidence,
    }


def _time(time: TimeGuess | None) -> dict[str, object] | None:
    if time is None:
        return None
    said = {"zh": time.reason.zh, "en": time.reason.en}
    return {"start": time.start.isoformat(), "end": time.end.isoformat(), "reason": said}


def _guess(guess: Guess) -> dict[str, object]:
    return {
        "code": guess.code,
        "confidence": guess.confidence,
        "reasons": _reasons(guess.reasons),
    }


def _place(place: PlaceGuess) -> dict[str, object]:
    return {
        "area": place.area,
        "name": place.name,
        "confidence": place.confidence,
        "reasons": _reasons(place.reasons),
    }


def _part(part: Part) -> dict[str, object]:
    return {
        "text": part.text,
        "span": list(part.span),
        "category": _guess(part.category) if part.category else None,
        "alternatives": [_guess(guess) for guess in part.alternatives],
        "place": _place(part.place) if part.place else None,
        "places": [_place(place) for place in part.places],
        "kind": part.kind,
        "danger": _danger(part.danger),
        "confidence": part.confidence,
        "reasons": _reasons(part.reasons),
        "sure": part.sure,
        "doubts": _reasons(part.doubts),
        "time": _time(part.time),
        "question": {"zh": part.question.zh, "en": part.question.en} if part.question else None,
    }
