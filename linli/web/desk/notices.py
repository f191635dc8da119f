"""The bell: what was told to the viewer's posts and not opened yet."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from linli.core.routing import HANDLERS
from linli.core.words import Words
from linli.kernel import clock
from linli.matters import actions, queries, reference, shift
from linli.matters.models import Notice
from linli.parties import gate
from linli.parties.access import Viewer
from linli.web.acting import ident as ident_of

MOST = 30  # lines; several about one matter are one line
ROWS = 200


@dataclass(frozen=True, slots=True)
class Told:
    """One line under the bell."""

    ids: tuple[str, ...]
    code: str
    at: datetime
    what: Words | str


@never_cache
@require_safe
@gate.staff(roles=HANDLERS)
def notices(request: HttpRequest) -> HttpResponse:
    """The bell with its number and lines, a part of the page's head. Three queries."""
    viewer = gate.viewer_of(request)
    return render(request, "desk/bell.html", _bell(viewer))


def _bell(viewer: Viewer) -> dict[str, Any]:
    """What the bell shows: the newest line of each matter, with the keys of all of that matter's lines."""
    groups: dict[UUID, list[Notice]] = {}
    for row in queries.unseen(viewer)[:ROWS]:
        groups.setdefault(row.matter_id, []).append(row)
    told = [_told(rows) for rows in groups.values()]
    handed = list(shift.waiting(viewer)[:MOST])
    return {"told": told[:MOST], "more": len(told) > MOST, "handed": handed, "count": len(told[:MOST]) + len(handed)}


def _told(rows: list[Notice]) -> Told:
    row = rows[0]
    procedure = reference.current().procedure(row.matter.procedure, row.matter.procedure_version)
    step = procedure.steps.get(row.kind)
    clock_name = procedure.clocks.get(str(row.data.get("clock")))
    what: Words | str = step.labels if step else _kind(row.kind)
    if clock_name is not None:
        kind = _kind(row.kind)
        what = Words(f"{clock_name.labels.zh} · {kind}", f"{clock_name.labels.en} · {kind}")
    return Told(tuple(str(r.pk) for r in rows), row.matter.code, row.at, what)


def _kind(kind: str) -> str:
    return {
        "warn": pgettext("notice", "快到时限"),
        "breach": pgettext("notice", "已超时"),
        "escalated": pgettext("notice", "超时升级到您"),
        "assigned": pgettext("notice", "新事项派给您"),
        "open": pgettext("notice", "新事项派给您"),
    }.get(kind, _("有新动态"))


@require_POST
@gate.staff(roles=HANDLERS)
def seen(request: HttpRequest) -> HttpResponse:
    """Mark lines as opened: one (and go to its matter), or all that were shown."""
    viewer = gate.viewer_of(request)
    ids = [found for text in request.POST.getlist("id")[:ROWS] if (found := ident_of(text))]
    actions.see_notices(ids, viewer=viewer, at=clock.now())
    if request.headers.get("HX-Request"):
        return render(request, "desk/bell.html", _bell(viewer))
    code = request.POST.get("code", "")[:60]
    return HttpResponseRedirect(reverse("desk-matter", args=[code]) if code else reverse("desk"))
