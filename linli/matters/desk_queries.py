"""What the staff's pages read beyond ``queries``: boards, filtered lists, groups by place, people to choose from.

Rows come from ``queries.visible_to`` and from nowhere else; here they are only narrowed, ordered and counted.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Left

from linli.core.role_words import said
from linli.core.routing import HANDLERS, LEVELS, Seat
from linli.core.snapshot import Snapshot
from linli.core.words import Words
from linli.matters import queries, reference
from linli.matters.models import Matter
from linli.parties.access import Viewer
from linli.places import queries as places
from linli.places.index import Entry
from linli.procedures.categories import Catalogue

COLOURS = ("red", "yellow", "green", "grey")
WAITING = ("answered",)  # the resident's turn: no work for staff
LEVEL_LENGTH = {name: length for name, length, _ in LEVELS}


def shown(rows: QuerySet[Matter]) -> QuerySet[Matter]:
    """Rows with what cards and tables show of them, in one query."""
    return rows.select_related("statement", "holder_unit", "holder_post__person")


def at_work(rows: QuerySet[Matter]) -> QuerySet[Matter]:
    """Open rows that wait for staff, not for the resident."""
    return queries.open_only(rows).exclude(stage__in=WAITING)


def board(rows: QuerySet[Matter], at: datetime, most: int = 40) -> dict[str, list[Matter]]:
    """The first of each colour, what turns red next first, danger before all. Five queries."""
    rows = at_work(rows)
    keys = {c: _keys(queries.by_clock(queries.coloured(rows, c, at))[:most]) for c in COLOURS}
    held = {row.pk: row for row in shown(Matter.objects.filter(pk__in=[key for one in keys.values() for key in one]))}
    return {colour: [held[key] for key in one if key in held] for colour, one in keys.items()}


def _keys(rows: QuerySet[Matter]) -> list[UUID]:
    return list(rows.values_list("pk", flat=True))


def first(rows: QuerySet[Matter]) -> list[Matter]:
    """The rows of a limited, ordered query with what is shown of them. Two queries: sorting whole rows costs."""
    keys = _keys(rows)
    held = {row.pk: row for row in shown(Matter.objects.filter(pk__in=keys))}
    return [held[key] for key in keys if key in held]


def by_area(rows: QuerySet[Matter], level: str, at: datetime) -> list[tuple[str, int, int, int, int]]:
    """(area, red, yellow, green, grey) of open work by place of a level. One query.

    What is known less precisely counts at its own, wider place.
    """
    red, yellow, green = Q(due_at__lte=at), Q(due_at__gt=at, warn_at__lte=at), Q(due_at__gt=at, warn_at__gt=at)
    found = (
        at_work(rows)
        .annotate(place=Left("area", LEVEL_LENGTH[level]))
        .values("place")
        .annotate(
            red=Count("pk", filter=red),
            yellow=Count("pk", filter=yellow),
            green=Count("pk", filter=green),
            grey=Count("pk", filter=Q(due_at__isnull=True)),
        )
        .order_by("place")
    )
    return list(found.values_list("place", "red", "yellow", "green", "grey"))


def offers(viewer: Viewer) -> QuerySet[Matter]:
    """What lies in the viewer's area and is in nobody's hands yet."""
    rows = queries.visible_to(viewer).filter(closed_at__isnull=True, holder_post__isnull=True, stage="received")
    return queries.by_clock(shown(rows))


def awaiting(viewer: Viewer) -> int:
    """How many of the viewer's matters wait for the resident's word. One query."""
    return Matter.objects.filter(holder_post__in=viewer.post_ids, stage__in=WAITING, closed_at__isnull=True).count()


@dataclass(frozen=True, slots=True)
class Option:
    """One entry of a selection. *terms* is what it can also be found by."""

    value: str
    label: str
    terms: str = ""


@lru_cache(maxsize=8)
def _groups(catalogue: Catalogue, language: str) -> tuple[tuple[str, tuple[Option, ...]], ...]:
    groups: dict[str, list[Option]] = {}
    for category in catalogue.by_code.values():
        one, two, three = (name.said(language) for name in category.names)
        other = " ".join((*(k.word for k in category.keywords[:12]), category.label.en, category.code))
        groups.setdefault(f"{one} › {two}", []).append(Option(category.code, three, other.lower()))
    return tuple((label, tuple(options)) for label, options in groups.items())


def category_groups(language: str) -> tuple[tuple[str, tuple[Option, ...]], ...]:
    """All categories in groups, for a picker with search."""
    return _groups(reference.current().catalogue, "en" if language.startswith("en") else "zh-hans")


def around_place(area: str) -> list[Option]:
    """Where a place picker stands: the way down to *area*, and what lies directly below it."""
    index = reference.current().index
    chain = list(index.chain(area)) or list(index.children())
    below = index.children(chain[-1].area) if chain else ()
    return [Option(e.area, "　" * n + e.name) for n, e in enumerate(chain)] + [
        Option(e.area, "　" * len(chain) + e.name) for e in below
    ]


@dataclass(frozen=True, slots=True)
class Found:
    """A place found by one of its names."""

    area: str
    name: str
    chain: str


def find_places(text: str, within: str = "", most: int = 12) -> list[Found]:
    """Places whose name, alias, road, estate or landmark holds *text*; exact names and wider places first. No query."""
    ref = reference.current()
    wanted = text.strip()
    if not wanted:
        return []
    hits: dict[tuple[str, str], int] = {}
    for row in places.gazetteer_rows():
        if wanted in row.name and row.area.startswith(within):
            hits.setdefault((row.area, row.name), 0 if row.name == wanted else 1 if row.name.startswith(wanted) else 2)
    first = sorted(hits, key=lambda k: (hits[k], len(k[0]), len(k[1]), k))[: most * 3]
    seen: dict[str, Found] = {}
    for area, name in first:
        seen.setdefault(area, Found(area, name, " · ".join(e.name for e in ref.index.chain(area)[1:])))
    return list(seen.values())[:most]


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody a matter could be given to, with what the choice needs: where, how much in hand, away or not."""

    post: UUID
    name: str
    role: Words
    unit: str
    place: str
    load: int
    away: bool
    fits: bool
    held: bool


def candidates(snap: Snapshot, at: datetime, most: int = 60) -> list[Candidate]:
    """Who may be given it: the village's grid workers, the centres above, departments with the duty. No query."""
    roster = snap.roster
    village = snap.area[:12] if len(snap.area) >= 12 else None
    found: dict[UUID, Seat] = {}
    for role in HANDLERS:
        for length in (15, 12, 9, 6, 4):
            if length <= len(snap.area):
                found.update({s.post: s for s in roster.at(role, snap.area[:length])})
    if village:
        near = (s for s in roster.seats.values() if s.role == "grid_worker" and s.area.startswith(village))
        found.update({s.post: s for s in near})
    if not snap.area:
        found.update({s.post: s for role in HANDLERS for s in roster.at(role, roster.home)})
    nearest = sorted(found.values(), key=lambda s: (s.absent(at), -len(s.area), roster.load.get(s.post, 0), s.name))
    rows = [_candidate(s, snap, at, roster.load) for s in nearest]
    rows.sort(key=lambda c: not c.fits)  # a stable sort: who has the duty comes first
    return rows[:most]


def _candidate(seat: Seat, snap: Snapshot, at: datetime, load: dict[UUID, int]) -> Candidate:
    officer = seat.role in ("officer", "unit_lead")
    return Candidate(
        seat.post,
        seat.name,
        said(seat.role),
        seat.unit_name,
        reference.current().index.name(seat.area),
        load.get(seat.post, 0),
        seat.absent(at),
        not officer or seat.serves(snap.category, snap.terms.duty),
        seat.post == snap.holder.post,
    )


def children_of(area: str) -> Sequence[Entry]:
    """The places directly below."""
    return reference.current().index.children(area)


def similar_to(category: str, area: str, since: datetime, viewer: Viewer, most: int = 5) -> list[Matter]:
    """Open matters of the same category in the same place (grid or village) since then. One query."""
    if not category or len(area) < 12:
        return []
    rows = queries.visible_to(viewer).filter(queries.inside(area), category=category, closed_at__isnull=True)
    return list(shown(rows.filter(opened_at__gte=since)).order_by("-opened_at")[:most])


def merged_counts(rows: Iterable[Matter]) -> dict[UUID, int]:
    """How many matters were merged into each of *rows*. One query."""
    return queries.watchers([row.pk for row in rows])
