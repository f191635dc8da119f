"""The page of somebody who takes part, behind their own code: where it stands and what they may do."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from linli.channels import limits
from linli.core.refusals import Refusal, Refused
from linli.kernel import clock, settings
from linli.matters import actions, queries
from linli.matters.models import Matter
from linli.matters.tracking import LENGTH, normal
from linli.parties.access import Viewer
from linli.web import errors, sheets
from linli.web.cases import forms

WINDOW, MISSES = 60, 20
View = Callable[..., HttpResponse]


def _who(request: HttpRequest, code: str) -> tuple[Viewer, Matter, str, str]:
    """Viewer, matter, role and consent behind a participant's code, or the opener's private code. Raises Refused."""
    limits.guard("tracking", request, most=MISSES, seconds=WINDOW)
    good = len(normal(code)) == LENGTH
    one = queries.party_by_code(code) if good else None
    if one is not None:
        return queries.party(one), one.matter, one.role, one.consent
    matter = queries.by_tracking(code) if good else None
    if matter is None:
        limits.strike("tracking", request, seconds=WINDOW)
        raise Refused("not_yours")
    own = matter.participants.filter(opener=True, left_at=None).first()
    return queries.resident(matter), matter, own.role if own else "", own.consent if own else ""


@never_cache
@require_safe
def page(request: HttpRequest, code: str) -> HttpResponse:
    """Where it stands and what may be done."""
    return _page(request, code, None, "")


def _page(request: HttpRequest, code: str, refusal: Refusal | None, open_step: str) -> HttpResponse:
    try:
        viewer, matter, role, consent = _who(request, code)
    except Refused as refused:
        return errors.refused(request, refused.refusal)
    snap = queries.snapshot_of(matter.pk)
    if snap is None:
        return errors.refused(request, Refusal("not_yours"))
    procedure = snap.procedure
    typed = request.POST if request.method == "POST" else None
    steps = [
        (s, forms.groups(procedure, s, snap, typed if s.id == open_step else None, refusal, snap.area))
        for s in queries.steps_for(viewer, snap)
        if not (consent == "given" and any(a.kind == "consent" and "who" not in a.with_ for a in s.does))
    ]
    context: dict[str, Any] = {
        "code": normal(code),
        "matter": matter,
        "procedure": procedure,
        "stage": procedure.stages[matter.stage],
        "role": procedure.parts.get(role),
        "consent": consent,
        "own": viewer.kind == "resident",
        "clocks": [c for c in snap.clocks if c.state != "stopped" and procedure.clocks[c.rule].public],
        "names": {c.rule: procedure.clocks[c.rule] for c in snap.clocks if c.rule in procedure.clocks},
        "steps": steps,
        "open_step": open_step,
        "refusal": refusal,
        "sessions": list(matter.sessions.filter(at__gte=clock.now()).order_by("at")),
        "holder": matter.holder_unit.name if matter.holder_unit else "",
        "lines": _told(matter, procedure),
        "viewers": sheets.seen_by(matter),
    }
    response = render(request, "cases/party.html", context, status=refusal.status if refusal else 200)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _told(matter: Matter, procedure: Any) -> list[tuple[Any, Any]]:
    """What was done, in the words that the declaration tells people; newest first."""
    events = matter.events.order_by("-seq")
    return [
        (e.at, procedure.steps[e.step].tells)
        for e in events
        if e.step in procedure.steps and procedure.steps[e.step].tells.zh
    ]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, code: str, step: str) -> HttpResponse:
    """Take a step; a refusal comes back with what was typed."""
    if request.method != "POST":
        return HttpResponseRedirect(reverse("party", args=[normal(code)]))
    try:
        viewer, matter, _role, _consent = _who(request, code)
        limits.guard("step", request, most=settings.current().page_per_minute, seconds=WINDOW)
        limits.strike("step", request, seconds=WINDOW)
        snap = queries.snapshot_of(matter.pk)
        declared = snap.procedure.steps.get(step) if snap else None
        form = forms.read(declared, request.POST) if declared else {}
        actions.take(matter.pk, step, viewer=viewer, form=form, at=clock.now())
    except Refused as refused:
        return _page(request, code, refused.refusal, step)
    if declared is not None:
        messages.success(request, declared.labels.said(get_language() or "zh-hans"))
    return HttpResponseRedirect(reverse("party", args=[normal(code)]))
