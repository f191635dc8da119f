"""Corrections: what a person decided beside what the machine had said, kept as training rows in the step's own
transaction, and said in the history. A person decides; the machine's word stays visible."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from linli.core.snapshot import Actor, Decision
from linli.matters.apply import Standing
from linli.matters.drafting import PLACED, Received, Request
from linli.matters.learning_models import Advice, Correction
from linli.matters.models import Statement
from linli.matters.reference import Reference
from linli.matters.suggestion import Suggestion, masked, of_reading
from linli.understanding.reading import ADVERTISEMENT, Guess, Hints, PlaceGuess

DESK: Final = "desk"
RESIDENT: Final = "resident"
INTAKE: Final = "intake"
OWN: Final = ("correct", "place")  # steps by which residents put right what was understood
LONGEST: Final = 4000  # characters of a text that a training row keeps


@dataclass(frozen=True, slots=True)
class Judged:
    """One answer of the machine and what the person made of it. *chosen* "": only that it is wrong."""

    field: str
    said: str
    confidence: float | None
    chosen: str

    @property
    def agreed(self) -> bool:
        return bool(self.chosen) and self.said == self.chosen


@dataclass(frozen=True, slots=True)
class Learnt:
    """A decision with the machine's word in its history line, and the rows to be kept with it."""

    decision: Decision
    rows: tuple[Correction, ...] = ()


@dataclass(frozen=True, slots=True)
class _Whose:
    """What all rows of one judgement share."""

    source: str
    actor: str
    post: UUID | None
    version: str
    at: datetime

    def row(self, matter: UUID, seq: int, area: str, one: Judged, text: str) -> Correction:
        """One row, not yet written."""
        return Correction(
            matter_id=matter,
            seq=seq,
            at=self.at,
            source=self.source,
            actor=self.actor,
            post_id=self.post,
            area=area,
            field=one.field,
            said=one.said,
            confidence=one.confidence,
            chosen=one.chosen,
            agreed=one.agreed,
            version=self.version[:160],
            text=text[:LONGEST],
        )


def of_step(
    was: Standing, step: str, decision: Decision, form: Mapping[str, object], actor: Actor, at: datetime
) -> Learnt:
    """What a step teaches. One query for steps that judge a reading, none for others."""
    judges = step in OWN or "set_category" in was.snap.procedure.steps[step].effects
    if not judges and not (step == "set_aside" and form.get("reason") == ADVERTISEMENT):
        return Learnt(decision)
    statement = Statement.objects.filter(matter=was.snap.matter, erased_at__isnull=True).first()
    if statement is None:
        return Learnt(decision)
    suggested = of_reading(statement.reading)
    judged = list(_judged(was, step, decision, form, suggested))
    if not judged:
        return Learnt(decision)
    entry = decision.entries[0]
    if step != "correct":
        told = _told(judged, suggested) | _advised(was.snap.matter)
        data = {**entry.data, "suggested": told}
        decision = replace(decision, entries=(replace(entry, data=data), *decision.entries[1:]))
    whose = _Whose(
        RESIDENT if step in OWN else DESK,
        "resident" if actor.kind == "resident" else f"{actor.kind}:{actor.id}",
        actor.post,
        suggested.version,
        at,
    )
    area = str(decision.changes.get("area", was.snap.area))
    text = training_text(statement)
    made = [whose.row(was.snap.matter, was.seq + 1, area, one, text) for one in judged]
    return Learnt(decision, tuple(made))


def _judged(
    was: Standing, step: str, decision: Decision, form: Mapping[str, object], suggested: Suggestion
) -> Iterable[Judged]:
    category, place = suggested.category, suggested.place
    if step == "correct":
        standing = category if category and category.code == was.snap.category else None
        yield Judged("category", was.snap.category, standing.confidence if standing else None, "")
        return
    if step == "place":
        chosen = str(decision.changes.get("area") or "")
        yield Judged("area", place.code if place else "", place.confidence if place else None, chosen)
        return
    if step == "set_aside":
        yield Judged("kind", suggested.kind, None, ADVERTISEMENT)
        return
    chosen = str(decision.changes.get("category") or was.snap.category)
    if chosen:
        yield Judged("category", category.code if category else "", category.confidence if category else None, chosen)
    area = str(decision.changes.get("area") or was.snap.area)
    if len(area) >= PLACED and "area" in decision.changes:
        yield Judged("area", place.code if place else "", place.confidence if place else None, area)
    if form.get("kind"):
        yield Judged("kind", suggested.kind, None, str(form["kind"]))


def _told(judged: Sequence[Judged], suggested: Suggestion) -> dict[str, Any]:
    """The machine's word for the history: codes, confidence and version, no words of the sender."""
    said: dict[str, Any] = {"version": suggested.version, "agreed": all(one.agreed for one in judged)}
    for one in judged:
        said[one.field] = one.said
        if one.confidence is not None:
            said[f"{one.field}_confidence"] = round(one.confidence, 3)
    return said


def _advised(matter: UUID) -> dict[str, Any]:
    """What a model outside had advised, if one had. One query."""
    advice = Advice.objects.filter(matter=matter).exclude(category="").first()
    return {"outside": {"category": advice.category, "model": advice.model}} if advice else {}


def training_text(statement: Statement) -> str:
    """The words of a matter as a training row keeps them: its part of the sentence, personal data masked."""
    whole = masked(statement.text, statement.contact_name)
    start, end = ((statement.reading or {}).get("part") or {}).get("span") or (0, 0)
    found = whole[start:end] if statement.part and 0 <= start < end <= len(whole) else whole
    return found.strip()[:LONGEST]


def keep(rows: Sequence[Correction]) -> None:
    """Write the rows in the caller's transaction. One statement, none for no rows."""
    if rows:
        Correction.objects.bulk_create(rows)


def at_intake(
    items: Sequence[Received], request: Request, ref: Reference, actor: Actor, viewer_id: str, at: datetime
) -> tuple[Correction, ...]:
    """What an operator who chose category or place at intake said beside what would have been read without it.

    The sentence is read once more without the choice (some 0.1 ms, on the desk's page only). No query.
    """
    if not request.category and not request.area:
        return ()
    pin_less = Hints(None, None, None, request.near or None)
    reading = ref.read(request.text, pin_less)
    text = masked(reading.text, request.contact_name)
    whose = _Whose(INTAKE, viewer_id, actor.post, reading.version, at)
    found: list[Correction] = []
    for item, part in zip(items, reading.parts, strict=False):
        own = text[part.span[0] : part.span[1]] if len(items) > 1 else text
        judged = []
        if request.category:
            judged.append(_of_guess("category", part.category, item.category))
        if request.area and len(item.area) >= PLACED:
            judged.append(_of_guess("area", part.place, item.area))
        found += [whose.row(item.id, 1, item.area, one, own.strip()) for one in judged]
    return tuple(found)


def _of_guess(field: str, guess: Guess | PlaceGuess | None, chosen: str) -> Judged:
    said = guess.code if isinstance(guess, Guess) else guess.area if guess else ""
    return Judged(field, said, guess.confidence if guess else None, chosen)


def wipe(matter: UUID, at: datetime) -> None:
    """Erasure: the words go, the figures stay. One query."""
    Correction.objects.filter(matter=matter).update(text="", erased_at=at)
