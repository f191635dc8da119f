"""Working calendars: a year as twelve months, next year's notice, what would move, publishing, history."""

import calendar as gregorian
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from linli.core.calendars import Calendar, YearTable
from linli.core.refusals import Refused
from linli.kernel import clock, declarations
from linli.matters import declared, reference
from linli.parties import gate
from linli.procedures import load
from linli.web import errors
from linli.web.admin import checking, effects
from linli.web.admin.common import SYSTEM, language, may_publish, only, page, publish, versions
from linli.web.admin.toml import calendar_body, spans_of, year_text
from linli.web.city import excel

_DATE: Final = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the year's page: *state* is work, rest, off (a holiday) or make_up."""

    day: date
    state: str


@dataclass(frozen=True, slots=True)
class Month:
    """One month: its weeks, Monday first; None before its first and after its last day."""

    number: int
    weeks: tuple[tuple[Day | None, ...], ...]


def present(ident: str) -> str:
    """The calendar's text in force: published, else the data folder's, else shipped."""
    own = {body.name: body.text for body in declared.bodies("calendar", "calendars", [])}
    return own.get(ident) or load.shipped("calendars").get(ident, "")


@only(SYSTEM)
def index(request: HttpRequest) -> HttpResponse:
    """All calendars, with what is missing first."""
    ref = reference.current(fresh=True)
    this = clock.now().year
    rows = [
        (c, [y for y in (this, this + 1) if not c.always and y not in c.years], max(c.years, default=None))
        for c in ref.calendars.values()
    ]
    missing = sorted({y for _c, years, _last in rows for y in years})
    first = next((c for c, years, _last in rows if years), None)
    context = {
        "rows": rows,
        "missing": missing,
        "first": first,
        "waiting": effects.waiting() if missing else 0,
        "used": _used(ref),
        "this": this,
    }
    return page(request, "calendars.html", context)


def _used(ref: reference.Reference) -> dict[str, int]:
    """How many categories count on each calendar."""
    found: dict[str, int] = {}
    for category in ref.catalogue.by_code.values():
        found[category.calendar] = found.get(category.calendar, 0) + 1
    return found


@only(SYSTEM)
def edit(request: HttpRequest, ident: str) -> HttpResponse:
    """One year of a calendar: shown as months, changed by clicking or by typing, checked, published."""
    ref = reference.current(fresh=True)
    held = ref.calendars.get(ident)
    if held is None:
        raise Http404
    year = _year(request)
    table = held.years.get(year)
    typed = _typed(request) if request.method == "POST" else _shown(table)
    context: dict[str, Any] = {
        "calendar": held,
        "year": year,
        "may": may_publish(gate.viewer_of(request)),
        "typed": typed,
        "alike": [c for c in ref.calendars.values() if c.id != ident and not c.always],
        "also": request.POST.getlist("also") if request.method == "POST" else [c.id for c in _alike(ref, ident)],
    }
    if "xlsx" in request.GET:
        return _workbook(held, year)
    status = 200
    if request.method == "POST":
        wanted = [ident, *(i for i in context["also"] if i in ref.calendars and not ref.calendars[i].always)]
        made, wrong = build(ref.calendars, wanted, year, typed)
        if wrong:
            context |= {"wrong": wrong, "refused": True}
            status = 422
        elif "publish" in request.POST:
            return _publish(request, made, ident, year)
        else:
            tables = {i: calendar for i, (_body, calendar) in made.items()}
            context |= {"preview": True, "effect": effects.of_change(calendars=wanted, tables=tables), "wanted": wanted}
    context |= {"months": months(held, year, typed), "versions": versions("calendar", ident)}
    context["weekday_letters"] = [_("一"), _("二"), _("三"), _("四"), _("五"), _("六"), _("日")]
    context["years"] = range(clock.now().year - 1, clock.now().year + 3)
    return page(request, "calendar.html", context, status)


def _year(request: HttpRequest) -> int:
    given = request.POST.get("year") or request.GET.get("year", "")
    return int(given) if re.fullmatch(r"(19|20)\d\d", given) else clock.now().year


def _alike(ref: reference.Reference, ident: str) -> Iterable[Calendar]:
    """Working calendars that share the State Council's table with this one: a notice is for all of them."""
    return [c for c in ref.calendars.values() if c.id != ident and not c.always]


def _typed(request: HttpRequest) -> dict[str, str]:
    return {name: request.POST.get(name, "").replace("\x00", "").strip() for name in ("off", "worked", "source")}


def _shown(table: YearTable | None) -> dict[str, str]:
    if table is None:
        return {"off": "", "worked": "", "source": ""}
    off = "\n".join(f"{a}" if a == b else f"{a} – {b}" for a, b in spans_of(table.holidays))
    return {"off": off, "worked": "\n".join(str(d) for d in sorted(table.make_up)), "source": table.source}


def days_of(text: str) -> tuple[list[date], str]:
    """The days that a text area names, one day or a first and last day a line; and the line that can't be read."""
    found: list[date] = []
    for line in text.splitlines():
        if not line.strip():
            continue
        try:
            ends = [date(int(y), int(m), int(d)) for y, m, d in _DATE.findall(line)]
        except ValueError:
            return found, line
        if len(ends) not in (1, 2) or (ends[-1] - ends[0]).days not in range(60):
            return found, line
        found += [date.fromordinal(n) for n in range(ends[0].toordinal(), ends[-1].toordinal() + 1)]
    return found, ""


def build(
    calendars: Mapping[str, Calendar], idents: list[str], year: int, typed: Mapping[str, str]
) -> tuple[dict[str, tuple[str, Calendar]], dict[str, str]]:
    """(body, calendar) of each with the year as typed; else what is wrong, by field."""
    wrong: dict[str, str] = {}
    days: dict[str, list[date]] = {}
    for name in ("off", "worked"):
        days[name], bad = days_of(typed[name])
        if bad:
            wrong[name] = _("这一行看不懂：“%(line)s”。每行写一天，或写起止两天，如 2027-01-01 – 2027-01-03。") % {
                "line": bad
            }
    if not typed["source"]:
        wrong["source"] = _("请填写通知的名称和文号。")
    if wrong:
        return {}, wrong
    made: dict[str, tuple[str, Calendar]] = {}
    for ident in idents:
        data = tomllib.loads(present(ident))
        own = {
            int(y): year_text(t.holidays, t.make_up, t.source)
            for y in data.get("years", {})
            if (t := calendars[ident].years.get(int(y))) is not None
        }
        own[year] = year_text(days["off"], days["worked"], typed["source"])
        body = calendar_body(calendars[ident], data, own)
        faults, calendar = checking.calendar(ident, body)
        if calendar is None:
            field = "worked" if "make-up" in faults[0].words.en else "off"
            return {}, {field: faults[0].words.said(language())}
        made[ident] = (body, calendar)
    return made, {}


def _publish(request: HttpRequest, made: Mapping[str, tuple[str, Calendar]], ident: str, year: int) -> HttpResponse:
    viewer, at = gate.viewer_of(request), clock.now()
    why = f"{year}年节假日安排"
    try:
        with transaction.atomic():
            for each, (body, _calendar) in made.items():
                if declarations.version("calendar", each) is None:
                    publish("calendar", each, present(each), viewer=viewer, at=at, why="原有版本")
                publish("calendar", each, body, viewer=viewer, at=at, why=why)
    except Refused as refused:
        return errors.refused(request, refused.refusal)
    text = _("%(year)s年的安排已发布。等待中的期限随后开始计算，已在计时的随后调整，并记入各自的历史。")
    messages.success(request, text % {"year": year})
    return HttpResponseRedirect(reverse("admin-calendar", args=[ident]) + f"?year={year}")


def months(held: Calendar, year: int, typed: Mapping[str, str]) -> list[Month]:
    """The year's page, as typed."""
    off, worked = set(days_of(typed["off"])[0]), set(days_of(typed["worked"])[0])

    def state(day: date) -> str:
        if day in off:
            return "off"
        if day.weekday() in held.weekdays_off and not held.always:
            return "make_up" if day in worked else "rest"
        return "work"

    found = []
    for number in range(1, 13):
        weeks = gregorian.Calendar().monthdatescalendar(year, number)
        rows = tuple(tuple(Day(d, state(d)) if d.month == number else None for d in week) for week in weeks)
        found.append(Month(number, rows))
    return found


def _workbook(held: Calendar, year: int) -> HttpResponse:
    words = {"work": _("工作日"), "rest": _("周末"), "off": _("放假"), "make_up": _("调休上班")}
    days = [d for m in months(held, year, _shown(held.years.get(year))) for w in m.weeks for d in w if d]
    lines = [(d.day.isoformat(), words[d.state]) for d in days]
    return excel.answer(f"linli-{held.id}-{year}", [(str(year), (_("日期"), _("性质")), lines)])
