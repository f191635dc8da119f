"""A list's filters as they stand in the address. What can't be read is left out and is never an error."""

import re
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_date

from linli.core.codes import is_area
from linli.core.routing import LEVELS
from linli.matters import desk_queries, queries, searching
from linli.matters.models import Matter
from linli.parties.access import Viewer

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
SORTS = ("due", "new", "old")
STATES = ("work", "open", "done", "all")  # work: without those that wait for the resident's word
_CODE = re.compile(r"[0-9]{4,9}-[0-9]{0,8}(-[0-9]*)?")
_PHONE = re.compile(r"\+?[0-9][0-9 -]{6,16}")


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list shows. Every field is text as it stands in the address; "" means all."""

    q: str = ""
    state: str = "work"
    stage: str = ""
    colour: str = ""
    category: str = ""
    area: str = ""
    level: str = ""
    unit: str = ""
    channel: str = ""
    since: str = ""
    until: str = ""
    merged: str = ""
    reopened: str = ""
    urgent: str = ""
    mine: str = ""
    sort: str = "due"

    @classmethod
    def of(cls, query: QueryDict) -> "Filter":
        """The filter of an address; what can't be is dropped."""
        got = {f.name: query.get(f.name, "").replace("\x00", "").strip()[:160] for f in fields(cls)}
        got["state"] = got["state"] if got["state"] in STATES else "open" if got["stage"] else "work"
        got["sort"] = got["sort"] if got["sort"] in SORTS else "due" if got["state"] in ("work", "open") else "new"
        got["colour"] = got["colour"] if got["colour"] in desk_queries.COLOURS else ""
        got["area"] = got["area"] if is_area(got["area"]) else ""
        got["level"] = got["level"] if got["level"] in {name for name, _, _ in LEVELS} else ""
        for name in ("since", "until"):
            got[name] = got[name] if _day(got[name]) else ""
        for name in ("merged", "reopened", "urgent", "mine"):
            got[name] = "1" if got[name] == "1" else ""
        got["unit"] = got["unit"] if _uuid(got["unit"]) else ""
        return cls(**got)

    def query(self) -> str:
        """The address's query, without what says nothing."""
        blank = Filter()
        given = {f.name: getattr(self, f.name) for f in fields(self)}
        return urlencode({k: v for k, v in given.items() if v and v != getattr(blank, k)})

    @property
    def narrow(self) -> int:
        """How many filters are set beside the search and the state."""
        free = {"q", "state", "sort"}
        return sum(1 for f in fields(self) if f.name not in free and getattr(self, f.name))

    def searchable(self, rows: QuerySet[Matter], viewer: Viewer) -> QuerySet[Matter]:
        """*rows* without those whose covered numbers the search would confirm; a matter's code is no such number."""
        return rows if _CODE.fullmatch(self.q) else searching.guarded(rows, viewer, self.q)

    def apply(self, rows: QuerySet[Matter], posts: tuple[UUID, ...], at: datetime) -> QuerySet[Matter]:
        """The rows that fit."""
        if self.state == "work":
            rows = desk_queries.at_work(rows)
        elif self.state == "open":
            rows = queries.open_only(rows)
        elif self.state == "done":
            rows = rows.filter(closed_at__isnull=False)
        if self.colour:
            rows = queries.coloured(desk_queries.at_work(rows), self.colour, at)
        same: dict[str, Any] = {n: getattr(self, n) for n in ("stage", "channel", "level") if getattr(self, n)}
        rows = rows.filter(**same)
        if self.category:
            rows = rows.filter(Q(category=self.category) | Q(category__startswith=self.category + "."))
        if self.area:
            rows = rows.filter(queries.inside(self.area))
        if self.unit:
            rows = rows.filter(holder_unit=_uuid(self.unit))
        if self.mine:
            rows = rows.filter(holder_post__in=posts)
        return self._flags(self._dated(self._searched(rows)))

    def _searched(self, rows: QuerySet[Matter]) -> QuerySet[Matter]:
        text = self.q
        if not text:
            return rows
        if _CODE.fullmatch(text):
            return rows.filter(code__startswith=text)
        if _PHONE.fullmatch(text):
            digits = re.sub(r"[^0-9]", "", text)
            return rows.filter(Q(statement__contact_phone__contains=digits) | Q(statement__text__contains=digits))
        for word in text.split()[:5]:
            rows = rows.filter(
                Q(statement__text__icontains=word)
                | Q(statement__contact_name__icontains=word)
                | Q(statement__address__icontains=word)
            )
        return rows

    def _dated(self, rows: QuerySet[Matter]) -> QuerySet[Matter]:
        """Days of the city; a matter's key begins with its instant, but the instant itself says it plainly."""
        if start := _day(self.since):
            rows = rows.filter(opened_at__gte=start)
        if end := _day(self.until):
            rows = rows.filter(opened_at__lt=end + timedelta(days=1))
        return rows

    def _flags(self, rows: QuerySet[Matter]) -> QuerySet[Matter]:
        if self.merged:
            rows = rows.filter(Q(merged_into__isnull=False) | Q(pk__in=_mains()))
        if self.reopened:
            rows = rows.filter(reopened__gt=0)
        return rows.filter(urgent=True) if self.urgent else rows

    def ordered(self, rows: QuerySet[Matter], after: str = "") -> QuerySet[Matter]:
        """The rows in order, those after the cursor *after*; a cursor that can't be read is the beginning."""
        if self.sort != "due":
            key = _uuid(after)
            down = self.sort == "new"
            if key:
                rows = rows.filter(**{"id__lt" if down else "id__gt": key})
            return rows.order_by("-id" if down else "id")
        rows = rows.alias(soon=Coalesce(F("due_at"), Value(NEVER)))
        if cursor := _cursor(after):
            urgent, due, ident = cursor
            later = Q(soon__gt=due) | Q(soon=due, id__gt=ident)
            rows = rows.filter(Q(urgent=False) | Q(later, urgent=True)) if urgent else rows.filter(later, urgent=False)
        return rows.order_by("-urgent", "soon", "id")

    def cursor(self, row: Matter) -> str:
        """The cursor that goes on after *row*."""
        if self.sort != "due":
            return str(row.pk)
        return f"{int(row.urgent)}~{(row.due_at or NEVER).isoformat()}~{row.pk}"


def _mains() -> QuerySet[Matter, Any]:
    return Matter.objects.filter(merged_into__isnull=False).values("merged_into")


def _cursor(text: str) -> tuple[bool, datetime, UUID] | None:
    try:
        urgent, due, ident = text.split("~")
        at = datetime.fromisoformat(due)
        key = UUID(ident)
    except ValueError:
        return None
    return None if at.tzinfo is None else (urgent == "1", at, key)


def _day(text: str) -> datetime | None:
    """The beginning of a day in the city's zone."""
    try:
        day = parse_date(text) if text else None
    except ValueError:
        return None
    if day is None or not 2000 <= day.year <= 9000:
        return None
    return datetime(day.year, day.month, day.day, tzinfo=timezone.get_current_timezone())


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
