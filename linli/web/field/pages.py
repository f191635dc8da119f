"""The next task, the list by clock, and one task with what may be done. Made for a phone held in one hand."""

from typing import Any

import orjson
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from linli.core.refusals import Refused
from linli.core.routing import HANDLERS
from linli.matters import desk_queries, queries
from linli.matters.models import Matter
from linli.parties import gate
from linli.parties.access import Viewer
from linli.web import acting, errors, sheets

MOST = 100
MAIN = ("claim", "complete", "resume")  # the one main button, in this order


def _tasks(viewer: Viewer) -> dict[str, Any]:
    """What the list shows; the first task with its steps. Five queries."""
    held = desk_queries.first(queries.tasks(viewer)[: MOST + 1])
    first = held[0] if held else None
    return {
        "first": first,
        "main": _main(viewer, first) if first else "",
        "rest": sheets.cards(held[1:MOST]),
        "card": sheets.card(first) if first else None,
        "more": len(held) > MOST,
        "count": len(held),
        "offers": sheets.cards(desk_queries.offers(viewer)[:20]),
        "awaiting": desk_queries.awaiting(viewer),
    }


def _main(viewer: Viewer, matter: Matter) -> str:
    """The step of the one big button; "" when there is none."""
    may = {step.id for step in queries.steps_for(viewer, acting.snapshot(matter))}
    return next((name for name in MAIN if name in may), "")


@never_cache
@require_safe
@gate.staff(roles=HANDLERS)
def tasks(request: HttpRequest) -> HttpResponse:
    """The grid worker's first page."""
    return render(request, "field/tasks.html", _tasks(gate.viewer_of(request)))


@never_cache
@require_safe
@gate.staff(roles=HANDLERS)
def tasks_part(request: HttpRequest) -> HttpResponse:
    """The list alone, for live updates."""
    return render(request, "field/list.html", _tasks(gate.viewer_of(request)))


@never_cache
@require_safe
@gate.staff(roles=HANDLERS)
def task(request: HttpRequest, code: str) -> HttpResponse:
    """One task."""
    return acting.one(request, code, "field/task.html", _task, whole=True)


@never_cache
@require_safe
@gate.staff(roles=HANDLERS)
def task_part(request: HttpRequest, code: str) -> HttpResponse:
    """Stage, clocks, steps and history alone, for live updates."""
    return acting.one(request, code, "field/now.html", lambda *seen: _task(*seen) | {"oob": True}, whole=False)


def _task(viewer: Viewer, matter: Matter) -> dict[str, Any]:
    sheet = sheets.sheet(viewer, matter)
    names = {step.id for step in sheet.steps}
    main = next((name for name in MAIN if name in names), "")
    return {
        "sheet": sheet,
        "matter": matter,
        "main": next((s for s in sheet.steps if s.id == main), None),
        "others": [s for s in sheet.steps if s.id != main and s.id not in ("merge", "unmerge")],
        "lines": sheets.lines(matter, sheet.snap.procedure),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@gate.staff(roles=HANDLERS)
def step(request: HttpRequest, code: str, step: str) -> HttpResponse:
    """The form of a step, and taking it."""
    return take(request, code, step, "field")


def take(request: HttpRequest, code: str, name: str, home: str, then: str = "") -> HttpResponse:
    """Show or take a step from *home* (field or desk), then on to *then* or the matter; a refusal comes back with all
    that was typed."""
    viewer = gate.viewer_of(request)
    page = "field-task" if home == "field" else "desk-matter"
    try:
        matter = acting.matter_of(viewer, code)
        snap = acting.snapshot(matter)
        declared = acting.step_of(snap, name)
    except Refused as refused:
        return errors.refused(request, refused.refusal)
    action, back = reverse(f"{home}-step", args=[matter.code, name]), reverse(page, args=[matter.code])
    if request.method != "POST":
        form = acting.form_of(matter, snap, declared, action=action, back=back)
        return _form(request, form, home)
    photos: list[acting.Photo] = []
    try:
        photos = acting.photos_of(request, viewer)
        decision = acting.submit(request, viewer, matter, declared, photos)
    except Refused as refused:
        kept = photos or acting.kept_photos(request, viewer)
        typed = acting.typed_of(request, declared)
        form = acting.form_of(
            matter, snap, declared, action=action, back=back, typed=typed, refusal=refused.refusal, photos=kept
        )
        return _form(request, form, home)
    messages.success(request, acting.said_done(declared, decision))
    if home == "field" and name in ("complete", "hand_back"):
        then = reverse("field")
    return acting.done(request, then or back)


def _form(request: HttpRequest, form: acting.Form, home: str) -> HttpResponse:
    part = bool(request.headers.get("HX-Request"))
    status = form.refusal.status if form.refusal else 200
    context = {"form": form, "home": home, "part": part}
    response = render(request, "parts/step_form.html" if part else f"{home}/step.html", context, status=status)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Vary"] = "HX-Request"
    return response


@require_safe
@gate.staff(roles=HANDLERS)
def task_map(request: HttpRequest, code: str) -> HttpResponse:
    """The outline of the matter's place and the pin, as GeoJSON."""
    try:
        matter = acting.matter_of(gate.viewer_of(request), code)
    except Refused as refused:
        return errors.refused(request, refused.refusal)
    response = HttpResponse(orjson.dumps(sheets.outline(matter)), content_type="application/geo+json")
    response.headers["Cache-Control"] = "private, max-age=300"
    return response
