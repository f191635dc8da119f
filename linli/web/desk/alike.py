"""Matters that may be the same problem, on the desk: shown with reasons, decided with one click."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from linli.core.refusals import Refused
from linli.core.words import Words
from linli.kernel import clock
from linli.matters import desk_queries, likeness, likeness_asking, queries
from linli.matters.models import Matter
from linli.parties import gate
from linli.parties.access import Viewer
from linli.parties.roles import CENTRE_ROLES
from linli.understanding.likeness import Item
from linli.web import acting, errors, sheets

MOST = 6
BESIDE = Words("同一地点、同一分类，近七天内", "the same place and category within seven days")


@dataclass(frozen=True, slots=True)
class Shown:
    """One candidate as pages show it."""

    card: sheets.Card
    reasons: tuple[Words, ...]
    same_sender: bool


def of_matter(viewer: Viewer, matter: Matter) -> list[Shown]:
    """Candidates nobody decided on: what the likeness found, then what is of the same place and category.

    Three queries.
    """
    found = _shown(likeness.of_matter(viewer, matter, MOST))
    if len(found) == MOST:
        return found
    known = {one.card.matter.pk for one in found} | likeness.settled(matter)
    near = queries.visible_to(viewer).filter(pk__in=queries.similar(matter).values("pk")).exclude(pk__in=known)
    rows = desk_queries.shown(near).order_by("-opened_at")[: MOST - len(found)]
    return found + [Shown(card, (BESIDE,), False) for card in sheets.cards(rows)]  # noqa: FBT003


def while_typing(viewer: Viewer, item: Item, since: datetime) -> list[Shown]:
    """Candidates for what is typed, then what is open in the same place and category. Two queries."""
    found = _shown(likeness_asking.for_staff(viewer, item) or [])
    known = {one.card.matter.pk for one in found}
    rows = desk_queries.similar_to(item.category, item.area, since, viewer)
    beside = [row for row in rows if row.pk not in known]
    return (found + [Shown(card, (BESIDE,), False) for card in sheets.cards(beside)])[:MOST]  # noqa: FBT003


def _shown(found: list[likeness.Alike]) -> list[Shown]:
    return [Shown(sheets.card(one.matter), one.reasons, one.same_sender) for one in found]


@require_POST
@gate.staff(roles=CENTRE_ROLES)
def different(request: HttpRequest, code: str, other: str) -> HttpResponse:
    """Not the same problem: put down who said so; the two are never suggested for each other again."""
    viewer = gate.viewer_of(request)
    try:
        matter, second = acting.matter_of(viewer, code), acting.matter_of(viewer, other)
        likeness.decide(matter, second, "different", viewer=viewer, at=clock.now())
    except Refused as refused:
        return errors.refused(request, refused.refusal)
    return acting.done(request, reverse("desk-matter", args=[code]))
