"""Statutory dates are right (invariant 6): every day 2000-2035 × every rule, against an oracle from the articles."""

import dataclasses
import datetime as dt
import importlib.util
import random
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from linli.core.calendars import Calendar, YearMissing, YearTable
from linli.core.spans import Span
from linli.procedures import calendars as shipped


def _oracle() -> ModuleType:
    spec = importlib.util.spec_from_file_location("calendar_oracle", Path(__file__).with_name("oracle.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


oracle = _oracle()
DAYS = oracle.days(dt.date(2000, 1, 1), dt.date(2035, 12, 31))
RULES = tuple(
    Span.parse(text)
    for text in (
        "1 d", "3 d", "4 d", "5 d", "7 d", "10 d", "15 d", "20 d", "30 d", "45 d", "60 d", "90 d", "180 d",
        "1 working_d", "5 working_d", "7 working_d", "15 working_d", "30 working_d", "60 working_d",
        "1 month", "2 months", "3 months", "6 months", "12 months", "18 months", "1 year", "2 years", "3 years",
    )
)  # fmt: skip
OFFICE_CLOSES, MIDNIGHT = 17 * 3600, 24 * 3600
TIMES = (0, 1, 12 * 3600, 17 * 3600, 86399)
CALENDARS = {"cn-workdays": (OFFICE_CLOSES, True), "cn-statutory": (MIDNIGHT, True), "cn-custody": (MIDNIGHT, False)}


def expected(start: dt.date, span: Span, seconds: int, roll: bool) -> dt.datetime | int:
    """The instant, or the year whose table is missing."""
    try:
        return oracle.end_of(oracle.last_day(start, span.amount, span.unit.value, roll=roll), seconds)
    except oracle.NoTable as missing:
        return int(missing.args[0])


def found(calendar: Calendar, start: dt.datetime, span: Span) -> dt.datetime | int:
    try:
        return calendar.due(start, span)
    except YearMissing as missing:
        return missing.year


def disagreements(calendar: Calendar, days: list[dt.date], seconds: int, roll: bool) -> list[tuple[dt.date, Span]]:
    wrong = []
    for number, day in enumerate(days):
        start = oracle.end_of(day, TIMES[number % len(TIMES)])
        wrong += [(day, span) for span in RULES if found(calendar, start, span) != expected(day, span, seconds, roll)]
    return wrong


@pytest.mark.parametrize("ident", CALENDARS)
def test_every_tenth_day_times_every_rule(ident: str) -> None:
    seconds, roll = CALENDARS[ident]
    offset = list(CALENDARS).index(ident)
    days = DAYS[offset::10]
    assert len(days) > 1_300
    assert disagreements(shipped.shipped()[ident], days, seconds, roll) == []


@pytest.mark.soak
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("ident", CALENDARS)
def test_every_day_times_every_rule(ident: str) -> None:
    seconds, roll = CALENDARS[ident]
    assert disagreements(shipped.shipped()[ident], DAYS, seconds, roll) == []


def test_both_answers_and_refusals_were_compared() -> None:
    """The comparison would be empty if the oracle refused everywhere, or nowhere."""
    answers = [expected(day, RULES[0], MIDNIGHT, True) for day in DAYS]
    refused = sum(isinstance(answer, int) for answer in answers)
    assert refused == sum(1 for day in DAYS if (day + dt.timedelta(days=1)).year not in range(2004, 2027))
    assert len(answers) - refused > 8_000


def office_disagreements(calendar: Calendar, count: int, seed: int) -> list[tuple[dt.datetime, Span]]:
    rng = random.Random(seed)
    wrong = []
    for _ in range(count):
        start = oracle.end_of(rng.choice(DAYS), rng.randrange(0, 86400, 60))
        span = Span.parse(rng.choice(("1 working_h", "2 working_h", "4 working_h", "17 working_h", "90 working_min")))
        seconds = span.amount * (60 if span.unit.value == "working_minute" else 3600)
        try:
            want: dt.datetime | int = oracle.office_due(start, seconds)
        except oracle.NoTable as missing:
            want = int(missing.args[0])
        if found(calendar, start, span) != want:
            wrong.append((start, span))
    return wrong


def test_working_hours_minute_by_minute() -> None:
    assert office_disagreements(shipped.shipped()["cn-workdays"], 300, seed=6) == []


@pytest.mark.soak
@pytest.mark.timeout(1200)
def test_working_hours_minute_by_minute_in_full() -> None:
    assert office_disagreements(shipped.shipped()["cn-workdays"], 5_000, seed=7) == []


# Planted defects: each of these must be caught by the comparisons above (invariant 25).

SAMPLE = oracle.days(dt.date(2024, 1, 1), dt.date(2025, 12, 31))[::3]


def _replaced(calendar: Calendar, change: Callable[[YearTable], YearTable]) -> Calendar:
    return dataclasses.replace(calendar, years={year: change(table) for year, table in calendar.years.items()})


def test_ignored_make_up_days_are_caught() -> None:
    broken = _replaced(shipped.shipped()["cn-statutory"], lambda t: dataclasses.replace(t, make_up=frozenset()))
    assert disagreements(broken, SAMPLE, MIDNIGHT, True)


def test_ignored_holidays_are_caught() -> None:
    broken = _replaced(shipped.shipped()["cn-statutory"], lambda t: dataclasses.replace(t, holidays=frozenset()))
    assert disagreements(broken, SAMPLE, MIDNIGHT, True)


def test_one_wrong_day_is_caught() -> None:
    day = dt.date(2025, 10, 8)
    broken = _replaced(shipped.shipped()["cn-statutory"], lambda t: dataclasses.replace(t, holidays=t.holidays - {day}))
    assert disagreements(broken, SAMPLE, MIDNIGHT, True)


def test_counting_the_day_of_the_event_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    right = Calendar.due
    day_before = lambda self, start, span, **kw: right(self, start - dt.timedelta(days=1), span, **kw)  # noqa: E731
    monkeypatch.setattr(Calendar, "due", day_before)
    assert disagreements(shipped.shipped()["cn-statutory"], SAMPLE, MIDNIGHT, True)


def test_counting_days_in_utc_is_caught() -> None:
    broken = dataclasses.replace(shipped.shipped()["cn-statutory"], zone="UTC")
    assert disagreements(broken, SAMPLE, MIDNIGHT, True)


def test_staying_on_a_rest_day_is_caught() -> None:
    broken = dataclasses.replace(shipped.shipped()["cn-statutory"], roll=False)
    assert disagreements(broken, SAMPLE, MIDNIGHT, True)


def test_a_month_of_thirty_days_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = lambda day, months: day + dt.timedelta(days=30 * months)  # noqa: E731
    monkeypatch.setattr("linli.core.calendars._months_on", broken)
    assert disagreements(shipped.shipped()["cn-statutory"], SAMPLE, MIDNIGHT, True)


def test_guessing_a_year_is_caught() -> None:
    right = shipped.shipped()["cn-statutory"]
    guess = YearTable(frozenset(), frozenset(), "a guess")
    broken = dataclasses.replace(right, years={**right.years, 2027: guess})
    assert disagreements(broken, [dt.date(2027, 3, 1)], MIDNIGHT, True)


def test_a_forgotten_lunch_hour_is_caught() -> None:
    right = shipped.shipped()["cn-workdays"]
    broken = dataclasses.replace(right, opens=((dt.time(9), dt.time(17)),))
    assert office_disagreements(broken, 100, seed=8)
