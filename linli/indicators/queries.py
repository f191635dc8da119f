"""The rates of a place and a period, and the matters behind each figure.

Figures are counts over everything in an area; who may ask for which area is ``area_for``. The matters behind a
figure are only ever listed through ``matters.queries.visible_to``.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from linli.core.refusals import Refused
from linli.indicators import cases
from linli.indicators.declared import Indicator, indicators
from linli.kernel import settings
from linli.matters.models import Matter
from linli.matters.queries import visible_to
from linli.parties.access import Viewer
from linli.parties.queries import inside

SCOPE: Final = "indicators:read"
PARTS: Final = ("counted", "reached", "missed")


@dataclass(frozen=True, slots=True)
class RateResult:
    """One figure. *excluded* counts the cases left out by reason; *value* is None while nothing was due."""

    indicator: Indicator
    numerator: int = 0
    denominator: int = 0
    excluded: Mapping[str, int] = field(default_factory=dict)

    @property
    def value(self) -> float | None:
        return self.numerator / self.denominator if self.denominator else None

    @property
    def missed(self) -> int:
        return self.denominator - self.numerator

    def as_dict(self) -> dict[str, Any]:
        """For the API and ``--json``."""
        one = self.indicator
        return {
            "id": one.id,
            "version": one.version,
            "labels": {"zh": one.labels.zh, "en": one.labels.en},
            "formula": {"zh": one.formula.zh, "en": one.formula.en},
            "source": one.source,
            "value": self.value,
            "numerator": self.numerator,
            "denominator": self.denominator,
            "excluded": [
                {"reason": e.id, "zh": e.labels.zh, "en": e.labels.en, "count": self.excluded.get(e.id, 0)}
                for e in one.exclusions
            ],
        }


def area_for(viewer: Viewer, area: str = "") -> str:
    """The area whose figures *viewer* asks for: inside one of theirs, by default their widest. Raises Refused.

    Heads of centres, dispatchers and operators see their area; a token the one it was given, with the scope
    ``indicators:read``; the command line everything.
    """
    if viewer.kind == "system":
        return area
    own: Sequence[str] = viewer.centre_areas
    if viewer.kind == "token":
        own = [viewer.area] if SCOPE in viewer.scopes and viewer.area else []
    if not own:
        raise Refused("not_yours")
    wanted = area or own[0]
    if not any(wanted.startswith(held) for held in own):
        raise Refused("not_yours")
    return wanted


def rates(
    area: str, since: datetime, until: datetime, *, now: datetime, only: Iterable[str] = ()
) -> dict[str, RateResult]:
    """The rates of everything in *area* ("" is everywhere) for cases from *since* up to *until*. One query a rate."""
    found = {}
    for one in _chosen(only):
        found[one.id] = _made(one, _grouped(one, area, since, until, now, "''::text")).get("", RateResult(one))
    return found


def by_area(
    area: str, length: int, since: datetime, until: datetime, *, now: datetime, only: Iterable[str] = ()
) -> dict[str, dict[str, RateResult]]:
    """Rates of every place in *area* whose code has *length* digits: id → area → figure. One query a rate.

    What is known less precisely counts at its own, wider place, so that the figures add up to the whole.
    """
    group = f"left(m.area, {int(length)})"
    return {one.id: _made(one, _grouped(one, area, since, until, now, group)) for one in _chosen(only)}


def by_day(
    area: str, since: datetime, until: datetime, *, now: datetime, only: Iterable[str] = ()
) -> dict[str, dict[date, RateResult]]:
    """Rates of every day, in the city's zone: id → day → figure; days without cases too. One query a rate."""
    zone = ZoneInfo(settings.current().time_zone)
    first, last = since.astimezone(zone).date(), (until - timedelta(microseconds=1)).astimezone(zone).date()
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    found = {}
    for one in _chosen(only):
        group = cases.DAY.format("c.") + "::text"
        rows = _made(one, _grouped(one, area, since, until, now, group, by_day=True))
        found[one.id] = {day: rows.get(day.isoformat(), RateResult(one)) for day in days}
    return found


def total(parts: Mapping[str, RateResult], indicator: Indicator) -> RateResult:
    """The sum of the figures of places that do not overlap."""
    excluded: dict[str, int] = {}
    for part in parts.values():
        for reason, count in part.excluded.items():
            excluded[reason] = excluded.get(reason, 0) + count
    numerator = sum(p.numerator for p in parts.values())
    return RateResult(indicator, numerator, sum(p.denominator for p in parts.values()), excluded)


def matters_of(
    viewer: Viewer, ident: str, part: str, area: str, since: datetime, until: datetime, *, now: datetime
) -> QuerySet[Matter]:
    """The matters behind a figure that *viewer* may read. *part*: counted, reached, missed, or a reason of exclusion.

    One query when read. Raises Refused for an unknown figure or part.
    """
    one = indicators().get(ident)
    if one is None or (part not in PARTS and one.exclusion(part) is None):
        raise Refused("not_yours")
    why, hit = cases.reason(one), cases.reached(one)
    condition = {
        "counted": f"({why}) = ''",
        "reached": f"({why}) = '' AND {hit}",
        "missed": f"({why}) = '' AND NOT ({hit})",
    }.get(part, f"({why}) = %(part)s")
    values = cases.parameters(one, since, until, now, settings.current().time_zone) | {"part": part}
    text = (
        f"SELECT c.matter_id FROM ({cases.rows(one)}) c JOIN matters_matter m ON m.id = c.matter_id WHERE {condition}"
    )
    behind = RawSQL(*_positional(text, values))  # noqa: S611 (fixed text; values travel as parameters)
    return visible_to(viewer).filter(inside(area), pk__in=behind)


def _chosen(only: Iterable[str]) -> list[Indicator]:
    wanted = tuple(only)
    return [one for ident, one in indicators().items() if not wanted or ident in wanted]


def _grouped(
    one: Indicator, area: str, since: datetime, until: datetime, now: datetime, group: str, *, by_day: bool = False
) -> list[tuple[Any, ...]]:
    """(group, counted, reached, left out by each declared reason…). One query.

    One pass with a column a reason: grouping by the reason would sort all cases, for the planner cannot know how few
    values it has. OFFSET 0 keeps each reason computed once.
    """
    values = cases.parameters(one, since, until, now, settings.current().time_zone)
    where = "WHERE m.area >= %(low)s AND m.area < %(high)s" if area else ""
    source = f"({cases.rows(one, by_day=by_day)}) c JOIN matters_matter m ON m.id = c.matter_id {where}"
    columns = ["count(*) FILTER (WHERE why = '')", "count(*) FILTER (WHERE why = '' AND hit)"]
    columns += [f"count(*) FILTER (WHERE why = '{e.id}')" for e in one.exclusions]
    text = (
        f"SELECT g, {', '.join(columns)} FROM (SELECT {group} AS g, {cases.reason(one)} AS why,"
        f" ({cases.reached(one)}) AS hit FROM {source} OFFSET 0) x GROUP BY g"
    )
    with connection.cursor() as cursor:
        cursor.execute(text, values | {"low": area, "high": area + "~"})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _made(one: Indicator, rows: Iterable[tuple[Any, ...]]) -> dict[str, RateResult]:
    found = {}
    for group, counted, reached, *left in rows:
        excluded = {e.id: count for e, count in zip(one.exclusions, left, strict=True) if count}
        found[group] = RateResult(one, reached, counted, excluded)
    return found


def _positional(text: str, values: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """``%(name)s`` as ``%s`` with a list, as Django's RawSQL wants it."""
    listed: list[Any] = []

    def take(match: re.Match[str]) -> str:
        listed.append(values[match[1]])
        return "%s"

    return re.sub(r"%\((\w+)\)s", take, text), listed
