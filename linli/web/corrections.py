"""What people decided beside the machine, as a list with filters and as a workbook: for administrators without any
words of residents, for heads of centre and dispatchers with the masked words of the matters they may see."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from linli.audit import actions as audit
from linli.core.codes import is_area
from linli.core.words import Words
from linli.kernel import clock
from linli.matters import learning, queries, reference
from linli.matters.learning import Wanted
from linli.matters.learning_models import Correction
from linli.parties import gate
from linli.parties.access import Viewer
from linli.web import frame, suggested
from linli.web.admin.common import SYSTEM, only, page
from linli.web.city import excel

ROWS: Final = 100
MOST: Final = 50_000
READERS: Final = ("centre_lead", "dispatcher")
FIELDS: Final = {
    "category": Words("分类", "Category"),
    "area": Words("地点", "Place"),
    "kind": Words("性质", "Kind"),
}
SOURCES: Final = {
    "desk": Words("研判", "Sorting"),
    "intake": Words("接听登记", "Intake"),
    "resident": Words("诉求人", "Resident"),
}
VERDICTS: Final = {
    "overruled": Words("改掉了系统的判断", "Overruled"),
    "agreed": Words("与系统一致", "Agreed"),
    "unanswered": Words("只说不对", "Only said wrong"),
}
KINDS: Final = {
    "request": Words("诉求", "Request"),
    "dispute": Words("纠纷", "Dispute"),
    "question": Words("咨询", "Question"),
    "help_in_danger": Words("紧急求助", "Help in danger"),
    "praise": Words("表扬", "Praise"),
    "advertisement": Words("广告", "Advertisement"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One judgement in words. *text* and *code* are empty where the viewer may not read the matter."""

    row: Correction
    field: str
    source: str
    verdict: str
    said: str
    chosen: str
    who: str
    place: str
    text: str
    code: str


def _said(words: Words) -> str:
    return words.said(get_language() or "zh-hans")


def value(field: str, code: str) -> str:
    """A category, place or kind in words; "" for none."""
    if not code:
        return ""
    if field == "area":
        return frame.area_chain(code, 2)
    if field == "kind":
        return _said(KINDS[code]) if code in KINDS else code
    return suggested.label(code)


def lines(rows: Iterable[Correction], *, words: bool) -> list[Line]:
    """Rows in words; with the masked text and the code only where *words*. No query."""
    found = []
    for row in rows:
        verdict = "agreed" if row.agreed else "overruled" if row.chosen else "unanswered"
        who = _("诉求人")
        if row.post is not None:
            who = f"{row.post.person.name} · {row.post.unit.name}"
        elif row.actor != "resident":
            who = _("其他系统") if row.actor.startswith("token:") else _("工作人员")
        found.append(
            Line(
                row,
                _said(FIELDS[row.field]),
                _said(SOURCES[row.source]),
                verdict,
                value(row.field, row.said),
                value(row.field, row.chosen),
                who,
                frame.area_chain(row.area, 2),
                row.text if words else "",
                row.matter.code if words else "",
            )
        )
    return found


def wanted_of(request: HttpRequest, home: str) -> Wanted:
    """The filter of an address; what can't be is dropped. Always within *home*."""
    get = {name: request.GET.get(name, "").replace("\x00", "").strip()[:40] for name in request.GET}
    tops = {node.code for node in reference.current().catalogue.tree}
    area = get.get("area", "")
    return Wanted(
        get.get("field", "") if get.get("field") in FIELDS else "",
        get.get("source", "") if get.get("source") in SOURCES else "",
        get.get("verdict", "") if get.get("verdict") in VERDICTS else "",
        get.get("top", "") if get.get("top") in tops else "",
        area if is_area(area) and area.startswith(home) else home,
        _day(get.get("since", "")),
        _day(get.get("until", ""), 1),
    )


def _day(text: str, later: int = 0) -> datetime | None:
    try:
        found = parse_date(text)
    except ValueError:
        found = None
    if found is None or not 2000 <= found.year <= 2999:
        return None
    return timezone.make_aware(datetime.combine(found + timedelta(days=later), time()))


@only(SYSTEM)
def administration(request: HttpRequest) -> HttpResponse:
    """The administrator's list: who decided what, without anybody's words."""
    viewer = gate.viewer_of(request)
    home = next(iter(viewer.areas(frozenset({SYSTEM}))), "")
    rows = wanted_of(request, home).rows()
    if "xlsx" in request.GET:
        return _workbook(request, viewer, rows, words=False)
    return page(request, "corrections.html", _context(request, rows, words=False))


@never_cache
@require_safe
@gate.staff(roles=READERS)
def desk(request: HttpRequest) -> HttpResponse:
    """The centre's list, with the masked words of the matters that the viewer may see."""
    viewer = gate.viewer_of(request)
    rows = wanted_of(request, "").rows().filter(matter__in=queries.visible_to(viewer).values("pk"))
    if "xlsx" in request.GET:
        return _workbook(request, viewer, rows, words=True)
    return render(request, "desk/corrections.html", _context(request, rows, words=True) | {"tab": "corrections"})


def _context(request: HttpRequest, rows: Any, *, words: bool) -> dict[str, Any]:
    """Three queries."""
    after = request.GET.get("after", "")
    start = int(after) if after.isascii() and after.isdigit() and len(after) < 7 else 0
    held = list(rows[start : start + ROWS + 1])
    query = request.GET.copy()
    query.pop("after", None)
    return {
        "lines": lines(held[:ROWS], words=words),
        "sums": learning.sums(rows),
        "next": str(start + ROWS) if len(held) > ROWS else "",
        "first": not start,
        "asked": request.GET,
        "filtered": any(query.get(name) for name in ("field", "source", "verdict", "top", "since", "until")),
        "query": query.urlencode(),
        "with_words": words,
        "fields": [(key, _said(text)) for key, text in FIELDS.items()],
        "sources": [(key, _said(text)) for key, text in SOURCES.items()],
        "verdicts": [(key, _said(text)) for key, text in VERDICTS.items()],
        "tops": [(node.code, _said(node.names)) for node in reference.current().catalogue.tree],
    }


def _workbook(request: HttpRequest, viewer: Viewer, rows: Any, *, words: bool) -> HttpResponse:
    """The list as Excel; that it was taken is on the record."""
    titles = [
        _("时间"),
        _("内容"),
        _("来源"),
        _("系统"),
        _("把握"),
        _("人工"),
        _("结果"),
        _("决定人"),
        _("地方"),
        _("模型"),
    ]
    found = lines(rows[:MOST], words=words)
    table: list[tuple[object, ...]] = [
        (one.row.at, one.field, one.source, one.said, one.row.confidence, one.chosen, _said(VERDICTS[one.verdict]),
         one.who, one.place, one.row.version, *((one.code, one.text) if words else ()))
        for one in found
    ]  # fmt: skip
    if words:
        titles += [_("编号"), _("原话（已隐去个人信息）")]
    data = {"filter": request.GET.urlencode()[:400], "rows": len(table)}
    audit.record(viewer.actor_id, "export", "list", "corrections", at=clock.now(), data=data)
    return excel.answer("linli-corrections", [(_("人工更正"), titles, table)])
