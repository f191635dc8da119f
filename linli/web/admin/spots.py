"""Named spots of the gazetteer: find them, import a table (checked first), add one, end one."""

import tempfile
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from linli.core.refusals import Refused
from linli.kernel import clock
from linli.parties import gate
from linli.places import actions, queries, spot_commands, spots
from linli.places.models import NameKind, PlaceName
from linli.web import errors
from linli.web.admin.common import SYSTEM, language, may_publish, only, page
from linli.web.city import excel

ROWS: Final = 50
SHOWN: Final = 100
LARGEST: Final = 20 << 20  # bytes
ENDINGS: Final = (".csv", ".xlsx", ".xls")
SYSTEMS: Final = ("gcj02", "bd09", "wgs84", "cgcs2000")


@only(SYSTEM)
def listing(request: HttpRequest) -> HttpResponse:
    """Spots by name, kind or place. One query."""
    if request.method == "POST":
        return _upload(request)
    return _page(request, {})


def _page(request: HttpRequest, more: dict[str, Any], status: int = 200) -> HttpResponse:
    wanted, kind = request.GET.get("q", "").strip()[:60].replace("\x00", ""), request.GET.get("kind", "")
    rows = PlaceName.objects.filter(valid_to=None, place__active_to=None).exclude(kind=NameKind.OFFICIAL)
    if wanted:
        rows = rows.filter(place__area__startswith=wanted) if wanted.isdecimal() else rows.filter(name__contains=wanted)
    if kind in NameKind.values:
        rows = rows.filter(kind=kind)
    rows = rows.select_related("place").order_by("place__area", "name", "pk")
    if "xlsx" in request.GET:
        return _workbook(rows)
    after = request.GET.get("after", "")
    number = int(after) if after.isascii() and after.isdigit() and len(after) < 7 else 0
    found = list(rows[number : number + ROWS + 1])
    index = queries.snapshot().index
    context: dict[str, Any] = {
        "rows": [(row, " · ".join(e.name for e in index.chain(row.place.area)[1:])) for row in found[:ROWS]],
        "kinds": [(value, label) for value, label in NameKind.choices if value != NameKind.OFFICIAL],
        "kind": kind,
        "q": wanted,
        "next": str(number + ROWS) if len(found) > ROWS else "",
        "first": not number,
    }
    return page(request, "spots.html", context | more, status)


def _workbook(rows: Any) -> HttpResponse:
    titles = (_("名称"), _("类型"), _("代码"), _("经度"), _("纬度"), _("来源"))
    lines = [
        (r.name, str(r.get_kind_display()), r.place.area, _degrees(r.lon), _degrees(r.lat), r.source)
        for r in rows.iterator()
    ]
    return excel.answer("linli-spots", [(_("地名点"), titles, lines)])


def _degrees(value: float | None) -> str:
    return "" if value is None else f"{value:.6f}"


def _upload(request: HttpRequest) -> HttpResponse:
    """A table: checked only, or checked and kept. With an error nothing is changed and the rows are named."""
    viewer = gate.viewer_of(request)
    if not may_publish(viewer):
        return errors.forbidden(request)
    file = request.FILES.get("file")
    wrong = _problem(file)
    if wrong or file is None:
        return _page(request, {"wrong": wrong, "open": True}, 422)
    crs = request.POST.get("crs", "")
    dry = request.POST.get("do") != "import"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"spots{Path(str(file.name)).suffix.lower()}"
        with path.open("wb") as out:
            for chunk in file.chunks():
                out.write(chunk)
        plan, added = spot_commands.run(
            (path,), crs if crs in SYSTEMS else "", actor=viewer.actor_id, dry_run=dry, names=(str(file.name)[:80],)
        )
    if added is not None and not dry:
        messages.success(request, _("已导入：新增 %(added)s 个名称。") % {"added": added})
        return HttpResponseRedirect(reverse("admin-spots"))
    return _page(request, _told(plan, added) | {"open": True}, 422 if plan.errors else 200)


def _problem(file: "UploadedFile[Any] | None") -> str:
    if file is None:
        return _("请选择文件。")
    if not str(file.name).lower().endswith(ENDINGS):
        return _("请用 CSV 或 Excel 文件。")
    if (file.size or 0) > LARGEST:
        return _("文件超过 20 MB，请用命令 linli import spots 导入。")
    return ""


def _told(plan: spots.Plan, added: int | None) -> dict[str, Any]:
    here = language()
    findings = [
        (each.row, each.severity, each.problem.said(here), each.mend.said(here)) for each in plan.findings[:SHOWN]
    ]
    return {"tried": {"spots": plan.spots, "added": added, "errors": len(plan.errors)}, "findings": findings}


@require_POST
@only(SYSTEM)
def add(request: HttpRequest) -> HttpResponse:
    """One name more."""
    viewer = gate.viewer_of(request)
    area = request.POST.get("area", "").strip()[:15]
    name = request.POST.get("name", "").replace("\x00", "").strip()
    kind = request.POST.get("kind", "")
    if not any(area.startswith(own) for own in viewer.areas(frozenset({SYSTEM}))):
        return errors.forbidden(request)
    if not 2 <= len(name) <= spots.LONGEST or kind not in spots.KINDS:
        return _page(request, {"unfit": _("名称要有 2 至 120 个字，并选择类型。"), "sent": request.POST}, 422)
    source = request.POST.get("source", "").replace("\x00", "").strip()[:200]
    try:
        new = actions.import_spots(
            [spots.Name(area, name, kind, None, None, source)], actor=viewer.actor_id, at=clock.now()
        )
    except Refused as refused:
        return _page(request, {"refusal": refused.refusal, "sent": request.POST}, refused.refusal.status)
    messages.success(request, _("已添加。") if new else _("这个名称已经有了。"))
    return HttpResponseRedirect(reverse("admin-spots"))


@require_POST
@only(SYSTEM)
def end(request: HttpRequest, ident: UUID) -> HttpResponse:
    """A name is used no more; it stays in the history."""
    viewer = gate.viewer_of(request)
    held = PlaceName.objects.filter(pk=ident).select_related("place").first()
    if held is None or not any(held.place.area.startswith(own) for own in viewer.areas(frozenset({SYSTEM}))):
        return errors.forbidden(request)
    try:
        actions.end_name(ident, actor=viewer.actor_id, at=clock.now())
    except Refused as refused:
        return errors.refused(request, refused.refusal)
    messages.success(request, _("“%(name)s”已停用；历史保留。") % {"name": held.name})
    return HttpResponseRedirect(reverse("admin-spots"))
