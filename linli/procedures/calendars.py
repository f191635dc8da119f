"""Working calendars as declarations: TOML → ``core.calendars.Calendar``.

The shipped ones stand in ``data/calendars``, the State Council's yearly tables in ``data/holidays/<set>/<year>.toml``.
A calendar takes a set by ``tables = "cn"`` and adds or replaces years by ``[years.2027]``, so that a city can enter a
new notice on the day it appears. A calendar with any problem is refused as a whole.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any, Final

from linli.core.calendars import Calendar, YearTable, ZoneMissing, zone_of
from linli.core.words import Words

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_KEYS = frozenset(
    {"id", "zone", "always", "tables", "weekdays_off", "opens", "roll", "source", "names", "years"},
)
_ID = re.compile(r"[a-z][a-z0-9-]{0,39}")
_HOURS = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-4]):([0-5][0-9])")
_LONGEST_HOLIDAY = 60


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a declaration is refused: file, line, and what is wrong, in both languages."""

    name: str
    line: int
    reason: Words

    def said(self, language: str) -> str:
        """One line for a terminal or a page."""
        return f"{self.name}:{self.line}: {self.reason.said(language)}"


class CalendarError(ValueError):
    """A calendar that can't be used; ``fault`` says where and why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.said("en"))
        self.fault = fault


def load(text: str, name: str) -> Calendar:
    """Read one calendar. *name* is the file or declaration it comes from. CalendarError when anything is wrong."""
    return _Reader(text, name).calendar()


def load_table(text: str, name: str, year: int) -> YearTable:
    """Read one year's table (``source``, ``off``, ``worked``); CalendarError when anything is wrong."""
    reader = _Reader(text, name)
    return reader.table(reader.data, year)


@cache
def shipped() -> Mapping[str, Calendar]:
    """The calendars that come with Linli, by id; read once per process."""
    folder = resources.files("linli.procedures") / "data" / "calendars"
    files = sorted((entry.name, entry.read_text("utf-8")) for entry in folder.iterdir() if entry.name.endswith(".toml"))
    return merged(load(text, name) for name, text in files)


def merged(
    calendars: Iterable[Calendar], base: Mapping[str, Calendar] = MappingProxyType({})
) -> Mapping[str, Calendar]:
    """*calendars* over *base*: one of the same id replaces the other."""
    return MappingProxyType({**base, **{calendar.id: calendar for calendar in calendars}})


@cache
def tables(name: str) -> Mapping[int, YearTable]:
    """A shipped set of yearly tables; KeyError when there is none of that name."""
    folder = resources.files("linli.procedures") / "data" / "holidays" / name
    if not _ID.fullmatch(name) or not folder.is_dir():
        raise KeyError(name)
    files = sorted((entry.name, entry.read_text("utf-8")) for entry in folder.iterdir() if entry.name.endswith(".toml"))
    years = {int(file.removesuffix(".toml")): (file, text) for file, text in files}
    return MappingProxyType({year: load_table(text, f"{name}/{file}", year) for year, (file, text) in years.items()})


class _Reader:
    """Strict reading of one body."""

    def __init__(self, text: str, name: str) -> None:
        self.text, self.name = text, name
        try:
            self.data: dict[str, Any] = tomllib.loads(text)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            line = re.search(r"line (\d+)", str(error))
            fault = Fault(
                name, int(line[1]) if line else 1, Words(f"不是合格的 TOML：{error}", f"not valid TOML: {error}")
            )
            raise CalendarError(fault) from error

    def wrong(self, near: str, zh: str, en: str) -> CalendarError:
        found = re.search(rf"^[ \t{{\[]*(?:[^\n#]*\b)?{re.escape(near)}\b", self.text, re.MULTILINE) if near else None
        line = self.text.count("\n", 0, found.end()) + 1 if found else 1
        return CalendarError(Fault(self.name, line, Words(zh, en)))

    def calendar(self) -> Calendar:
        for key in self.data.keys() - _KEYS:
            raise self.wrong(key, f"不认识的项：{key}", f"unknown key {key}; known are {', '.join(sorted(_KEYS))}")
        ident, zone = self.string("id"), self.string("zone")
        if not _ID.fullmatch(ident):
            raise self.wrong("id", "id 只能用小写字母、数字和连字符", "id takes small letters, digits and hyphens only")
        try:
            zone_of(zone)
        except ZoneMissing as error:
            raise self.wrong("zone", f"没有时区“{zone}”的数据，请检查名称或安装 tzdata", str(error)) from error
        always, roll = self.flag("always", default=False), self.flag("roll", default=True)
        names = self.data.get("names")
        if not isinstance(names, dict) or not all(isinstance(names.get(k), str) and names[k] for k in ("zh", "en")):
            raise self.wrong("names", "[names] 要有 zh 和 en 两种名称", "[names] needs zh and en")
        days, opens, years = self.weekdays(), tuple(self.hours()), self.years(always=always)
        words, source = Words(names["zh"], names["en"]), self.string("source")
        try:
            return Calendar(ident, words, zone, always, days, opens, years, roll, source)
        except ValueError as error:
            raise self.wrong("opens", "办公时间要按先后排列，不能重叠", str(error)) from error

    def string(self, key: str) -> str:
        value = self.data.get(key)
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(key, f"缺少 {key}，或不是文字", f"{key} is missing or is not a text")
        return value

    def flag(self, key: str, *, default: bool) -> bool:
        value = self.data.get(key, default)
        if not isinstance(value, bool):
            raise self.wrong(key, f"{key} 只能是 true 或 false", f"{key} is true or false")
        return value

    def weekdays(self) -> frozenset[int]:
        given = self.data.get("weekdays_off", ["sat", "sun"])
        if not isinstance(given, list) or any(day not in WEEKDAYS for day in given):
            known = ", ".join(WEEKDAYS)
            raise self.wrong(
                "weekdays_off", f"weekdays_off 是星期的清单：{known}", f"weekdays_off is a list of {known}"
            )
        if set(given) == set(WEEKDAYS):
            raise self.wrong("weekdays_off", "每周至少要有一个工作日", "leave at least one weekday to work")
        return frozenset(WEEKDAYS.index(day) for day in given)

    def hours(self) -> Iterator[tuple[time, time]]:
        given = self.data.get("opens", [])
        for part in given if isinstance(given, list) else [given]:
            match = _HOURS.fullmatch(part) if isinstance(part, str) else None
            if match is None or (match[3] == "24" and match[4] != "00"):
                zh, en = (
                    'opens 的写法如 ["09:00-12:00", "13:00-17:00"]',
                    'write opens as ["09:00-12:00", "13:00-17:00"]',
                )
                raise self.wrong("opens", zh, en)
            yield time(int(match[1]), int(match[2])), time(int(match[3]) % 24, int(match[4]))

    def years(self, *, always: bool) -> Mapping[int, YearTable]:
        years: dict[int, YearTable] = {}
        if "tables" in self.data:
            name = self.string("tables")
            try:
                years.update(tables(name))
            except KeyError as error:
                raise self.wrong(
                    "tables", f"没有名为“{name}”的节假日表", f"there are no tables named {name!r}"
                ) from error
        own = self.data.get("years", {})
        if not isinstance(own, dict):
            raise self.wrong("years", "年份写作 [years.2027]", "write a year as [years.2027]")
        for key, data in own.items():
            if not re.fullmatch(r"(19|20)[0-9]{2}", key) or not isinstance(data, dict):
                raise self.wrong(key, f"{key} 不是年份；写作 [years.2027]", f"{key} is no year; write [years.2027]")
            years[int(key)] = self.table(data, int(key))
        if not years and not always:
            zh = '工作日历要有节假日表：写 tables = "cn" 或 [years.2027]'
            raise self.wrong("id", zh, 'a working calendar needs tables: tables = "cn", or [years.2027]')
        return MappingProxyType(years)

    def table(self, data: Mapping[str, Any], year: int) -> YearTable:
        for key in data.keys() - {"source", "off", "worked"}:
            raise self.wrong(key, f"不认识的项：{key}", f"unknown key {key}; a year has source, off and worked")
        source, off, worked = data.get("source"), data.get("off"), data.get("worked")
        if not isinstance(source, str) or not source.strip():
            raise self.wrong(str(year), f"{year} 年没有写明 source（通知文号）", f"{year} names no source (the notice)")
        if not isinstance(off, list) or not off or not isinstance(worked, list):
            raise self.wrong(
                str(year), f"{year} 年要有 off 和 worked 两个清单", f"{year} needs the lists off and worked"
            )
        holidays = frozenset(day for entry in off for day in self.span(entry, year))
        make_up = frozenset(self.day(entry, year) for entry in worked)
        for day in sorted(holidays & make_up):
            raise self.wrong(str(day), f"{day} 既放假又上班", f"{day} is both off and worked")
        for day in sorted(d for d in make_up if d.weekday() < 5):
            raise self.wrong(
                str(day), f"{day} 本来就是工作日，不是调休", f"{day} is a weekday already, not a make-up day"
            )
        return YearTable(holidays, make_up, source)

    def span(self, entry: object, year: int) -> Iterator[date]:
        if not isinstance(entry, dict) or entry.keys() != {"from", "to"}:
            zh, en = (
                "放假写作 { from = 2027-01-01, to = 2027-01-03 }",
                "write days off as { from = 2027-01-01, to = 2027-01-03 }",
            )
            raise self.wrong("off", zh, en)
        first, last = self.day(entry["from"], year), self.day(entry["to"], year)
        length = (last - first).days
        if not 0 <= length < _LONGEST_HOLIDAY:
            raise self.wrong(
                str(first), f"{first} 至 {last} 先后颠倒或过长", f"{first} to {last} runs backwards or is too long"
            )
        return (first + timedelta(days=n) for n in range(length + 1))

    def day(self, value: object, year: int) -> date:
        if not isinstance(value, date) or isinstance(value, datetime):
            raise self.wrong(
                str(year), f"“{value}”不是日期，写作 2027-01-01", f"{value!r} is no date, write 2027-01-01"
            )
        if value.year != year:
            raise self.wrong(str(value), f"{value} 不在 {year} 年", f"{value} is not in {year}")
        return value
