"""The city page and the lists behind its figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from linli.audit import actions as audit
from linli.core.codes import is_area
from linli.core.refusals import Refused
from linli.core.routing import LEVELS
from linli.core.words import Words
from linli.indicators import queries as rates
from linli.indicators.declared import Indicator, indicators
from linli.indicators.queries import RateResult
from linli.kernel import clock, settings
from linli.matters import desk_queries, queries, reference
from linli.matters.models import Matter
from linli.parties import gate
from linli.parties.access import Viewer
from linli.places.index import Entry
from linli.web import look, sheets
from linli.web.city import drawing, excel

CITY: Final = frozenset({"centre_lead", "dispatcher"})
SPANS: Final = (1, 7, 14, 30, 90)
DAYS: Final = 14
REDS: Final = 8
ROWS: Final = 100
NEXT: Final = {4: 6, 6: 9, 9: 12, 12: 15, 15: 15}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page was asked for: a place, and the last *days* days up to now (whole days of the city)."""

    area: str
    days: int
    since: datetime
    until: datetime

    def query(self, **more: object) -> str:
        return urlencode({"area": self.area, "days": self.days} | more)


@dataclass(frozen=True, slots=True)
class Figure:
    """One rate with its trend and the addresses of what lies behind it."""

    result: RateResult
    trend: drawing.Trend
    said: str
    days: tuple[tuple[date, RateResult], ...]
    ways: Mapping[str, str]
    left: tuple[tuple[Words, int, str], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One place below: open work by colour and its rates."""

    area: str
    name: str
    counts: Mapping[str, int]
    worst: str
    rates: tuple[RateResult, ...]
    inner: bool


def asked(request: HttpRequest, viewer: Viewer) -> Asked:
    """Place and period of the address. Raises Http404 for a place that is not the viewer's."""
    area, days = request.GET.get("area", ""), request.GET.get("days", "")
    try:
        place = rates.area_for(viewer, area if is_area(area) else "")
    except Refused:
        raise Http404 from None
    span = int(days) if days.isascii() and days.isdigit() and int(days[:4]) in SPANS else DAYS
    now, zone = clock.now(), ZoneInfo(settings.current().time_zone)
    first = now.astimezone(zone).date() - timedelta(days=span - 1)
    return Asked(place, span, datetime.combine(first, time(), zone), now)


@never_cache
@require_safe
@gate.staff(roles=CITY)
def page(request: HttpRequest) -> HttpResponse:
    """One screen: map, promises, rates, what is red. Twelve queries beside those of the session."""
    viewer = gate.viewer_of(request)
    wanted = asked(request, viewer)
    ref = reference.current()
    lines = places_below(viewer, wanted)
    own = viewer.centre_areas
    rows = queries.visible_to(viewer).filter(queries.inside(wanted.area))
    reds = queries.by_clock(queries.coloured(desk_queries.at_work(rows), "red", wanted.until))
    counts = {colour: sum(line.counts[colour] for line in lines) for colour in desk_queries.COLOURS}
    context = {
        "asked": wanted,
        "chain": [e for e in ref.index.chain(wanted.area) if any(e.area.startswith(area) for area in own)],
        "spans": SPANS,
        "figures": figures(wanted, lines),
        "drawing": drawing.below(wanted.area),
        "worst": {line.area: line for line in lines},
        "lines": lines,
        "counts": [(colour, counts[colour]) for colour in desk_queries.COLOURS],
        "open": sum(counts.values()),
        "reds": sheets.cards(desk_queries.shown(reds)[:REDS]),
        "missing": missing_years(ref, wanted.until),
    }
    return render(request, "city/page.html", context)


def missing_years(ref: reference.Reference, at: datetime) -> list[int]:
    """The years, this one and the next from October on, that a working calendar in use has no table for."""
    wanted = [at.year, *([at.year + 1] if at.month >= 10 else [])]
    return [y for y in wanted if any(not c.always and y not in c.years for c in ref.calendars.values())]


def places_below(viewer: Viewer, wanted: Asked) -> list[Line]:
    """The places directly below, each with open work and rates. Five queries."""
    ref = reference.current()
    length = NEXT.get(len(wanted.area), 4)
    level = next(name for name, digits, _w in LEVELS if digits == length)
    found = rates.by_area(wanted.area, length, wanted.since, wanted.until, now=wanted.until)
    rows = queries.visible_to(viewer).filter(queries.inside(wanted.area))
    counted = {row[0]: row[1:] for row in desk_queries.by_area(rows, level, wanted.until)}
    listed: list[Entry | str] = list(ref.index.children(wanted.area)) if length != len(wanted.area) else []
    known = {e.area for e in listed if isinstance(e, Entry)}
    listed += sorted((counted.keys() | {a for parts in found.values() for a in parts}) - known)
    return [_line(each, wanted, counted, found) for each in listed]


def _line(
    place: Entry | str,
    wanted: Asked,
    counted: Mapping[str, tuple[int, ...]],
    found: Mapping[str, Mapping[str, RateResult]],
) -> Line:
    area = place.area if isinstance(place, Entry) else place
    inner = area != wanted.area
    if isinstance(place, Entry):
        name = place.name
    else:  # known less precisely than the level that is shown
        name = pgettext("place", "未定位到下一级") if not inner else reference.current().index.name(area)
    counts = dict(zip(desk_queries.COLOURS, counted.get(area, (0, 0, 0, 0)), strict=True))
    worst = next((colour for colour in desk_queries.COLOURS if counts[colour]), "")
    own = tuple(found[ident].get(area, RateResult(one)) for ident, one in indicators().items())
    return Line(area, name, counts, worst, own, inner)


def figures(wanted: Asked, lines: list[Line]) -> list[Figure]:
    """All rates of the place with their trends. Four queries."""
    days = rates.by_day(wanted.area, wanted.since, wanted.until, now=wanted.until)
    made = []
    for n, (ident, one) in enumerate(indicators().items()):
        whole = rates.total({line.area: line.rates[n] for line in lines}, one)
        made.append(_figure(whole, one, tuple(days[ident].items()), wanted))
    return made


def _figure(whole: RateResult, one: Indicator, days: tuple[tuple[date, RateResult], ...], wanted: Asked) -> Figure:
    def way(part: str) -> str:
        return reverse("city-behind", args=[one.id, part]) + "?" + wanted.query()

    known = [(day, part) for day, part in days if part.value is not None]
    said = _("每日走势，%(days)s天") % {"days": len(days)}
    if known:
        (first, start), (last, end) = known[0], known[-1]
        said += _("：%(first)s %(start)s，%(last)s %(end)s") % {
            "first": f"{first:%m-%d}", "start": f"{start.value:.0%}",
            "last": f"{last:%m-%d}", "end": f"{end.value:.0%}",
        }  # fmt: skip
    left = tuple((e.labels, whole.excluded[e.id], way(e.id)) for e in one.exclusions if whole.excluded.get(e.id))
    ways = {part: way(part) for part in rates.PARTS}
    return Figure(whole, drawing.trend([part.value for _, part in days]), said, days, ways, left)


@never_cache
@require_safe
@gate.staff(roles=CITY)
def workbook(request: HttpRequest) -> HttpResponse:
    """Every table of the page as an Excel file."""
    viewer = gate.viewer_of(request)
    wanted = asked(request, viewer)
    said = get_language() or "zh-hans"
    lines = places_below(viewer, wanted)
    shown = figures(wanted, lines)
    names = [one.labels.said(said) for one in indicators().values()]
    colours = [look.colour_word(colour) for colour in desk_queries.COLOURS]
    rate_rows = [
        (f.result.indicator.labels.said(said), f.result.value, f.result.numerator, f.result.denominator,
         f.result.indicator.formula.said(said), f.result.indicator.version, look.source(f.result.indicator.source))
        for f in shown
    ]  # fmt: skip
    place_rows = [
        (line.area, line.name, *line.counts.values(), *(v for r in line.rates for v in (r.value, r.denominator)))
        for line in lines
    ]
    per_rate = [text for name in names for text in (name, name + _("（件次）"))]
    day_rows = [
        (f"{day:%Y-%m-%d}", *(v for f in shown for v in (f.days[n][1].value, f.days[n][1].denominator)))
        for n, (day, _r) in enumerate(shown[0].days)
    ]
    left_rows = [
        (f.result.indicator.labels.said(said), e.labels.said(said), f.result.excluded.get(e.id, 0))
        for f in shown
        for e in f.result.indicator.exclusions
    ]
    record(viewer, "city", wanted)
    return excel.answer(
        f"linli-city-{wanted.area}-{wanted.until:%Y%m%d}",
        [
            (_("指标"), (_("指标"), _("值"), _("分子"), _("分母"), _("公式"), _("版本"), _("依据")), rate_rows),
            (_("地方"), (_("代码"), _("名称"), *colours, *per_rate), place_rows),
            (_("逐日"), (_("日期"), *per_rate), day_rows),
            (_("排除清单"), (_("指标"), _("原因"), _("件次")), left_rows),
        ],
    )


def record(viewer: Viewer, what: str, wanted: Asked) -> None:
    """An export leaves a line in the audit log."""
    data = {"since": wanted.since.isoformat(), "until": wanted.until.isoformat()}
    audit.record(viewer.actor_id, "export", "page", what, at=wanted.until, area=wanted.area, data=data)


@never_cache
@require_safe
@gate.staff(roles=CITY)
def behind(request: HttpRequest, ident: str, part: str) -> HttpResponse:
    """The matters behind a figure, a page at a time or as an Excel file. Three queries."""
    viewer = gate.viewer_of(request)
    wanted = asked(request, viewer)
    try:
        rows = rates.matters_of(viewer, ident, part, wanted.area, wanted.since, wanted.until, now=wanted.until)
    except Refused:
        raise Http404 from None
    one = indicators()[ident]
    if "xlsx" in request.GET:
        record(viewer, f"{ident}/{part}", wanted)
        return _list_file(rows, ident, part)
    after = request.GET.get("after", "")
    number = int(after) if after.isascii() and after.isdigit() and len(after) < 7 else 0
    found = list(desk_queries.shown(rows.order_by("-opened_at", "-id"))[number : number + ROWS + 1])
    exclusion = one.exclusion(part)
    context = {
        "asked": wanted,
        "one": one,
        "part": exclusion.labels if exclusion else part_words(part),
        "excluded": exclusion is not None,
        "cards": sheets.cards(found[:ROWS]),
        "count": rows.count(),
        "next": str(number + ROWS) if len(found) > ROWS else "",
        "first": not number,
        "place": reference.current().index.chain(wanted.area),
    }
    return render(request, "city/behind.html", context)


def part_words(part: str) -> str:
    return {"counted": _("全部计入的"), "reached": _("达到的"), "missed": _("没有达到的")}[part]


def _list_file(rows: Any, ident: str, part: str) -> HttpResponse:
    said = get_language() or "zh-hans"
    cards = sheets.cards(desk_queries.shown(rows.order_by("-opened_at", "-id"))[:50_000])
    titles = (
        _("编号"),
        _("内容"),
        _("分类"),
        _("地方"),
        _("阶段"),
        _("承办"),
        _("受理时间"),
        _("办结时间"),
        _("满意度"),
    )
    lines = (
        (c.matter.code, c.text, c.category.said(said), c.place, c.stage.labels.said(said), c.holder, *_times(c.matter))
        for c in cards
    )
    return excel.answer(f"linli-{ident}-{part}", [(_("事项"), titles, lines)])


def _times(matter: Matter) -> tuple[object, ...]:
    return matter.opened_at, matter.closed_at, matter.rating
