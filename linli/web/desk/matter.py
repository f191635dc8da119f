"""The page of one matter: what was said, how it was read, who has it and why, clocks, history, and what may be done."""

from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from linli.core.routing import HANDLERS
from linli.matters import desk_queries, queries
from linli.matters.learning_models import Advice
from linli.matters.models import Matter
from linli.matters.tracking import tracking_code
from linli.parties import gate
from linli.parties.access import Viewer
from linli.parties.roles import CENTRE_ROLES
from linli.web import acting, corrections, sheets
from linli.web.desk import alike, suggest
from linli.web.desk.board import DESK
from linli.web.desk.filters import Filter
from linli.web.desk.listing import channel_words
from linli.web.field import pages as field

ORDER = (
    "claim",
    "complete",
    "classify",
    "assign",
    "progress",
    "pause",
    "resume",
    "add",
    "hand_back",
    "set_aside",
    "unmerge",
)


@never_cache
@require_safe
@gate.staff(roles=DESK)
def page(request: HttpRequest, code: str) -> HttpResponse:
    """The whole page; opening it is on the record."""
    return acting.one(request, code, "desk/matter.html", _context, whole=True)


@never_cache
@require_safe
@gate.staff(roles=DESK)
def part(request: HttpRequest, code: str) -> HttpResponse:
    """Everything that can change, for live updates."""
    return acting.one(request, code, "desk/matter_now.html", _context, whole=False)


def _context(viewer: Viewer, matter: Matter) -> dict[str, Any]:
    """Twelve queries, whatever the length of the history."""
    sheet = sheets.sheet(viewer, matter)
    steps = {step.id: step for step in sheet.steps}
    ordered = [steps[name] for name in ORDER if name in steps]
    ordered += [step for name, step in steps.items() if name not in ORDER and name != "merge"]
    may_merge = "merge" in steps
    merged = list(desk_queries.shown(queries.visible_to(viewer).filter(merged_into=matter)).order_by("id")[:50])
    main = queries.visible_to(viewer).filter(pk=matter.merged_into_id).first() if matter.merged_into_id else None
    given = sheets.given(matter)
    advice = Advice.objects.filter(matter=matter).first() if "classify" in steps else None
    return {
        "matter": matter,
        "sheet": sheet,
        "steps": ordered,
        "learns": viewer.has(*corrections.READERS),
        "offer": suggest.of(matter, sheet.snap, advice) if "classify" in steps else None,
        "merge": steps.get("merge"),
        "similar": alike.of_matter(viewer, matter) if may_merge else [],
        "merged": sheets.cards(merged),
        "main": main,
        "given": given[0] if given else None,
        "earlier": given[1:],
        "lines": sheets.lines(matter, sheet.snap.procedure),
        "seen_by": sheets.seen_by(matter),
        "sent": sent_along(matter) if sheet.open_personal else {},
        "channel": channel_words().get(matter.channel, matter.channel),
        "tracking": tracking_code(matter.pk) if viewer.has(*CENTRE_ROLES) and sheet.open_personal else "",
    }


def sent_along(matter: Matter) -> dict[str, Any]:
    """What came by Open311 beside the words: ``link`` to a picture elsewhere, and ``answers`` by their code."""
    given = (matter.statement.reading or {}).get("given") or {}
    answers = given.get("attributes") or {}
    return {
        "link": str(given.get("media_url") or ""),
        "answers": [(str(code), "、".join(map(str, values))) for code, values in answers.items()],
    }


@require_http_methods(["GET", "HEAD", "POST"])
@gate.staff(roles=HANDLERS)
def step(request: HttpRequest, code: str, step: str) -> HttpResponse:
    """The form of a step, and taking it; from a list (``then``: its filter) back to it."""
    then = request.POST.get("then", "")[:600]
    back = f"{reverse('desk-list')}?{Filter.of(QueryDict(then)).query()}" if then else ""
    return field.take(request, code, step, "desk", back)
