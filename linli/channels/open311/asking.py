"""GET requests: the parameters of GeoReport v2, and the rows they mean."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest

from linli.channels.open311.shapes import COLUMNS, OTHER, SENSITIVE, SENSITIVE_KINDS
from linli.core.refusals import Refused
from linli.matters.models import Clock, Event, Matter
from linli.matters.reference import Reference

SPAN: Final = timedelta(days=90)
MOST: Final = 1000
STATUSES: Final = ("open", "closed")


def param(given: Mapping[str, Any], name: str) -> str:
    """A parameter; an empty one counts as not given. Raises Refused for NUL."""
    text = str(given.get(name, "") or "").strip()
    if "\x00" in text:
        raise Refused("field_wrong", about=name, field=name, why="NUL")
    return text


def listed(given: Mapping[str, Any], name: str) -> list[str]:
    """A comma-separated parameter."""
    return [part.strip() for part in param(given, name).split(",") if part.strip()]


def jurisdiction(request: HttpRequest, given: Mapping[str, Any], ref: Reference) -> None:
    """The parameter may be left out: there is one city. Raises Refused("jurisdiction_unknown") for another."""
    wanted = param(given, "jurisdiction_id").lower()
    if not wanted:
        return
    known = {request.get_host().partition(":")[0].removeprefix("www.")}
    for entry in ref.index.children():
        known |= {entry.area, entry.code, entry.name.lower()}
    if wanted not in known:
        raise Refused("jurisdiction_unknown", about="jurisdiction_id", given=wanted[:80])


def rows(given: Mapping[str, Any], ref: Reference, at: datetime) -> list[dict[str, Any]]:
    """The rows of GET requests, newest first. One query. Raises Refused for a parameter that is wrong."""
    ids = listed(given, "service_request_id")
    found = Matter.objects.filter(code__in=ids[:MOST]) if ids else _range(given, at)
    if not ids:
        found = _narrowed(found, given, ref)
    size = _number(given, "page_size", MOST, MOST)
    start = (_number(given, "page", 1, 100_000) - 1) * size
    return list(_told(found.order_by("-opened_at", "-id"))[start : start + size])


def one(codes: list[str]) -> list[dict[str, Any]]:
    """The matters with these codes, in the order asked for. One query."""
    found = {row["code"]: row for row in _told(Matter.objects.filter(code__in=codes[:MOST]))}
    return [found[code] for code in codes if code in found]


def _told(found: QuerySet[Matter]) -> Any:
    """The columns that are told, with the instant by which it is promised to be done."""
    done = Clock.objects.filter(matter=OuterRef("pk"), rule="complete").order_by("-cycle")
    return found.annotate(promised=Subquery(done.values("due_at")[:1])).values(*COLUMNS)


def history(code: str) -> tuple[dict[str, Any], list[Event]]:
    """A matter and its events. Two queries. Raises Refused("not_yours")."""
    found = one([code])
    if not found:
        raise Refused("not_yours")
    return found[0], list(Event.objects.filter(matter=found[0]["id"]).order_by("seq"))


def _range(given: Mapping[str, Any], at: datetime) -> QuerySet[Matter]:
    """The last 90 days, or 90 days beside the one end that is given."""
    start, end = _instant(given, "start_date"), _instant(given, "end_date")
    if start is None:
        start = (end or at) - SPAN
    if end is None:
        end = start + SPAN if start + SPAN < at else at + timedelta(days=1)
    if end - start > SPAN + timedelta(days=1):
        raise Refused("bad_time", about="end_date", why="start_date … end_date > 90 d")
    return Matter.objects.filter(opened_at__gte=start, opened_at__lte=end)


def _narrowed(found: QuerySet[Matter], given: Mapping[str, Any], ref: Reference) -> QuerySet[Matter]:
    statuses = listed(given, "status")
    if any(status not in STATUSES for status in statuses):
        raise Refused("choice_unknown", about="status", field="status", choices="open, closed")
    if len(set(statuses)) == 1:
        found = found.filter(closed_at__isnull=statuses[0] == "open")
    codes = listed(given, "service_code")
    unknown = next((code for code in codes if code != OTHER and code not in ref.terms), None)
    if unknown is not None:
        raise Refused("field_wrong", about="service_code", field="service_code", why=unknown[:80])
    return found.filter(_of(codes)) if codes else found


def _of(codes: list[str]) -> Q:
    """Matters that are told under one of these codes: sensitive ones are told as “other” only."""
    covered = Q(kind__in=SENSITIVE_KINDS)
    for top in SENSITIVE:
        covered |= Q(category__startswith=top + ".")
    told = Q(category__in=[code for code in codes if code != OTHER]) & ~covered
    return told | covered | Q(category="") if OTHER in codes else told


def _instant(given: Mapping[str, Any], name: str) -> datetime | None:
    text = param(given, name)
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text.replace(" ", "+"))  # a plus sign that was not encoded arrives as a blank
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or not 1900 < at.year < 9000:
        raise Refused("bad_time", about=name, why=f"{name}={text[:40]}")
    return at


def _number(given: Mapping[str, Any], name: str, default: int, most: int) -> int:
    text = param(given, name)
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= most):
        raise Refused("field_wrong", about=name, field=name, why=f"1–{most}")
    return int(text)
