"""``read``: one message in, one reading out. Never raises on any text, never guesses silently."""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, NamedTuple

from linli.core.catalogue import Catalogue
from linli.core.words import Words
from linli.understanding import advertising, classify, danger, evidence, kinds, personal, split, text, times
from linli.understanding.classify import Scored, Voice
from linli.understanding.evidence import Index, Leaf
from linli.understanding.gazetteer import Found, Gazetteer
from linli.understanding.lexicon import Hit, folded
from linli.understanding.reading import (
    ADVERTISEMENT,
    DEFAULT_LIMITS,
    Danger,
    Guess,
    Hints,
    Limits,
    Part,
    PlaceGuess,
    Reading,
    Reason,
    Span,
    TimeGuess,
)

VERSION: Final = "keywords-2"
SURE_CATEGORY: Final = DEFAULT_LIMITS.category
SURE_PLACE: Final = DEFAULT_LIMITS.place
SUBJECT: Final = 60
"""Characters: what is no longer counts as a subject line alone."""
LEAST_LEVEL: Final = 9
"""Length of the area code that a sure place needs: at least the township."""

log = logging.getLogger("linli.understanding")
_FIRST = re.compile(r"[^\n。！？!?]{4,80}[\n。！？!?]")
_NO_CATEGORY = Words("看不出属于哪一类事项", "What it is about can't be told")
_WEAK_CATEGORY = Words("分类依据不足", "Too little speaks for the category")
_CLOSE = Words("两个分类的可能性相近", "Two categories are about equally likely")
_OTHERWISE = Words("所选分类与内容不一致", "The chosen category does not fit the words")
_NO_PLACE = Words("没有说明地点", "No place is named")
_MANY_PLACES = Words("可能是几个地点中的一个，不能确定", "It may be one of several places")
_WIDE_PLACE = Words("只知道大致范围，不知道在哪个乡镇（街道）", "Only the wider area is known, not the township")
_PIN_DIFFERS = Words("文字中的地点与地图定位不一致", "The place in the text and the map pin differ")
_CHOSEN = Words("由提交人选定", "Chosen by the person who sent it")
_PINNED = Words("地图定位所在", "Where the map pin is")
_USUAL = Words("按经办人或提交人所在辖区推测", "Taken from the operator's or the sender's own area")
_ADVERT = Words("内容主要是广告", "It is mainly advertising")


def read(
    message: str,
    *,
    catalogue: Catalogue,
    gazetteer: Gazetteer | None,
    hints: Hints | None = None,
    model: Voice | None = None,
    limits: Limits = DEFAULT_LIMITS,
    at: datetime | None = None,
) -> Reading:
    """Understand *message*. Without a gazetteer, places come from the hints alone; without a model, categories from
    the catalogue's words alone. *limits*: from which confidence on no person is asked; *at*: when it was
    said, an aware instant in the city's own zone (“last night” is a time only then)."""
    cleaned, rest, notices = text.clean(message)
    adverts = advertising.find(cleaned)
    words = _Words(cleaned, evidence.index_of(catalogue), adverts, model)
    share = 0.0 if words.hits else sum(span.end - span.start for span in adverts) / max(1, len(cleaned))
    spans = split.split(cleaned, words.best)
    whole = danger.find(cleaned, at)
    case = _Case(catalogue, gazetteer, hints or Hints(), limits, share)
    parts = []
    for start, end in spans:
        piece = cleaned[start:end]
        found = whole if len(spans) == 1 else danger.find(piece, at)
        places = _places(piece, cleaned, case)
        when = times.find(words.text[start:end], at)
        if when is None and len(spans) > 1:
            when = times.find(words.text, at)
        parts.append(_part(case, piece, (start, end), words.scored(start, end), places, found, when))
    if whole is None and rest:
        whole = danger.find(rest, at)
    kind, why = kinds.kind_of(cleaned, danger=whole is not None, advertising=share, default=_default(parts, catalogue))
    version = f"{model.version if model and words.spoken else VERSION}+{catalogue.version}"
    return Reading(cleaned, tuple(parts), kind, whole, personal.find(cleaned), adverts, (why,), notices, version)


@dataclass(frozen=True, slots=True)
class _Case:
    """What all parts of one message share."""

    catalogue: Catalogue
    gazetteer: Gazetteer | None
    hints: Hints
    limits: Limits
    share: float


class _Placed(NamedTuple):
    """Where a part is: candidates, doubts, and what one question would settle."""

    candidates: tuple[PlaceGuess, ...]
    doubts: tuple[Reason, ...] = ()
    question: Words | None = None


class _Words:
    """The words found in one message, and what they and the model say about a stretch of it."""

    def __init__(self, cleaned: str, index: Index, adverts: tuple[Span, ...], model: Voice | None) -> None:
        self.text = folded(cleaned)
        self.raw = cleaned
        self.index = index
        self.hits = _outside(index.lexicon.scan(self.text), adverts)
        self.model = model
        self.spoken = False

    def seen(self, start: int, end: int, *, pairs: bool = True) -> evidence.Evidence:
        """What the catalogue's words say of a stretch."""
        hits = self.hits if end - start == len(self.text) else [hit for hit in self.hits if start <= hit.start < end]
        return evidence.weigh(self.index, self.text[start:end], hits, pairs=pairs)

    def best(self, start: int, end: int) -> tuple[str, float]:
        """The best category of a stretch by its keywords alone, for finding where to split."""
        guesses = classify.judge(self.index, self.seen(start, end, pairs=False)).guesses
        return (guesses[0].code, guesses[0].confidence) if guesses else ("", 0.0)

    def scored(self, start: int, end: int) -> Scored:
        """The categories of a part. A model that fails is passed over: the words alone decide."""
        seen = self.seen(start, end)
        if self.model is None:
            return classify.judge(self.index, seen)
        subject, detail = _letter(self.raw[start:end])
        try:
            scored = classify.judge(self.index, seen, classify.joined(self.index, seen, self.model, subject, detail))
            self.spoken = True
            return self._said(scored, seen, subject, detail)
        except Exception:  # a damaged model file must not keep a message from being received
            log.exception("the model failed; the words alone decided")
            return classify.judge(self.index, seen)

    def _said(self, scored: Scored, seen: evidence.Evidence, subject: str, detail: str) -> Scored:
        """Where no declared word spoke for the best category, the words that moved the model are the reason."""
        if self.model is None or not scored.guesses or scored.guesses[0].code in seen.words:
            return scored
        first = scored.guesses[0]
        top = first.code.split(".", 1)[0]
        label = next((name for name, (code, _) in self.index.mapping(self.model.labels).items() if code == top), "")
        words = self.model.speaks(subject, detail, label, 4) if label else ()
        if not words:
            return scored
        names, said = self.index.tops[top], "".join(f"“{word}”" for word in words)
        reason = Words(f"{said} → {names.zh}（按以往诉求）", f"{said} → {names.en} (by earlier messages)")
        return replace(scored, guesses=(replace(first, reasons=(reason, *first.reasons)), *scored.guesses[1:]))


def _letter(piece: str) -> tuple[str, str]:
    """Subject line and detail: models are trained on letters, so a long message's first line or sentence leads."""
    if len(piece) <= SUBJECT:
        return piece, ""
    match = _FIRST.match(piece)
    return (match[0].strip(), piece[match.end() :]) if match else (piece[:SUBJECT], piece)


def _outside(hits: list[Hit[Leaf]], adverts: tuple[Span, ...]) -> list[Hit[Leaf]]:
    """Words of pasted advertising don't speak for a category; what is left over makes it more than advertising."""
    if not adverts:
        return hits
    return [hit for hit in hits if not any(span.start <= hit.start < span.end for span in adverts)]


def _default(parts: list[Part], catalogue: Catalogue) -> str | None:
    guess = parts[0].category
    category = catalogue.get(guess.code) if guess else None
    return category.kind if category else None


def _part(
    case: _Case,
    piece: str,
    span: tuple[int, int],
    scored: Scored,
    places: _Placed,
    found: Danger | None,
    when: TimeGuess | None,
) -> Part:
    category, alternatives, doubts = _category(scored, case)
    candidates, place_doubts, question = places
    place = candidates[0] if candidates and not place_doubts else None
    declared = case.catalogue.get(category.code) if category else None
    kind, why = kinds.kind_of(
        piece, danger=found is not None, advertising=case.share, default=declared.kind if declared else None
    )
    doubts = (*doubts, *place_doubts, *((_ADVERT,) if kind == ADVERTISEMENT else ()))
    reasons = (
        *(category.reasons if category else ()),
        *(place.reasons if place else ()),
        *((when.reason,) if when else ()),
        why,
    )
    confidence = min(category.confidence if category else 0.0, place.confidence if place else 0.0)
    return Part(
        text=piece,
        span=span,
        category=category,
        alternatives=alternatives,
        place=place,
        places=candidates,
        kind=kind,
        danger=found,
        confidence=confidence,
        reasons=reasons,
        sure=not doubts,
        doubts=doubts,
        question=question,
        time=when,
    )


def _category(scored: Scored, case: _Case) -> tuple[Guess | None, tuple[Guess, ...], tuple[Reason, ...]]:
    """The category, the others, and doubts about it. What the sender chose stands unless the words plainly differ."""
    guesses, hints = scored.guesses, case.hints
    if hints.category and case.catalogue.get(hints.category):
        others = tuple(guess for guess in guesses if guess.code != hints.category)
        plainly = others and guesses[0] is others[0] and others[0].confidence >= 0.9
        differs = plainly and others[0].code.split(".")[0] != hints.category.split(".")[0]
        return Guess(hints.category, 0.9, (_CHOSEN,)), others, (_OTHERWISE,) if differs else ()
    if not guesses:
        return None, (), (_NO_CATEGORY,)
    doubts: tuple[Reason, ...] = ()
    if guesses[0].confidence < case.limits.category:
        doubts = (_WEAK_CATEGORY,)
    if scored.close:
        doubts = (*doubts, _CLOSE)
    return guesses[0], guesses[1:], doubts


def _prior(hints: Hints) -> dict[str, float]:
    """One prior of the pin (3), the operator's area (1) and the sender's usual areas (their weight, at most 1)."""
    prior = {area: min(1.0, weight) for area, weight in (hints.areas_prior or {}).items() if weight > 0}
    if hints.operator_area:
        prior[hints.operator_area] = max(1.0, prior.get(hints.operator_area, 0.0))
    if hints.pin_area:
        prior[hints.pin_area] = 3.0
    return prior


def _places(piece: str, whole: str, case: _Case) -> _Placed:
    """Candidates, best first, doubts, and a question. A part that names no place shares that of the whole message."""
    gazetteer, hints = case.gazetteer, case.hints
    prior = _prior(hints)
    pinned = bool(hints.pin_area)
    found = gazetteer.locate(piece, prior, pinned=pinned) if gazetteer else Found()
    if gazetteer and whole != piece and not found.guesses:
        wider = gazetteer.locate(whole, prior, pinned=pinned)
        found = wider if wider.guesses else found
    named = found.guesses
    if hints.pin_area:
        return _Placed(*_pinned(hints.pin_area, named, case))
    if not named:
        return _Placed(() if found.outside else _usual(prior, gazetteer), (found.outside or _NO_PLACE,))
    if len(named) > 1:
        return _Placed(named, (_MANY_PLACES,), found.question)
    if len(named[0].area) < LEAST_LEVEL:
        return _Placed(named, (_WIDE_PLACE,))
    if named[0].confidence >= case.limits.place:
        return _Placed(named)
    return _Placed(named, (_MANY_PLACES,), found.question or (gazetteer.confirm(named[0]) if gazetteer else None))


def _pinned(pin: str, named: tuple[PlaceGuess, ...], case: _Case) -> tuple[tuple[PlaceGuess, ...], tuple[Reason, ...]]:
    name = case.gazetteer.name_of(pin) if case.gazetteer else pin
    at_pin = PlaceGuess(pin, name, 0.9, (_PINNED,))
    strong = [guess for guess in named if guess.confidence >= case.limits.place]
    if strong and not any(pin.startswith(guess.area) or guess.area.startswith(pin) for guess in strong):
        return (*strong, at_pin), (_PIN_DIFFERS,)
    inside = next((guess for guess in strong if guess.area.startswith(pin)), None)
    return (inside or at_pin,), ()


def _usual(prior: Mapping[str, float], gazetteer: Gazetteer | None) -> tuple[PlaceGuess, ...]:
    ranked = sorted(prior, key=lambda area: (-prior[area], area))[:3]
    return tuple(PlaceGuess(area, gazetteer.name_of(area) if gazetteer else area, 0.35, (_USUAL,)) for area in ranked)
