"""Due, remaining, resume, point: the rules one by one, and what must hold for any instant."""

import timeit
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linli.core.calendars import Calendar, YearMissing, YearTable, ZoneMissing
from linli.core.spans import Span, Unit
from linli.core.words import Words
from linli.procedures.calendars import shipped

CN = ZoneInfo("Asia/Shanghai")
ALWAYS, OFFICE = shipped()["always"], shipped()["cn-workdays"]
STATUTORY, CUSTODY, DAILY = shipped()["cn-statutory"], shipped()["cn-custody"], shipped()["daily-hours"]


def cn(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CN)


@pytest.mark.parametrize(
    ("calendar", "start", "span", "due", "why"),
    [
        (ALWAYS, "2026-11-23 18:00", "5 min", "2026-11-23 18:05", "minutes run on"),
        (ALWAYS, "2026-11-23 23:30", "1 h", "2026-11-24 00:30", "over midnight"),
        (OFFICE, "2026-11-20 16:59", "72 h", "2026-11-23 16:59", "hours run through the weekend: 201(2)"),
        (ALWAYS, "2026-11-23 18:00", "15 d", "2026-12-09 00:00", "the day of the event is not counted, to 24:00"),
        (STATUTORY, "2026-11-12 00:00", "15 d", "2026-11-28 00:00", "ends on a Friday"),
        (STATUTORY, "2026-11-13 10:00", "15 d", "2026-12-01 00:00", "a Saturday moves to Monday"),
        (OFFICE, "2026-11-13 10:00", "15 d", "2026-11-30 17:00", "and closes with the office"),
        (CUSTODY, "2026-11-13 10:00", "15 d", "2026-11-29 00:00", "custody never moves"),
        (STATUTORY, "2026-09-25 10:00", "10 d", "2026-10-09 00:00", "5 October is a holiday: the 8th"),
        (STATUTORY, "2026-02-12 10:00", "2 d", "2026-02-15 00:00", "Saturday 14 February is worked"),
        (STATUTORY, "2026-01-31 10:00", "1 month", "2026-03-01 00:00", "no 31 February: the 28th, which is worked"),
        (STATUTORY, "2024-01-31 10:00", "1 month", "2024-03-01 00:00", "29 February in a leap year"),
        (STATUTORY, "2024-02-29 10:00", "1 year", "2025-03-01 00:00", "28 February 2025 is a Friday"),
        (STATUTORY, "2025-12-15 10:00", "3 months", "2026-03-17 00:00", "15 March 2026 is a Sunday"),
        (OFFICE, "2026-09-30 16:00", "1 working_d", "2026-10-08 17:00", "after the holidays"),
        (OFFICE, "2026-10-09 16:00", "1 working_d", "2026-10-10 17:00", "a Saturday that is worked"),
        (OFFICE, "2026-11-23 16:00", "2 working_h", "2026-11-24 10:00", "one hour today, one tomorrow"),
        (OFFICE, "2026-11-23 11:30", "1 working_h", "2026-11-23 13:30", "lunch does not count"),
        (OFFICE, "2026-11-23 11:00", "1 working_h", "2026-11-23 12:00", "ends at closing, not at the next opening"),
        (OFFICE, "2026-11-21 03:00", "30 working_min", "2026-11-23 09:30", "begins with the next opening"),
        (DAILY, "2026-11-21 19:00", "4 working_h", "2026-11-22 11:00", "every day from 8 to 20"),
        (DAILY, "2027-11-21 19:00", "4 working_h", "2027-11-22 11:00", "and needs no table"),
    ],
)
def test_due(calendar: Calendar, start: str, span: str, due: str, why: str) -> None:
    found = calendar.due(cn(start), Span.parse(span))
    assert found == cn(due), why
    assert found.tzinfo is UTC


def test_the_day_is_the_local_one() -> None:
    """16:00 UTC is midnight in China: the next day's event."""
    one = Span.parse("1 d")
    assert STATUTORY.due(datetime(2026, 11, 23, 15, 59, 59, tzinfo=UTC), one) == cn("2026-11-25 00:00")
    assert STATUTORY.due(datetime(2026, 11, 23, 16, 0, tzinfo=UTC), one) == cn("2026-11-26 00:00")


def test_whole_seconds() -> None:
    begun = datetime(2026, 11, 23, 10, 0, 0, 1, tzinfo=UTC)
    assert ALWAYS.due(begun, Span.parse("5 min")) == datetime(2026, 11, 23, 10, 5, 1, tzinfo=UTC)


def test_roll_may_be_overridden() -> None:
    start, span = cn("2026-11-13 10:00"), Span.parse("15 d")
    assert OFFICE.due(start, span, roll=False) == cn("2026-11-29 00:00")
    assert CUSTODY.due(start, span, roll=True) == cn("2026-12-01 00:00")


def test_a_year_without_a_table_refuses() -> None:
    for span in ("40 d", "1 working_d", "1 working_h", "2 months", "1 year"):
        with pytest.raises(YearMissing) as missing:
            OFFICE.due(cn("2026-12-31 16:30"), Span.parse(span))
        assert (missing.value.calendar, missing.value.year) == ("cn-workdays", 2027)
        assert "2027" in missing.value.words.zh
        assert "2027" in missing.value.words.en
    with pytest.raises(YearMissing):
        OFFICE.is_working(date(2003, 12, 31))
    assert OFFICE.due(cn("2026-12-31 16:30"), Span.parse("5 min")) == cn("2026-12-31 16:35")
    assert CUSTODY.due(cn("2026-12-31 16:30"), Span.parse("37 d")) == cn("2027-02-07 00:00")


def test_naive_instants_are_refused() -> None:
    naive = datetime(2026, 11, 23)  # noqa: DTZ001
    for call in (
        lambda: ALWAYS.due(naive, Span.parse("5 min")),
        lambda: ALWAYS.remaining(naive, cn("2026-11-24 00:00"), Unit.HOUR),
        lambda: ALWAYS.resume(naive, 5, Unit.HOUR),
        lambda: ALWAYS.local(naive),
    ):
        with pytest.raises(ValueError, match="time zone"):
            call()


def test_bad_calendars_are_refused() -> None:
    words = Words("甲", "a")
    with pytest.raises(ValueError, match="in order"):
        Calendar("a", words, "Asia/Shanghai", opens=((time(13), time(17)), (time(9), time(12))))
    with pytest.raises(ValueError, match="in order"):
        Calendar("a", words, "Asia/Shanghai", opens=((time(9), time(9)),))
    with pytest.raises(ValueError, match="weekdays"):
        Calendar("a", words, "Asia/Shanghai", weekdays_off=frozenset(range(7)))
    with pytest.raises(ZoneMissing, match="tzdata"):
        Calendar("a", words, "Asia/Nowhere", always=True).due(cn("2026-11-23 10:00"), Span.parse("1 d"))


def test_summer_time_is_counted_by_the_wall_clock() -> None:
    """A day of business time in Berlin's spring has 23 hours; the due instant is still local midnight."""
    table = {2026: YearTable(frozenset(), frozenset(), "test")}
    berlin = Calendar("b", Words("柏林", "Berlin"), "Europe/Berlin", weekdays_off=frozenset(), years=table)
    start = datetime(2026, 3, 28, 12, tzinfo=UTC)
    assert berlin.due(start, Span.parse("1 d")) == datetime(2026, 3, 29, 22, tzinfo=UTC)
    assert berlin.due(start, Span.parse("24 working_h")) == start + timedelta(hours=24)


def test_warn_instants() -> None:
    start = cn("2026-11-23 10:00")
    assert ALWAYS.point(start, start + timedelta(hours=1), Unit.HOUR, 0.8) == cn("2026-11-23 10:48")
    due = OFFICE.due(start, Span.parse("10 working_h"))
    assert due == cn("2026-11-24 14:00")
    assert OFFICE.point(start, due, Unit.WORKING_HOUR, 0.8) == cn("2026-11-24 11:00")
    assert OFFICE.point(start, due, Unit.WORKING_HOUR, 1) == due
    with pytest.raises(ValueError, match="share"):
        OFFICE.point(start, due, Unit.HOUR, 1.2)


def test_a_pause_over_a_holiday_and_overdue_stays_overdue() -> None:
    due = OFFICE.due(cn("2026-11-23 10:00"), Span.parse("3 working_d"))
    left = OFFICE.remaining(cn("2026-11-24 10:00"), due, Unit.WORKING_DAY)
    assert left == 2
    assert OFFICE.resume(cn("2026-11-27 10:00"), left, Unit.WORKING_DAY) == cn("2026-12-01 17:00")
    assert OFFICE.resume(cn("2026-11-28 10:00"), 0, Unit.WORKING_DAY) == cn("2026-11-30 17:00")
    assert OFFICE.resume(cn("2026-11-27 18:00"), 0, Unit.WORKING_DAY) == cn("2026-11-30 17:00")
    over = OFFICE.remaining(due + timedelta(hours=1), due, Unit.WORKING_DAY)
    assert over < 0
    later = due + timedelta(days=1, hours=-5)
    assert OFFICE.resume(later, over, Unit.WORKING_DAY) <= later


instants = st.datetimes(datetime(2004, 1, 2), datetime(2021, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001
calendars = st.sampled_from([ALWAYS, OFFICE, STATUTORY, CUSTODY, DAILY])
amounts = {
    Unit.MINUTE: 90_000, Unit.HOUR: 5_000, Unit.WORKING_MINUTE: 20_000, Unit.WORKING_HOUR: 400,
    Unit.DAY: 400, Unit.WORKING_DAY: 250, Unit.MONTH: 40, Unit.YEAR: 4,
}  # fmt: skip
spans = st.sampled_from(list(Unit)).flatmap(lambda unit: st.builds(Span, st.integers(1, amounts[unit]), st.just(unit)))
steady = settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
shares = st.floats(0, 1)


@steady
@given(calendars, instants, spans, shares)
def test_pause_and_resume_at_one_instant_changes_nothing(
    calendar: Calendar, start: datetime, span: Span, share: float
) -> None:
    due = calendar.due(start, span)
    assert due > start
    at = start + (due - start) * share
    left = calendar.remaining(at, due, span.unit)
    assert calendar.resume(at, left, span.unit) == due
    after = due + timedelta(hours=30 * share)
    assert calendar.resume(after, calendar.remaining(after, due, span.unit), span.unit) == due


@steady
@given(calendars, instants, spans, shares, st.integers(0, 40 * 86400))
def test_a_longer_pause_never_gives_less_time(
    calendar: Calendar, start: datetime, span: Span, share: float, pause: int
) -> None:
    due = calendar.due(start, span)
    at = start + (due - start) * min(share, 0.999)
    left = calendar.remaining(at, due, span.unit)
    assert calendar.resume(at + timedelta(seconds=pause), left, span.unit) >= due
    assert calendar.remaining(at + timedelta(seconds=pause), due, span.unit) <= left


@steady
@given(calendars, instants, spans, st.integers(0, 40 * 86400))
def test_later_and_longer_is_never_due_earlier(calendar: Calendar, start: datetime, span: Span, later: int) -> None:
    due = calendar.due(start, span)
    assert calendar.due(start + timedelta(seconds=later), span) >= due
    longer = calendar.due(start, replace(span, amount=span.amount + 1))
    assert longer > due or (longer == due and span.unit in (Unit.DAY, Unit.MONTH, Unit.YEAR))


@steady
@given(calendars, instants, spans, shares, shares)
def test_points_lie_between_in_order(calendar: Calendar, start: datetime, span: Span, a: float, b: float) -> None:
    due = calendar.due(start, span)
    first, second = (calendar.point(start, due, span.unit, share) for share in sorted((a, b)))
    assert start <= first <= second <= due


@steady
@given(instants, st.integers(1, 300))
def test_working_time_left_is_what_was_given(start: datetime, hours: int) -> None:
    span = Span(hours, Unit.WORKING_HOUR)
    begun = start.replace(microsecond=0)
    assert OFFICE.remaining(begun, OFFICE.due(begun, span), span.unit) == hours * 3600


def test_planted_a_pause_that_rounds_to_days_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The property above must be able to fail."""
    right = Calendar.remaining
    rounded = lambda self, at, due, unit: right(self, at, due, unit) // 86400 * 86400  # noqa: E731
    monkeypatch.setattr(Calendar, "remaining", rounded)
    with pytest.raises((AssertionError, ExceptionGroup)):
        test_pause_and_resume_at_one_instant_changes_nothing()


def test_minutes_cost_nothing() -> None:
    """A due instant per intake: about a microsecond or two; the bound leaves room for a busy machine."""
    start, span = cn("2026-11-23 10:00").astimezone(UTC), Span.parse("5 min")
    assert min(timeit.repeat(lambda: ALWAYS.due(start, span), number=2_000, repeat=15)) / 2_000 < 8e-6
    days = Span.parse("60 working_d")
    start = cn("2026-03-02 10:00").astimezone(UTC)
    assert min(timeit.repeat(lambda: OFFICE.due(start, days), number=500, repeat=15)) / 500 < 60e-6
