"""Opening and working matters of every declared kind, for staff; one page, made from the declaration."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from linli.channels import limits
from linli.core.decide import waiting_for
from linli.core.procedure import Procedure, Step
from linli.core.refusals import Refusal, Refused
from linli.core.routing import HANDLERS
from linli.kernel import clock, settings
from linli.matters import actions, opening, queries, reference
from linli.matters.models import Matter
from linli.matters.relations import actor_for
from linli.matters.tracking import tracking_code
from linli.parties import gate
from linli.parties.access import NOBODY, Viewer
from linli.places import queries as places
from linli.web import acting, errors, sheets
from linli.web.cases import forms


def _viewer(request: HttpRequest) -> Viewer:
    """Staff with posts, else a resident."""
    viewer = gate.viewer_of(request)
    return viewer if viewer.posts else NOBODY


@never_cache
@require_safe
def services(request: HttpRequest) -> HttpResponse:
    """What the viewer may open."""
    found = [p for p in opening.openable(_viewer(request), reference.current()) if p.opening]
    return render(request, "cases/services.html", {"procedures": found, "tab": "open"})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def open_form(request: HttpRequest, procedure: str) -> HttpResponse:
    """The form of an opening, and opening it; a refusal keeps what was typed."""
    found = reference.current().declared.latest.get(procedure)
    if found is None or found.opening is None or found.opening_step is None:
        raise Http404
    if request.method != "POST":
        return _opening(request, found, found.opening_step, None, None)
    viewer = _viewer(request)
    key = request.POST.get("key", "")[:64]
    try:
        limits.guard("open", request, most=settings.current().page_per_minute, seconds=60)
        limits.strike("open", request, seconds=60)
        asked = opening.Asked(
            procedure,
            forms.read(found.opening_step, request.POST),
            request.POST.get("area", "")[:15],
            "page",
            get_language() or "zh-hans",
            scope=f"open:{procedure}" if key.isalnum() else "",
            key=key if key.isalnum() else "",
            body=_content(request),
        )
        receipt = opening.open_case(asked, viewer=viewer, at=clock.now())
    except Refused as refused:
        return _opening(request, found, found.opening_step, request.POST, refused.refusal)
    made = receipt.known[0].id if receipt.repeated else receipt.items[0].id
    row = Matter.objects.get(pk=made)
    if viewer.posts and queries.visible_to(viewer).filter(pk=made).exists():
        return HttpResponseRedirect(reverse("case", args=[row.code]))
    return HttpResponseRedirect(reverse("party", args=[tracking_code(made)]))


def _content(request: HttpRequest) -> bytes:
    """What the form held, for its key: the same form sent twice is one matter."""
    held = sorted((k, v) for k, v in request.POST.lists() if k not in ("csrfmiddlewaretoken", "key"))
    return repr(held).encode("utf-8", "replace")


def _opening(
    request: HttpRequest, procedure: Procedure, step: Step, typed: QueryDict | None, refusal: Refusal | None
) -> HttpResponse:
    viewer = _viewer(request)
    area = (typed.get("area") if typed else "") or (viewer.posts[0].area if viewer.posts else "")
    ref = reference.current()
    context = {
        "procedure": procedure,
        "groups": forms.groups(procedure, step, None, typed, refusal, area or ref.home()),
        "areas": _areas(area or ""),
        "area": area,
        "refusal": refusal,
        "key": (typed.get("key") if typed else "") or uuid4().hex,
    }
    return render(request, "cases/open.html", context, status=refusal.status if refusal else 200)


def _areas(area: str) -> list[tuple[str, str]]:
    """Places to choose from: counties and townships, and villages of the chosen county's own township."""
    index = reference.current().index
    home = reference.current().home()
    found = [e for top in index.children(home) for e in (top, *index.children(top.area))]
    near = [e for e in places.chain(area) if len(e.area) > 9] if area else []
    below = index.children(area[:9]) if len(area) >= 9 else []
    rows = {e.area: e for e in (*found, *below, *near)}
    return [(a, index.full_name(a)) for a in sorted(rows)]


@never_cache
@require_safe
@gate.staff(roles=HANDLERS)
def case(request: HttpRequest, code: str) -> HttpResponse:
    """One matter of a declared kind; opening it is on the record."""
    viewer = gate.viewer_of(request)
    try:
        matter = acting.matter_of(viewer, code)
    except Refused as refused:
        return errors.refused(request, refused.refusal)
    acting.looked(request, viewer, matter)
    return render(request, "cases/case.html", _context(viewer, matter))


def _context(viewer: Viewer, matter: Matter) -> dict[str, Any]:
    sheet = sheets.sheet(viewer, matter)
    snap, procedure = sheet.snap, sheet.snap.procedure
    people = matter.participants.filter(left_at=None).select_related("post__person", "unit").order_by("pk")
    rule = procedure.opening
    skip = (
        *(("name", "phone", "email", "address") if matter.statement.contact_name else ()),
        rule.statement if rule else "",
    )
    return {
        "matter": matter,
        "sheet": sheet,
        "procedure": procedure,
        "waiting": waiting_for(snap, actor_for(viewer, snap), clock.now()),
        "people": [(procedure.parts[p.role], p, tracking_code(p.pk) if p.kind == "contact" else "") for p in people],
        "values": forms.shown(procedure, snap.known.values, skip) if not matter.statement.erased_at else [],
        "papers": [(procedure.papers[p.paper], p) for p in matter.papers.order_by("at")],
        "sessions": list(matter.sessions.order_by("at")),
        "children": [_child(m) for m in queries.visible_to(viewer).filter(parent=matter).order_by("pk")],
        "parent": queries.visible_to(viewer).filter(pk=matter.parent_id).first() if matter.parent_id else None,
        "clocks": [(s, procedure.clocks.get(s.clock.rule)) for s in sheet.clocks],
        "lines": sheets.lines(matter, procedure),
        "seen_by": sheets.seen_by(matter),
    }


def _child(matter: Matter) -> tuple[Matter, Procedure, Any]:
    procedure = reference.current().procedure(matter.procedure, matter.procedure_version)
    return matter, procedure, procedure.stages[matter.stage]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@gate.staff(roles=HANDLERS)
def step(request: HttpRequest, code: str, step: str) -> HttpResponse:
    """The form of a step, and taking it."""
    viewer = gate.viewer_of(request)
    try:
        matter = acting.matter_of(viewer, code)
        snap = acting.snapshot(matter)
        declared = acting.step_of(snap, step)
    except Refused as refused:
        return errors.refused(request, refused.refusal)
    photos: list[acting.Photo] = []
    refusal = None
    if request.method == "POST":
        try:
            photos = acting.photos_of(request, viewer)
            actions.take(
                matter.pk,
                step,
                viewer=viewer,
                form=forms.read(declared, request.POST),
                files=[p.file for p in photos] if declared.evidence or declared.files else (),
                at=clock.now(),
                seen=_seen(request),
            )
        except Refused as refused:
            refusal = refused.refusal
            photos = photos or acting.kept_photos(request, viewer)
        else:
            messages.success(request, declared.labels.said(get_language() or "zh-hans"))
            return HttpResponseRedirect(reverse("case", args=[matter.code]))
    typed = request.POST if request.method == "POST" else None
    context = {
        "matter": matter,
        "step": declared,
        "groups": forms.groups(snap.procedure, declared, snap, typed, refusal, snap.area),
        "refusal": refusal,
        "photos": photos,
        "files": declared.evidence or declared.files,
        "seen": matter.seq,
    }
    return render(request, "cases/step.html", context, status=refusal.status if refusal else 200)


def _seen(request: HttpRequest) -> int | None:
    text = request.POST.get("seen", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None
