"""The first page of the administration, and going back to an older version."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from linli.core.refusals import Refused
from linli.kernel import clock, declarations
from linli.matters import reference
from linli.parties import gate
from linli.parties.roles import ADMIN_ROLES
from linli.web import errors
from linli.web.admin import checking, effects
from linli.web.admin.common import SYSTEM, language, only, page, parts, publish

WAYS = {
    "category": "admin-category",
    "calendar": "admin-calendar",
    "routing": "admin-routing",
    "understanding": "admin-understanding",
}
WHOLE = ("routing", "understanding")  # one page for all of them


@never_cache
@require_safe
@gate.staff(roles=ADMIN_ROLES)
def home(request: HttpRequest) -> HttpResponse:
    """What there is to do first, and the pages."""
    viewer = gate.viewer_of(request)
    context: dict[str, Any] = {
        "parts": [(reverse(name), label, icon, about) for name, label, icon, about in parts(viewer)]
    }
    if viewer.has(SYSTEM):
        ref = reference.current(fresh=True)
        at = clock.now()
        years = [at.year, *([at.year + 1] if at.month >= 10 else [])]
        missing = [y for y in years if any(not c.always and y not in c.years for c in ref.calendars.values())]
        context |= {"missing": missing, "waiting": effects.waiting(), "broken": ref.declared.broken}
    return page(request, "home.html", context)


@require_POST
@only(SYSTEM)
def go_back(request: HttpRequest, kind: str, ident: str, number: int) -> HttpResponse:
    """Publish an older version again, after the same check as any other."""
    older = declarations.version(kind, ident, number) if kind in WAYS else None
    if older is None:
        raise Http404
    way = reverse(WAYS[kind], args=[] if kind in WHOLE else [ident])
    faults = checking.of_kind(kind, ident, older.body)
    if faults:
        said = "；".join(_("第%(line)s行：%(why)s") % {"line": f.line, "why": f.words.said(language())} for f in faults)
        messages.error(request, _("这个版本现在不能用了，没有改动：") + said)
        return HttpResponseRedirect(way)
    viewer, at = gate.viewer_of(request), clock.now()
    why = _("恢复第%(number)s版") % {"number": number}
    try:
        new = publish(kind, ident, older.body, viewer=viewer, at=at, why=why)
    except Refused as refused:
        return errors.refused(request, refused.refusal)
    messages.success(request, _("已恢复第%(old)s版的内容，作为第%(new)s版发布。") % {"old": number, "new": new})
    return HttpResponseRedirect(way)
