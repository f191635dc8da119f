"""Reading people, units and posts. Everything here is a constant number of SQL queries, whatever the city's size."""

from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from linli.core.routing import Seat
from linli.parties.access import current_posts
from linli.parties.models import Absence, Duty, Person, Post, Unit

_Span = tuple[datetime, datetime]
_FOREVER = datetime.max.replace(tzinfo=UTC)


def inside(area: str, column: str = "area") -> Q:
    """The filter for everything inside *area*, itself included, as a range scan; "" is everywhere."""
    return Q(**{f"{column}__gte": area, f"{column}__lt": area + "~"}) if area else Q()


def around(area: str, column: str = "area") -> Q:
    """The filter for *area* and every area that contains it."""
    return Q(**{f"{column}__in": [area[:n] for n in (4, 6, 9, 12, 15) if n <= len(area)]})


def seats(at: datetime) -> list[Seat]:
    """All posts held at *at* as routing sees them, oldest first. Three SQL queries; ended absences are left out."""
    duties: dict[UUID, list[str]] = {}
    for unit, category in Duty.objects.order_by("category").values_list("unit_id", "category"):
        duties.setdefault(unit, []).append(category)
    held = {unit: tuple(categories) for unit, categories in duties.items()}
    away: dict[UUID, list[_Span]] = {}
    gone = Absence.objects.filter(away_to__gt=at).order_by("away_from")
    for post, start, end in gone.values_list("post_id", "away_from", "away_to"):
        away.setdefault(post, []).append((start, end))
    columns = ("id", "person_id", "person__name", "unit_id", "unit__name", "unit__level", "unit__tag", "role", "area")
    rows = Post.objects.filter(current_posts(at), person__is_active=True).order_by("id")
    found = []
    for *row, kind in rows.values_list(*columns, "valid_to", "unit__kind"):
        gaps = away.get(row[0], [])
        if row[9] is not None:  # a fixed term: whoever keeps the seats in memory passes over it from its end on
            gaps = [*gaps, (row[9], _FOREVER)]
        found.append(Seat(*row[:9], duties=held.get(row[3], ()), away=tuple(gaps), unit_kind=kind))  # type: ignore[misc]
    return found


def units_of(area: str, *, kind: str = "", at: datetime | None = None) -> QuerySet[Unit]:
    """The units inside *area*, those that had ended by *at* left out; ordered by area and name."""
    found = Unit.objects.filter(inside(area)).order_by("area", "name")
    if kind:
        found = found.filter(kind=kind)
    return found if at is None else found.filter(Q(active_to__isnull=True) | Q(active_to__gt=at))


def posts_of(area: str, at: datetime, *, roles: Iterable[str] = (), wider: bool = False) -> QuerySet[Post]:
    """The posts held at *at* inside *area* (with *wider*: at it or at an area around it), person and unit joined in."""
    found = Post.objects.filter(current_posts(at), around(area) if wider else inside(area))
    wanted = list(roles)
    if wanted:
        found = found.filter(role__in=wanted)
    return found.select_related("person", "unit").order_by("area", "role", "id")


def person_posts(person: UUID, at: datetime | None = None) -> QuerySet[Post]:
    """The posts of one person, newest first; only those held at *at* when it is given."""
    found = Post.objects.filter(person=person).select_related("unit").order_by("-valid_from", "-id")
    return found if at is None else found.filter(current_posts(at))


def person_by_username(username: str) -> Person | None:
    """The person with that sign-in name."""
    return Person.objects.filter(username=username).first()
