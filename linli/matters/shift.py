"""Handing over a shift: what is open and pressing is listed by itself, a colleague of the same centre takes it over."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from linli.core.refusals import Refused
from linli.matters import desk_queries, queries
from linli.matters.models import Matter
from linli.matters.shift_models import Shift
from linli.parties.access import Held, Viewer, current_posts
from linli.parties.models import Person, Post, Unit
from linli.parties.roles import CENTRE_ROLES

LISTED: Final = 60  # matters a handing over names; the rest is counted
NOTE: Final = 2000  # characters
TWICE: Final = timedelta(minutes=2)  # the same words to the same person within it are one press too many


def seat(viewer: Viewer) -> Held:
    """The viewer's post at a centre, the one over the widest area. Raises Refused("not_yours")."""
    held = sorted((p for p in viewer.posts if p.role in CENTRE_ROLES), key=lambda p: (len(p.area), p.area))
    if not held:
        raise Refused("not_yours")
    return held[0]


def pressing(viewer: Viewer, at: datetime) -> tuple[list[Matter], dict[str, int]]:
    """What is red or yellow in the area of the viewer's centre, red first, at most ``LISTED``; and how many of each.

    Five queries.
    """
    rows = desk_queries.at_work(queries.visible_to(viewer).filter(queries.inside(seat(viewer).area)))
    counts = queries.colour_counts(rows, at)
    found: list[Matter] = []
    for colour in ("red", "yellow"):
        if counts[colour] and len(found) < LISTED:
            chosen = queries.by_clock(queries.coloured(rows, colour, at))[: LISTED - len(found)]
            found += desk_queries.first(chosen)
    return found, {"red": counts["red"], "yellow": counts["yellow"]}


def colleagues(viewer: Viewer, at: datetime) -> list[Person]:
    """Who may take over: the others with a post at the same centre. One query."""
    posts = Post.objects.filter(current_posts(at), unit=seat(viewer).unit, role__in=CENTRE_ROLES)
    people = Person.objects.filter(pk__in=posts.values("person"), is_active=True).exclude(pk=viewer.id)
    return list(people.order_by("name", "pk")[:200])


def hand_over(viewer: Viewer, to: UUID | None, note: str, *, at: datetime) -> Shift:
    """Hand over to a colleague; pressing twice is one. Raises Refused(field_missing, field_too_long, not_yours)."""
    held, note = seat(viewer), note.replace("\x00", "").strip()
    if to is None:
        raise Refused("field_missing", about="to", field="to")
    if to not in {person.pk for person in colleagues(viewer, at)}:
        raise Refused("not_yours")
    if len(note) > NOTE:
        raise Refused("field_too_long", about="note", field="note", limit=NOTE, length=len(note))
    with transaction.atomic():
        Unit.objects.select_for_update().get(pk=held.unit)
        same = {"unit_id": held.unit, "given_by_id": UUID(viewer.id), "given_to_id": to, "note": note}
        before = Shift.objects.filter(**same, at__gt=at - TWICE, taken_at__isnull=True).first()
        if before is not None:
            return before
        rows, counts = pressing(viewer, at)
        listed = [{"code": row.code, "colour": colour(row, at)} for row in rows]
        return Shift.objects.create(**same, at=at, listed=listed, **counts)


def colour(row: Matter, at: datetime) -> str:
    """Red or yellow, of a row that is one of them."""
    return "red" if row.due_at is not None and row.due_at <= at else "yellow"


def take_over(viewer: Viewer, ident: UUID, *, at: datetime) -> None:
    """The receiver confirms; a second time changes nothing. Raises Refused("not_yours")."""
    mine = Shift.objects.filter(pk=ident, given_to=UUID(viewer.id))
    if not mine.filter(taken_at__isnull=True).update(taken_at=at) and not mine.exists():
        raise Refused("not_yours")


def waiting(viewer: Viewer) -> QuerySet[Shift]:
    """What was handed to the viewer and is not confirmed yet, the newest first."""
    rows = Shift.objects.filter(given_to=UUID(viewer.id), taken_at__isnull=True)
    return rows.select_related("given_by", "given_to").order_by("-at")


def kept(viewer: Viewer) -> QuerySet[Shift]:
    """All of the viewer's centre, the newest first."""
    return Shift.objects.filter(unit=seat(viewer).unit).select_related("given_by", "given_to").order_by("-at", "-id")
