"""The machine's suggestion as buttons: take it, take another, or choose oneself. A person decides with one click."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from linli.core.snapshot import Snapshot
from linli.core.words import Words
from linli.matters import reference
from linli.matters.drafting import PLACED
from linli.matters.learning_models import Advice
from linli.matters.models import Matter
from linli.matters.suggestion import Choice, Suggestion, of_reading
from linli.web import frame

MOST: Final = 4  # categories offered as buttons; the rest is one click further


@dataclass(frozen=True, slots=True)
class Offered:
    """One category as a button. *standing*: it is the matter's present one. *number*: the key that takes it."""

    code: str
    label: Words
    share: int  # per cent
    reasons: tuple[Words, ...]
    standing: bool
    number: int


@dataclass(frozen=True, slots=True)
class Place:
    """One place to choose from."""

    area: str
    name: str
    share: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Advised:
    """What a model outside advised: whose word it is stands beside it."""

    offered: Offered
    address: str
    model: str


@dataclass(frozen=True, slots=True)
class Offer:
    """Everything the suggestion of one matter shows."""

    categories: tuple[Offered, ...]
    places: tuple[Place, ...]
    placed: bool
    version: str
    kept: str  # who keeps it unless unticked; "" = nobody holds it
    by_hand: bool
    advised: Advised | None
    sorting: bool  # it waits to be sorted: the standing category may be confirmed by a click

    @property
    def best(self) -> Offered | None:
        return self.categories[0] if self.categories else None


def of(matter: Matter, snap: Snapshot | None = None, advice: Advice | None = None) -> Offer:
    """The offer of *matter* (its statement joined in). No query."""
    found = of_reading(matter.statement.reading)
    categories = _categories(found.categories, matter.category)
    holder = snap.holder if snap is not None else None
    return Offer(
        categories,
        _places(found, matter.area),
        len(matter.area) >= PLACED,
        found.version,
        f"{holder.name} · {holder.unit_name}".strip(" ·") if holder and holder.post else "",
        snap.by_hand if snap is not None else False,
        _advised(advice, matter.category, len(categories)),
        matter.stage == reference.current().latest(matter.procedure).unsure,
    )


def _categories(choices: Iterable[Choice], standing: str) -> tuple[Offered, ...]:
    by_code = reference.current().catalogue.by_code
    found = [c for c in choices if c.code in by_code][:MOST]
    return tuple(
        Offered(c.code, by_code[c.code].path, round(100 * c.confidence), c.reasons, c.code == standing, n)
        for n, c in enumerate(found, 1)
    )


def _places(found: Suggestion, standing: str) -> tuple[Place, ...]:
    """The places that were thought of, and where the matter stands now when that is a place to go to."""
    held = {p.code: p.confidence for p in found.places[:6]}
    if len(standing) >= PLACED:
        held = {standing: held.pop(standing, 1.0), **held}
    return tuple(
        Place(area, frame.area_chain(area), round(100 * sure), area == standing)
        for area, sure in held.items()
        if len(area) >= PLACED
    )


def _advised(advice: Advice | None, standing: str, before: int) -> Advised | None:
    category = reference.current().catalogue.by_code.get(advice.category) if advice else None
    if advice is None or category is None:
        return None
    share = round(100 * (advice.confidence or 0.0))
    offered = Offered(category.code, category.path, share, (), category.code == standing, before + 1)
    return Advised(offered, advice.address, advice.model)


def of_rows(rows: Iterable[Matter]) -> Mapping[str, Offer]:
    """Offers for the rows that wait for somebody to sort them, by the matter's key. One query, none for no such row."""
    waiting = [row for row in rows if row.stage == reference.current().latest(row.procedure).unsure]
    if not waiting:
        return {}
    advice: dict[UUID, Advice] = {a.matter_id: a for a in Advice.objects.filter(matter__in=[w.pk for w in waiting])}
    return {str(row.pk): of(row, None, advice.get(row.pk)) for row in waiting}
