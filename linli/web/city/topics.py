"""Hot topics: what many people say about one problem in one place, for the staff of centres."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from linli.audit import actions as audit
from linli.core.codes import is_area
from linli.core.refusals import Refused
from linli.indicators import queries as rates
from linli.indicators import topics
from linli.indicators.topics import Hot
from linli.kernel import clock
from linli.matters import desk_queries, reference
from linli.parties import gate
from linli.parties.access import Viewer
from linli.parties.roles import CENTRE_ROLES
from linli.understanding.hotspots_heat import HALF_LIFE
from linli.web import sheets
from linli.web.city import drawing, excel

SPANS: Final = (7, 14, 30, 90)
DAYS: Final = 30
ROWS: Final = 100


@dataclass(frozen=True, slots=True)
class Card:
    """A topic as the page draws it. *said* tells the trend in words."""

    hot: Hot
    trend: drawing.Trend
    said: str


def asked(request: HttpRequest, viewer: Viewer) -> tuple[str, int]:
    """Place and days of the address. Raises Http404 for a place that is not the viewer's."""
    area, days = request.GET.get("area", ""), request.GET.get("days", "")
    try:
        place = rates.area_for(viewer, area if is_area(area) else "")
    except Refused:
        raise Http404 from None
    span = int(days) if days.isascii() and days.isdigit() and int(days[:4]) in SPANS else DAYS
    return place, span


def card(hot: Hot) -> Card:
    """With its line over days; the highest day is the top."""
    top = max(hot.days) or 1
    said = ngettext("最多的一天%(n)d件", "最多的一天%(n)d件", max(hot.days)) % {"n": max(hot.days)}
    return Card(hot, drawing.trend([n / top for n in hot.days]), said)


@never_cache
@require_safe
@gate.staff(roles=CENTRE_ROLES)
def page(request: HttpRequest) -> HttpResponse:
    """The list, hottest now first; what was put aside folded below. About six queries."""
    viewer = gate.viewer_of(request)
    area, days = asked(request, viewer)
    found = topics.hot(viewer, area, days, clock.now())
    if "xlsx" in request.GET:
        audit.record(viewer.actor_id, "export", "page", "topics", at=clock.now(), area=area, data={"days": days})
        return workbook(found)
    own = viewer.centre_areas
    context = {
        "area": area,
        "days": days,
        "spans": SPANS,
        "half_life": HALF_LIFE.days,
        "query": urlencode({"area": area, "days": days}),
        "chain": [e for e in reference.current().index.chain(area) if any(e.area.startswith(held) for held in own)],
        "cards": [card(hot) for hot in found if not hot.dismissed],
        "aside": [card(hot) for hot in found if hot.dismissed],
        "waiting": topics.waiting(),
    }
    return render(request, "city/topics.html", context)


def workbook(found: list[Hot]) -> HttpResponse:
    """The list as an Excel file, and a second table of the matters of each."""
    titles = (
        *(_("热点"), _("地方"), _("热度"), _("人数"), _("件数"), _("最早"), _("最近")),
        *(_("正在上升"), _("关键词"), _("处理")),
    )
    rows = [
        (
            *(one.topic.name, one.where or one.topic.place, f"{one.topic.heat_now:.1f}", one.topic.people),
            *(len(one.codes), one.topic.since, one.topic.until, _("是") if one.topic.rising else ""),
            *("、".join(one.topic.keywords), _verdict(one)),
        )
        for one in found
    ]
    matters = [(one.topic.name, code) for one in found for code in one.codes]
    return excel.answer("linli-topics", [(_("热点"), titles, rows), (_("背后的事项"), (_("热点"), _("编号")), matters)])


def _verdict(one: Hot) -> str:
    if one.dismissed:
        return _("不算热点")
    return _("已确认") if one.confirmed else ""


@never_cache
@require_safe
@gate.staff(roles=CENTRE_ROLES)
def behind(request: HttpRequest, topic: UUID) -> HttpResponse:
    """The matters behind a topic, newest first, a page at a time. Three queries."""
    viewer = gate.viewer_of(request)
    area, days = asked(request, viewer)
    rows = topics.matters_of(viewer, topic, area)
    after = request.GET.get("after", "")
    number = int(after) if after.isascii() and after.isdigit() and len(after) < 7 else 0
    found = list(desk_queries.shown(rows)[number : number + ROWS + 1])
    if not found:
        raise Http404
    context = {
        "topic": topic,
        "verdict": topics.verdicts([topic]).get(topic),
        "query": urlencode({"area": area, "days": days}),
        "cards": sheets.cards(found[:ROWS]),
        "count": rows.count(),
        "next": str(number + ROWS) if len(found) > ROWS else "",
        "first": not number,
    }
    return render(request, "city/topic.html", context)


@require_POST
@gate.staff(roles=CENTRE_ROLES)
def decide(request: HttpRequest, topic: UUID) -> HttpResponse:
    """Confirm, put aside, or take that back; on the record. Back to where it was pressed."""
    viewer = gate.viewer_of(request)
    area, days = asked(request, viewer)
    try:
        topics.decide(topic, request.POST.get("verdict", ""), viewer=viewer, at=clock.now())
    except Refused:
        raise Http404 from None
    return HttpResponseRedirect(f"{reverse('topics')}?{urlencode({'area': area, 'days': days})}#t-{topic}")
