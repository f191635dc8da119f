"""``read``: one message in, one reading out. Never raises on any text, never guesses silently."""

from collections.abc import Mapping
from typing import Final

from linli.core.catalogue import Catalogue
from linli.core.words import Words
from linli.understanding import advertising, classify, danger, kinds, personal, split, text
from linli.understanding.classify import Leaf
from linli.understanding.gazetteer import Gazetteer
from linli.understanding.lexicon import Hit, folded
from linli.understanding.reading import ADVERTISEMENT, Danger, Guess, Hints, Part, PlaceGuess, Reading, Reason, Span

VERSION: Final = "keywords-1"
SURE_CATEGORY: Final = 0.8
"""Below this confidence a person decides the category."""
SURE_PLACE: Final = 0.6
LEAST_LEVEL: Final = 9
"""Length of the area code that a sure place needs: at least the township."""

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


def read(message: str, *, catalogue: Catalogue, gazetteer: Gazetteer | None, hints: Hints | None = None) -> Reading:
    """Understand *message*. Without a gazetteer, places come from the hints alone."""
    hints = hints or Hints()
    cleaned, rest, notices = text.clean(message)
    adverts = advertising.find(cleaned)
    hits = _outside(classify.index_of(catalogue).lexicon.scan(folded(cleaned)), adverts)
    share = 0.0 if hits else sum(span.end - span.start for span in adverts) / max(1, len(cleaned))

    def evidence(start: int, end: int) -> tuple[str, float]:
        guesses = classify.score([hit for hit in hits if start <= hit.start < end]).guesses
        return (guesses[0].code, guesses[0].confidence) if guesses else ("", 0.0)

    spans = split.split(cleaned, evidence)
    whole = danger.find(cleaned)
    parts = []
    for start, end in spans:
        piece = cleaned[start:end]
        found = whole if len(spans) == 1 else danger.find(piece)
        scored = classify.score(hits if len(spans) == 1 else [hit for hit in hits if start <= hit.start < end])
        places = _places(piece, cleaned, gazetteer, hints)
        parts.append(_part(piece, (start, end), scored, places, found, share, catalogue, hints))
    if whole is None and rest:
        whole = danger.find(rest)
    kind, why = kinds.kind_of(cleaned, danger=whole is not None, advertising=share, default=_default(parts, catalogue))
    version = f"{VERSION}+{catalogue.version}"
    return Reading(cleaned, tuple(parts), kind, whole, personal.find(cleaned), adverts, (why,), notices, version)


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
    piece: str,
    span: tuple[int, int],
    scored: classify.Scored,
    places: tuple[tuple[PlaceGuess, ...], tuple[Reason, ...]],
    found: Danger | None,
    share: float,
    catalogue: Catalogue,
    hints: Hints,
) -> Part:
    category, alternatives, doubts = _category(scored, catalogue, hints)
    candidates, place_doubts = places
    place = candidates[0] if candidates and not place_doubts else None
    declared = catalogue.get(category.code) if category else None
    kind, why = kinds.kind_of(
        piece, danger=found is not None, advertising=share, default=declared.kind if declared else None
    )
    doubts = (*doubts, *place_doubts, *((_ADVERT,) if kind == ADVERTISEMENT else ()))
    reasons = (*(category.reasons if category else ()), *(place.reasons if place else ()), why)
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
    )


def _category(
    scored: classify.Scored, catalogue: Catalogue, hints: Hints
) -> tuple[Guess | None, tuple[Guess, ...], tuple[Reason, ...]]:
    """The category, the others, and doubts about it. What the sender chose stands unless the words plainly differ."""
    guesses = scored.guesses
    if hints.category and catalogue.get(hints.category):
        others = tuple(guess for guess in guesses if guess.code != hints.category)
        plainly = others and guesses[0] is others[0] and others[0].confidence >= 0.9
        differs = plainly and others[0].code.split(".")[0] != hints.category.split(".")[0]
        return Guess(hints.category, 0.9, (_CHOSEN,)), others, (_OTHERWISE,) if differs else ()
    if not guesses:
        return None, (), (_NO_CATEGORY,)
    doubts: tuple[Reason, ...] = ()
    if guesses[0].confidence < SURE_CATEGORY:
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


def _places(
    piece: str, whole: str, gazetteer: Gazetteer | None, hints: Hints
) -> tuple[tuple[PlaceGuess, ...], tuple[Reason, ...]]:
    """Candidates, best first, and doubts. A part that names no place shares the place of the whole message."""
    prior = _prior(hints)
    named: tuple[PlaceGuess, ...] = ()
    if gazetteer is not None:
        named = gazetteer.find(piece, prior) or (gazetteer.find(whole, prior) if whole != piece else ())
    if hints.pin_area:
        return _pinned(hints.pin_area, named, gazetteer)
    if not named:
        usual = _usual(prior, gazetteer)
        return usual, (_NO_PLACE,)
    if len(named) > 1:
        return named, (_MANY_PLACES,)
    if len(named[0].area) < LEAST_LEVEL:
        return named, (_WIDE_PLACE,)
    return named, (_MANY_PLACES,) if named[0].confidence < SURE_PLACE else ()


def _pinned(
    pin: str, named: tuple[PlaceGuess, ...], gazetteer: Gazetteer | None
) -> tuple[tuple[PlaceGuess, ...], tuple[Reason, ...]]:
    name = gazetteer.name_of(pin) if gazetteer else pin
    at_pin = PlaceGuess(pin, name, 0.9, (_PINNED,))
    strong = [guess for guess in named if guess.confidence >= SURE_PLACE]
    if strong and not any(pin.startswith(guess.area) or guess.area.startswith(pin) for guess in strong):
        return (*strong, at_pin), (_PIN_DIFFERS,)
    inside = next((guess for guess in strong if guess.area.startswith(pin)), None)
    return (inside or at_pin,), ()


def _usual(prior: Mapping[str, float], gazetteer: Gazetteer | None) -> tuple[PlaceGuess, ...]:
    ranked = sorted(prior, key=lambda area: (-prior[area], area))[:3]
    return tuple(PlaceGuess(area, gazetteer.name_of(area) if gazetteer else area, 0.35, (_USUAL,)) for area in ranked)
