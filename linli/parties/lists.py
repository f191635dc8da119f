"""The administration's lists of people, units, posts and tokens: searched, filtered by right in SQL, page by page.

Every list takes the viewer and shows only what lies in the areas they administer; two or three queries a page, however
large the city. *after* is the cursor that the page before gave; "" is the first page.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from linli.parties.access import Viewer, current_posts
from linli.parties.guards import SECURITY, SYSTEM
from linli.parties.models import Absence, Person, Post, Token, Unit
from linli.parties.queries import inside

PAGE = 50
_SEEN_BY = SECURITY | SYSTEM
_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class Page(Generic[_Item]):
    """One page and the cursor of the next; "" when this is the last."""

    items: list[_Item]
    next: str


def _within(areas: Iterable[str], column: str = "area") -> Q:
    condition = Q(pk__in=())
    for area in areas:
        condition |= inside(area, column)
    return condition


def visible_people(viewer: Viewer) -> QuerySet[Person]:
    """People with a post, past or present, in the viewer's areas; security administrators also those without any."""
    areas = viewer.areas(_SEEN_BY)
    posts = Post.objects.filter(person=OuterRef("pk"))
    seen = Q(Exists(posts.filter(_within(areas))))
    if viewer.areas(SECURITY):
        seen |= ~Q(Exists(posts))
    return Person.objects.filter(seen) if areas else Person.objects.none()


def visible_units(viewer: Viewer) -> QuerySet[Unit]:
    """Units in the areas that the viewer administers."""
    return Unit.objects.filter(_within(viewer.areas(_SEEN_BY)))


def visible_posts(viewer: Viewer) -> QuerySet[Post]:
    """Posts in the areas that the viewer administers."""
    return Post.objects.filter(_within(viewer.areas(_SEEN_BY)))


def visible_tokens(viewer: Viewer) -> QuerySet[Token]:
    """Tokens in the areas whose security the viewer administers; those of no area from a whole city up."""
    areas = viewer.areas(SECURITY)
    seen = _within(areas)
    if any(len(area) == 4 for area in areas):
        seen |= Q(area="")
    return Token.objects.filter(seen)


def people(
    viewer: Viewer, at: datetime, *, search: str = "", active: bool | None = True, after: str = "", limit: int = PAGE
) -> Page[Person]:
    """People by sign-in name, each with ``held_now``: the posts held at *at*. Search in name, sign-in name, phone."""
    found = visible_people(viewer).filter(_search(search, "name", "username", "phone"))
    if active is not None:
        found = found.filter(is_active=active)
    if after:
        found = found.filter(username__gt=after)
    held = Post.objects.filter(current_posts(at)).select_related("unit").order_by("area", "id")
    rows = found.order_by("username").prefetch_related(Prefetch("posts", held, to_attr="held_now"))
    return _page(rows, limit, lambda person: person.username)


def units(
    viewer: Viewer, *, search: str = "", kind: str = "", area: str = "", after: str = "", limit: int = PAGE
) -> Page[Unit]:
    """Units by area and name, each with its duties (``unit.duties.all()`` costs nothing more)."""
    found = visible_units(viewer).filter(inside(area), _search(search, "name", "name_en", "tag"))
    if kind:
        found = found.filter(kind=kind)
    if after:
        place, _, name = after.partition(" ")
        found = found.filter(Q(area__gt=place) | Q(area=place, name__gt=name))
    rows = found.order_by("area", "name").select_related("parent").prefetch_related("duties")
    return _page(rows, limit, lambda unit: f"{unit.area} {unit.name}")


def posts(
    viewer: Viewer,
    at: datetime,
    *,
    search: str = "",
    role: str = "",
    area: str = "",
    unit: UUID | None = None,
    ended: bool = False,
    after: str = "",
    limit: int = PAGE,
) -> Page[Post]:
    """Posts held at *at* (or ended by then), newest first, each with ``away``: its absences that are not over."""
    found = visible_posts(viewer).filter(inside(area), _search(search, "person__name", "person__username"))
    found = found.filter(valid_to__lte=at) if ended else found.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=at))
    if role:
        found = found.filter(role=role)
    if unit is not None:
        found = found.filter(unit=unit)
    if after:
        try:
            found = found.filter(id__lt=UUID(after))
        except ValueError:
            return Page([], "")
    away = Absence.objects.filter(away_to__gt=at).order_by("away_from")
    rows = found.order_by("-id").select_related("person", "unit")
    return _page(rows.prefetch_related(Prefetch("absences", away, to_attr="away")), limit, lambda post: str(post.id))


def tokens(viewer: Viewer, *, ended: bool = False) -> list[Token]:
    """Tokens, newest first; the few hundred there may be, on one page."""
    found = visible_tokens(viewer).filter(ended_at__isnull=not ended)
    return list(found.select_related("unit", "created_by").order_by("-id")[:500])


def _search(text: str, *columns: str) -> Q:
    """Every word of *text* must be in one of *columns*."""
    condition = Q()
    for word in text.replace("\x00", "").split()[:5]:
        condition &= _any(word, columns)
    return condition


def _any(word: str, columns: Iterable[str]) -> Q:
    condition = Q(pk__in=())
    for column in columns:
        condition |= Q(**{f"{column}__icontains": word})
    return condition


def _page(rows: QuerySet[Any], limit: int, cursor: Any) -> Page[Any]:
    found = list(rows[: limit + 1])
    return Page(found[:limit], cursor(found[limit - 1]) if len(found) > limit else "")
