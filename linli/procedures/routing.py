"""Routing rules as declarations: TOML → ``core.routing.RouteRule``."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any, Final
from zoneinfo import ZoneInfo

from linli.core.calendars import ZoneMissing, zone_of
from linli.core.routing import HANDLERS, LEVELS, RouteRule
from linli.core.words import Words
from linli.procedures.reader import Reader

_TOP = ("id", "version", "labels", "source", "zone", "rules")
_RULE = (
    *("id", "labels", "roles", "level", "categories", "duties", "areas", "kinds"),
    *("urgent", "sure", "quick", "hours", "weekdays", "by_duty", "below"),
)
_HOURS = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]):([0-5][0-9])")
_AREA = re.compile(r"[0-9]{2,15}")
_LEVEL_NAMES: Final = tuple(name for name, _, _ in LEVELS)


@dataclass(frozen=True, slots=True)
class Routing:
    """The rules of dispatch, in their order. *zone* is where the hours and weekdays are read."""

    id: str
    version: int
    labels: Words
    zone: ZoneInfo
    rules: tuple[RouteRule, ...]


def load_routing(body: str, where: str) -> Routing:
    """Read one set of rules. DeclarationError when anything is wrong."""
    read = Reader(body, where)
    data = read.data
    read.only(data, "", _TOP)
    given = data.get("rules")
    if not isinstance(given, list) or not given or not all(isinstance(r, dict) for r in given):
        read.wrong("rules", "没有规则；写作 [[rules]]", "there are no rules; write [[rules]]")
        given = []
    rules = tuple(_rule(read, f"rules.{n}", rule) for n, rule in enumerate(given))
    seen: set[str] = set()
    for n, rule in enumerate(rules):
        if rule.id in seen:
            read.wrong(f"rules.{n}.id", f"规则“{rule.id}”重复", f"the rule {rule.id!r} stands twice")
        seen.add(rule.id)
    zone = _zone(read, data)
    made_of = (
        read.ident(read.text(data, "", "id", required=True), "id"),
        read.whole(data, "", "version", 1, 1_000_000),
        read.words(data, "", "labels"),
    )
    read.done()
    return Routing(*made_of, zone, rules)


def _zone(read: Reader, data: Mapping[str, Any]) -> ZoneInfo:
    name = read.text(data, "", "zone", required=True)
    try:
        return zone_of(name or "UTC")
    except ZoneMissing as error:
        read.wrong("zone", f"没有时区“{name}”的数据", str(error))
        return zone_of("UTC")


def _rule(read: Reader, path: str, data: Mapping[str, Any]) -> RouteRule:
    read.only(data, path, _RULE)
    areas = read.strings(data, path, "areas")
    for area in areas:
        if not _AREA.fullmatch(area):
            read.wrong(f"{path}.areas", f"“{area}”不是地方编码", f"{area!r} is not the code of a place")
    return RouteRule(
        id=read.ident(read.text(data, path, "id", required=True), f"{path}.id"),
        labels=read.words(data, path, "labels"),
        roles=read.strings(data, path, "roles", HANDLERS, required=True),
        level=read.one(data, path, "level", _LEVEL_NAMES),
        categories=read.strings(data, path, "categories"),
        duties=read.strings(data, path, "duties"),
        areas=areas,
        kinds=read.strings(data, path, "kinds"),
        urgent=_if_said(read, data, path, "urgent"),
        sure=_if_said(read, data, path, "sure"),
        quick=_if_said(read, data, path, "quick"),
        hours=_hours(read, path, data),
        weekdays=_weekdays(read, path, data),
        by_duty=read.flag(data, path, "by_duty", default=False),
        below=read.flag(data, path, "below", default=False),
    )


def _if_said(read: Reader, data: Mapping[str, Any], path: str, key: str) -> bool | None:
    return read.flag(data, path, key, default=False) if key in data else None


def _hours(read: Reader, path: str, data: Mapping[str, Any]) -> tuple[time, time] | None:
    given = data.get("hours")
    if given is None:
        return None
    match = _HOURS.fullmatch(given) if isinstance(given, str) else None
    if match is None or match[1] + match[2] == match[3] + match[4]:
        read.wrong(f"{path}.hours", "“hours”写作 22:00-06:00", "write 'hours' as 22:00-06:00")
        return None
    return time(int(match[1]), int(match[2])), time(int(match[3]), int(match[4]))


def _weekdays(read: Reader, path: str, data: Mapping[str, Any]) -> tuple[int, ...]:
    given = data.get("weekdays", [])
    if not isinstance(given, list) or any(isinstance(d, bool) or d not in range(1, 8) for d in given):
        read.wrong(
            f"{path}.weekdays",
            "“weekdays”是1（周一）至7（周日）的清单",
            "'weekdays' is a list of 1 (Monday) to 7 (Sunday)",
        )
        return ()
    return tuple(given)
