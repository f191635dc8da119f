"""The audit log, for the audit administrator alone: filtered, a page at a time, exported (which is on the record)."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from linli.audit import actions as audit
from linli.audit import queries
from linli.audit.models import Entry
from linli.core.words import Words
from linli.kernel import clock
from linli.parties import gate
from linli.parties.models import Person
from linli.parties.queries import inside
from linli.web.admin import audit_words
from linli.web.admin.common import AUDIT, only, page, said
from linli.web.city import excel

ROWS: Final = 100
MOST: Final = 50_000
FIELDS: Final = ("actor", "verb", "kind", "target", "area", "since", "until")


@only(AUDIT)
def log(request: HttpRequest) -> HttpResponse:
    """One page of the log. At most ten queries."""
    wanted = {name: request.GET.get(name, "").replace("\x00", "").strip()[:120] for name in FIELDS}
    rows = filtered(wanted)
    if "xlsx" in request.GET:
        return _workbook(request, rows, wanted)
    after = request.GET.get("after", "")
    found = list(_after(rows, after)[: ROWS + 1])
    held = found[:ROWS]
    last = held[-1] if held else None
    context: dict[str, Any] = {
        "asked": wanted,
        "lines": audit_words.lines(held),
        "whom": audit_words.lines(held[:1])[0].who if ":" in wanted["actor"] and held else "",
        "verbs": _choices(audit_words.VERBS, wanted["verb"]),
        "kinds": _choices(audit_words.KINDS, wanted["kind"]),
        "about": audit_words.lines(held[:1])[0].target if wanted["target"] and held else "",
        "next": f"{last.at.isoformat()}_{last.pk}" if last and len(found) > ROWS else "",
        "first": not after,
        "query": request.GET.urlencode(),
        "filtered": any(wanted.values()),
    }
    return page(request, "audit.html", context)


def _choices(words: Mapping[str, Words], chosen: str) -> list[tuple[str, str]]:
    """The values of a filter by their words; one that is asked for and has none stands as it is."""
    found = sorted(((name, said(word)) for name, word in words.items()), key=lambda one: one[1])
    return found if chosen in words or not chosen else [(chosen, chosen), *found]


def filtered(wanted: dict[str, str]) -> QuerySet[Entry]:
    """The lines that fit; the actor is found by id or by name."""
    rows = queries.newest().order_by("-at", "-id")
    if wanted["actor"]:
        people = Person.objects.filter(Q(name=wanted["actor"]) | Q(username=wanted["actor"].lower()))
        ids = [f"person:{pk}" for pk in people.values_list("pk", flat=True)]
        rows = rows.filter(actor__in=[*ids, wanted["actor"]])
    if wanted["verb"]:
        rows = rows.filter(verb=wanted["verb"])
    if wanted["kind"]:
        rows = rows.filter(target_kind=wanted["kind"])
    if wanted["target"]:
        rows = rows.filter(target=wanted["target"])
    if wanted["area"]:
        rows = rows.filter(inside(wanted["area"]))
    if (since := _midnight(wanted["since"])) is not None:
        rows = rows.filter(at__gte=since)
    if (until := _midnight(wanted["until"])) is not None:
        rows = rows.filter(at__lt=until + timedelta(days=1))
    return rows


def _midnight(text: str) -> datetime | None:
    try:
        day = parse_date(text)
    except ValueError:
        return None
    return timezone.make_aware(datetime.combine(day, time())) if day else None


def _after(rows: QuerySet[Entry], after: str) -> QuerySet[Entry]:
    instant, _under, ident = after.partition("_")
    try:
        at, key = datetime.fromisoformat(instant), UUID(ident)
    except ValueError:
        return rows
    return rows.filter(Q(at__lt=at) | Q(at=at, id__lt=key)) if at.tzinfo else rows


def _workbook(request: HttpRequest, rows: QuerySet[Entry], wanted: dict[str, str]) -> HttpResponse:
    viewer, at = gate.viewer_of(request), clock.now()
    listed = list(rows[:MOST])
    shown = audit_words.lines(listed)
    lines = [
        (
            *(one.entry.at, one.who, one.verb, one.kind, one.target, one.place, one.entry.reason),
            *(one.entry.actor, one.entry.verb, one.entry.target_kind, one.entry.target, one.entry.area),
        )
        for one in shown
    ]
    audit.record(viewer.actor_id, "export", "page", "audit", at=at, data={"rows": len(lines), **wanted})
    titles: tuple[str, ...] = (_("时间"), _("人员"), _("动作"), _("对象类型"), _("对象"), _("地方"), _("理由"))
    titles += tuple(_("%(column)s（原值）") % {"column": name} for name in (*titles[1:6],))
    return excel.answer("linli-audit", [(_("审计日志"), titles, lines)])
