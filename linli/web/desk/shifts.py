"""Handing over a shift: who to whom, a note, what is pressing listed by itself; the next one confirms it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from linli.core.refusals import Refusal, Refused
from linli.kernel import clock
from linli.matters import desk_queries, queries, shift
from linli.matters.shift_models import Shift
from linli.parties import gate
from linli.parties.access import Viewer
from linli.parties.roles import CENTRE_ROLES
from linli.web import errors, look, sheets
from linli.web.acting import ident as ident_of

LATEST = 20  # handings over the page shows


@dataclass(frozen=True, slots=True)
class Line:
    """One matter of a handing over. *then*: its colour when the shift was handed over."""

    card: sheets.Card
    then: str
    word: str


@dataclass(frozen=True, slots=True)
class Shown:
    """One handing over as the page shows it. *more*: how many are not named in it."""

    row: Shift
    lines: tuple[Line, ...]
    more: int


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@gate.staff(roles=CENTRE_ROLES)
def page(request: HttpRequest) -> HttpResponse:
    """What is open for the viewer to confirm, the form, and the latest of the centre."""
    viewer, at = gate.viewer_of(request), clock.now()
    if request.method != "POST":
        return _page(request, viewer, at)
    to, note = request.POST.get("to", ""), request.POST.get("note", "")
    try:
        given = shift.hand_over(viewer, ident_of(to), note, at=at)
    except Refused as refused:
        return _page(request, viewer, at, refused.refusal)
    messages.success(request, _("已交班，等待%(name)s确认。") % {"name": given.given_to.name})
    return HttpResponseRedirect(reverse("desk-shift"))


def _page(request: HttpRequest, viewer: Viewer, at: datetime, refusal: Refusal | None = None) -> HttpResponse:
    """Thirteen queries, whatever was handed over."""
    waiting = list(shift.waiting(viewer)[:LATEST])
    latest = list(shift.kept(viewer)[:LATEST])
    shown = {one.row.pk: one for one in _shown(viewer, [*waiting, *latest])}
    rows, counts = shift.pressing(viewer, at)
    context = {
        "waiting": [shown[row.pk] for row in waiting],
        "latest": [shown[row.pk] for row in latest],
        "lines": [_line(card, shift.colour(card.matter, at)) for card in sheets.cards(rows)],
        "counts": counts,
        "more": sum(counts.values()) - len(rows),
        "unit": shift.seat(viewer).unit_name,
        "colleagues": shift.colleagues(viewer, at),
        "to": request.POST.get("to", ""),
        "note": request.POST.get("note", ""),
        "most": shift.NOTE,
        "refusal": refusal,
        "tab": "shift",
    }
    return render(request, "desk/shift.html", context, status=refusal.status if refusal else 200)


def _shown(viewer: Viewer, rows: Sequence[Shift]) -> list[Shown]:
    """With their matters as they stand now, as far as the viewer may see them. Two queries."""
    codes = {one["code"] for row in rows for one in row.listed}
    seen = desk_queries.shown(queries.visible_to(viewer).filter(code__in=codes)) if codes else ()
    cards = {card.matter.code: card for card in sheets.cards(seen)}
    found = []
    for row in rows:
        lines = tuple(_line(cards[one["code"]], one["colour"]) for one in row.listed if one["code"] in cards)
        found.append(Shown(row, lines, row.red + row.yellow - len(lines)))
    return found


def _line(card: sheets.Card, colour: str) -> Line:
    return Line(card, colour, look.colour_word(colour))


@require_POST
@gate.staff(roles=CENTRE_ROLES)
def take(request: HttpRequest, ident: UUID) -> HttpResponse:
    """Confirm what was handed to the viewer."""
    try:
        shift.take_over(gate.viewer_of(request), ident, at=clock.now())
    except Refused as refused:
        return errors.refused(request, refused.refusal)
    messages.success(request, _("已确认接班。"))
    return HttpResponseRedirect(reverse("desk-shift"))
