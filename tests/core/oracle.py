"""What the articles say about days, worked out by hand, day by day. Imports nothing of what it judges.

The list of days off and days worked is read straight from the tables' text, not through the loader.
"""

import datetime as dt
import re
from collections.abc import Mapping
from pathlib import Path

TABLES = Path(__file__).parents[2] / "linli" / "procedures" / "data" / "holidays" / "cn"
CHINA = dt.timezone(dt.timedelta(hours=8))  # no summer time in any of these years
OFFICE = ((9 * 3600, 12 * 3600), (13 * 3600, 17 * 3600))
ONE = dt.timedelta(days=1)


def days(first: dt.date, last: dt.date) -> list[dt.date]:
    """Every day from *first* to *last*."""
    return [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]


def read_rest_days() -> dict[dt.date, bool]:
    """For every day of the years with a table: whether it is a day of rest."""
    rest: dict[dt.date, bool] = {}
    for file in sorted(TABLES.glob("*.toml")):
        year = int(file.stem)
        for day in days(dt.date(year, 1, 1), dt.date(year, 12, 31)):
            rest[day] = day.isoweekday() >= 6
        off, worked = file.read_text("utf-8").split("worked = [")
        for first, last in re.findall(r"from = (\d{4}-\d\d-\d\d), to = (\d{4}-\d\d-\d\d)", off):
            for day in days(dt.date.fromisoformat(first), dt.date.fromisoformat(last)):
                rest[day] = True
        for written in re.findall(r"\d{4}-\d\d-\d\d", worked):
            rest[dt.date.fromisoformat(written)] = False
    return rest


REST: Mapping[dt.date, bool] = read_rest_days()


class NoTable(Exception):
    """The answer needs a year without a table."""


def rests(day: dt.date) -> bool:
    if day not in REST:
        raise NoTable(day.year)
    return REST[day]


def moved(day: dt.date) -> dt.date:
    """民法典 203(1): a last day that is a day of rest gives way to the day after the rest."""
    while rests(day):
        day += ONE
    return day


def last_day(start: dt.date, amount: int, unit: str, *, roll: bool = True) -> dt.date:
    """The last day of a period whose event falls on *start* (not counted: 民法典 201)."""
    if unit == "working_day":
        day, left = start, amount
        while left:
            day += ONE
            left -= 0 if rests(day) else 1
        return day
    if unit == "day":
        day = start
        for _ in range(amount):
            day += ONE
        return moved(day) if roll else day
    day = corresponding(start, amount * (12 if unit == "year" else 1))
    return moved(day) if roll else day


def corresponding(start: dt.date, months: int) -> dt.date:
    """民法典 202: the day of the same number, or the month's last day where there is none."""
    first = start.replace(day=1)
    for _ in range(months):
        first = (first + dt.timedelta(days=31)).replace(day=1)
    found = first
    while found.day != start.day and (found + ONE).month == first.month:
        found += ONE
    return found


def end_of(day: dt.date, seconds: int) -> dt.datetime:
    """So many seconds into *day* in China, as UTC."""
    return dt.datetime(day.year, day.month, day.day, tzinfo=CHINA).astimezone(dt.UTC) + dt.timedelta(seconds=seconds)


def office_due(start: dt.datetime, seconds: int) -> dt.datetime:
    """When *seconds* of office time have gone by, counted minute by minute (*start* is on a whole minute)."""
    at, left = start.astimezone(CHINA), seconds
    while left:
        clock = at.hour * 3600 + at.minute * 60
        if not rests(at.date()) and any(opens <= clock < closes for opens, closes in OFFICE):
            left -= 60
        at += dt.timedelta(minutes=1)
    return at.astimezone(dt.UTC)
