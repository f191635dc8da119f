"""The question while somebody types: has this been reported already? Answered from memory, checked in one query."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import DatabaseError, transaction

from linli.core.words import Words
from linli.matters import likeness, queries, reference
from linli.matters.likeness_index import senders, shared
from linli.matters.models import Matter
from linli.parties.access import Viewer
from linli.places.coordinates import to_wgs84
from linli.understanding.likeness import THRESHOLD, Found, Item
from linli.understanding.likeness_score import CERTAIN
from linli.understanding.reader import read
from linli.understanding.reading import REQUEST, Hints

log = logging.getLogger("linli.likeness")
SHORTEST: Final = 6  # characters below which nothing is asked
LONGEST: Final = 2000
MOST: Final = 32  # counted for residents
# What anybody can see in the street. Of everything else residents are not told that somebody reported it.
PUBLIC: Final = frozenset({"urban", "transport", "environment"})
_VILLAGE: Final = 12
_KEY: Final = "typed"  # stands for the message that is not stored yet


@dataclass(frozen=True, slots=True)
class Others:
    """What a resident is told of others: how many reports, of what public category, where. No words, no person."""

    count: int
    category: Words
    place: str
    best: UUID
    found: tuple[Found, ...]


def for_staff(viewer: Viewer, item: Item, most: int = 5) -> list[likeness.Alike] | None:
    """Open or recent matters like what is typed, of those the viewer may see; None while the index is being filled.

    One query.
    """
    found = shared.find(item, most=4 * most, floor=THRESHOLD)
    if found is None:
        return None
    best = {one.key: one for one in found if isinstance(one.key, UUID)}
    held = queries.visible_to(viewer).filter(pk__in=list(best), statement__erased_at__isnull=True)
    held = held.exclude(stage__in=("withdrawn", "set_aside"))
    rows = sorted(queries.with_people(held), key=lambda row: -best[row.pk].score)
    alike: dict[UUID, likeness.Alike] = {}
    for row in rows:
        one = best[row.pk]
        told = likeness.Alike(row, one.score, one.why.words(), one.why.same_sender, claimed=False)
        alike.setdefault(row.merged_into_id or row.pk, told)
    return list(alike.values())[:most]


def typed(
    text: str, area: str, category: str, at: datetime, *, phone: str = "", point: tuple[float, float] | None = None
) -> Item:
    """What is typed, as the index takes it."""
    lon, lat = point or (None, None)
    return Item(_KEY, text, area, at.timestamp(), category, lon, lat, senders(phone, "", text))


def for_resident(text: str, lon: float | None, lat: float | None, given: str, at: datetime) -> Others | None:
    """How many others reported the same problem of a public category nearby; None where nothing may be said.

    One query, none where nothing is alike. Raises ValueError for what are no coordinates.
    """
    if not SHORTEST <= len(text.strip()) <= LONGEST:
        return None
    ref = reference.current()
    point = to_wgs84(lon, lat, given) if lon is not None and lat is not None else None
    pin = ref.locator.locate_one(*point) if point else None
    reading = read(text, catalogue=ref.catalogue, gazetteer=ref.gazetteer, hints=Hints(pin_area=pin))
    part = reading.parts[0]
    category = part.category.code if part.category else ""
    area = pin or (part.place.area if part.place else "")
    if reading.urgent or part.kind != REQUEST or len(area) < _VILLAGE or category.split(".")[0] not in PUBLIC:
        shared.wanted()
        return None
    item = typed(text, area, category, at, point=point)
    return public(shared.find(item, most=MOST, floor=CERTAIN) or (), area)


def public(found: Sequence[Found], area: str) -> Others | None:
    """What may be told of *found*: open matters of public categories in the same village. One query."""
    ids = [one.key for one in found if isinstance(one.key, UUID)]
    if not ids:
        return None
    rows = Matter.objects.filter(pk__in=ids, statement__erased_at__isnull=True, kind=REQUEST, urgent=False)
    rows = rows.filter(queries.inside(area[:_VILLAGE])).exclude(stage__in=("withdrawn", "set_aside", "answered"))
    open_ones: dict[UUID, tuple[UUID, str]] = {}
    for ident, bundle, category, closed, merged in rows.values_list(
        "pk", "bundle", "category", "closed_at", "merged_into"
    ):
        if category.split(".")[0] in PUBLIC and (closed is None or merged is not None):
            open_ones[ident] = (bundle, category)
    best = next((one for one in found if one.key in open_ones), None)
    if best is None or not isinstance(best.key, UUID):
        return None
    ref = reference.current()
    known = ref.catalogue.by_code.get(open_ones[best.key][1])
    count = len({bundle for bundle, _category in open_ones.values()})
    label = known.label if known else ref.terms_of("").labels
    kept = tuple(one for one in found if one.key in open_ones)[: likeness.KEPT]
    return Others(count, label, ref.index.name(area[:_VILLAGE]), best.key, kept)


def join(matter: UUID, others: Others, at: datetime) -> None:
    """The resident said “me too”: the stored matter is marked as like the best of them. People decide. One query.

    A failure is logged and no more: the request stands already, and the worker will liken the two as well.
    """
    best = [one for one in others.found if one.key == others.best]
    try:
        with transaction.atomic():
            likeness.write(likeness.keep(matter, best, at=at, claimed=True))
    except DatabaseError:
        log.exception("a resident's “me too” could not be kept")
