"""Places: the tree, one place with its map and history, and importing files with a trial run first."""

from typing import Any, Final

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from linli.core.refusals import Refused
from linli.core.routing import level_of_area, level_words
from linli.kernel import clock
from linli.parties import gate
from linli.places import actions, queries
from linli.places.models import Boundary
from linli.web import errors
from linli.web.admin import importing
from linli.web.admin.common import SYSTEM, may_publish, only, page
from linli.web.city import drawing, excel

FOUND: Final = 60


@only(SYSTEM)
def place(request: HttpRequest, area: str = "") -> HttpResponse:
    """A place with what lies below it, its map, and its names and boundaries through time."""
    index = queries.snapshot(0).index
    area = area or request.GET.get("area", "").strip()
    if "xlsx" in request.GET:
        return _workbook(index.walk(area))
    children = index.children(area)
    if not area and len(children) == 1:
        area = children[0].area
        children = index.children(area)
    held = index.get(area) if area else None
    if area and held is None:
        raise Http404
    if request.method == "POST":
        return _rename(request, area)
    wanted = request.GET.get("q", "").strip()[:60]
    hits = (
        [e for e in index.by_area.values() if wanted in e.name or e.area.startswith(wanted)][:FOUND] if wanted else []
    )
    context: dict[str, Any] = {
        "held": held,
        "level": level_words(level_of_area(area)) if held else None,
        "chain": index.chain(area)[:-1] if area else (),
        "children": [(e, len(index.children(e.area))) for e in children],
        "drawing": drawing.below(area) if held else drawing.EMPTY,
        "q": wanted,
        "hits": [(e, " · ".join(x.name for x in index.chain(e.area)[:-1])) for e in hits],
        "count": len(index),
    }
    if held:
        context["names"] = list(queries.history([area]))
        rows = Boundary.objects.filter(place__area=area).order_by("-valid_from")
        context["boundaries"] = list(rows.values("source", "crs_given", "valid_from", "valid_to")[:50])
    return page(request, "places.html", context)


def _rename(request: HttpRequest, area: str) -> HttpResponse:
    viewer = gate.viewer_of(request)
    name = request.POST.get("name", "").replace("\x00", "").strip()
    reason = request.POST.get("reason", "").strip()[:500]
    if not any(area.startswith(own) for own in viewer.areas(frozenset({SYSTEM}))):
        return errors.forbidden(request)
    if not name or len(name) > 120:
        messages.error(request, _("请填写名称，最多 120 个字。"))
    else:
        try:
            actions.rename(area, name, actor=viewer.actor_id, at=clock.now(), reason=reason)
        except Refused as refused:
            return errors.refused(request, refused.refusal)
        messages.success(request, _("名称已更改；原名称保留在历史中，仍可用来查找。"))
    return HttpResponseRedirect(reverse("admin-place", args=[area]))


def _workbook(rows: Any) -> HttpResponse:
    lines = [(e.code, e.name, e.level, e.kind, e.lon, e.lat) for e in rows]
    text = [
        (c, n, lv, k, f"{x:.6f}" if x is not None else "", f"{y:.6f}" if y is not None else "")
        for c, n, lv, k, x, y in lines
    ]
    titles = (_("代码"), _("名称"), _("层级"), _("类型"), _("中心经度"), _("中心纬度"))
    return excel.answer("linli-places", [(_("地方"), titles, text)])


@only(SYSTEM)
def upload(request: HttpRequest) -> HttpResponse:
    """Files to import: they are checked first, nothing is changed."""
    viewer = gate.viewer_of(request)
    if request.method == "POST":
        if not may_publish(viewer):
            return errors.forbidden(request)
        files = request.FILES.getlist("files")
        wrong = importing.problem(files)
        if wrong:
            return page(request, "import.html", {"wrong": wrong, "typed": request.POST}, 422)
        job = importing.begin(files, request.POST, viewer.actor_id)
        return HttpResponseRedirect(reverse("admin-import-job", args=[job]))
    return page(request, "import.html", {"typed": {"generate": "true"}, "recent": importing.recent()})


@only(SYSTEM)
def job(request: HttpRequest, ident: str) -> HttpResponse:
    """How an import stands: being read, its findings, confirmed, done."""
    state = importing.state(ident)
    if state is None:
        raise Http404
    if request.headers.get("HX-Request"):
        from django.shortcuts import render

        return render(request, "admin/import_now.html", {"job": state})
    return page(request, "import_job.html", {"job": state})


@require_POST
@only(SYSTEM)
def confirm(request: HttpRequest, ident: str) -> HttpResponse:
    """Carry out what the trial run showed."""
    viewer = gate.viewer_of(request)
    if not may_publish(viewer):
        return errors.forbidden(request)
    if not importing.confirm(ident, viewer.actor_id):
        messages.error(request, _("这次导入不能执行：文件有错误，或已经执行过。"))
    return HttpResponseRedirect(reverse("admin-import-job", args=[ident]))


@only(SYSTEM)
def error_file(request: HttpRequest, ident: str) -> HttpResponseBase:
    """The error file of a trial run."""
    path = importing.errors_of(ident)
    if path is None:
        raise Http404
    return FileResponse(
        path.open("rb"), as_attachment=True, filename="linli-import-errors.csv", content_type="text/csv"
    )
