"""Working calendars and due instants (民法典 200-204).

Every instant goes in aware and comes out in UTC, in whole seconds: a begun second counts as the one after it.
A span of days, months or years does not count the day of its event (201), ends on the corresponding day or the month's
last (202), moves off a rest day to the next working day and ends at 24:00 or at closing time (203).
"""

import calendar as gregorian
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from linli.core.spans import SECONDS, Span, Unit
from linli.core.words import Words

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_MICRO = timedelta(microseconds=1)
_MINUTE, _HOUR = Unit.MINUTE, Unit.HOUR
_MINUTES, _HOURS = timedelta(minutes=1), timedelta(hours=1)
_CONTINUOUS = (Unit.MINUTE, Unit.HOUR)
_MIDNIGHT = time(0)


class YearMissing(LookupError):
    """A calendar was asked about a year for which it has no holiday table; it never guesses."""

    def __init__(self, calendar: str, year: int) -> None:
        super().__init__(f"calendar {calendar} has no holiday table for {year}")
        self.calendar = calendar
        self.year = year

    def __reduce__(self) -> tuple[type["YearMissing"], tuple[str, int]]:
        return type(self), (self.calendar, self.year)

    @property
    def words(self) -> Words:
        """What is wrong and what to do, for people."""
        return Words(
            f"日历“{self.calendar}”没有{self.year}年的节假日安排，无法计算期限。请管理员先录入国务院办公厅公布的该年安排。",
            f"Calendar {self.calendar} has no holiday table for {self.year}, so no deadline can be counted. "
            "Ask an administrator to enter that year's official table first.",
        )


class ZoneMissing(LookupError):
    """This machine has no time zone data for a calendar's zone."""


@lru_cache(maxsize=64)
def zone_of(name: str) -> ZoneInfo:
    """The zone, or ZoneMissing (which says what to install); never a silent fall-back to UTC."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ZoneMissing(f"no time zone data for {name!r}: install the system's or PyPI's tzdata package") from error


@lru_cache(maxsize=1024)
def _keeps_offset(zone: str, year: int) -> bool:
    noon = datetime(year, 1, 1, 12, tzinfo=zone_of(zone))
    return len({(noon + _DAY * n).utcoffset() for n in range(-1, 367)}) == 1


@dataclass(frozen=True, slots=True)
class YearTable:
    """One year's official table: days off beyond the weekly ones, and weekly days off that are worked (调休)."""

    holidays: frozenset[date]
    make_up: frozenset[date]
    source: str


@dataclass(frozen=True)
class Calendar:
    """Which days and hours count. ``always``: every day is a working day, no table needed.

    ``zone`` is an IANA name; ``weekdays_off`` holds 0 (Monday) to 6; ``opens`` the local business hours in order, empty
    for the whole day, a closing ``00:00`` being 24:00; ``roll`` is whether a last day that is a rest day moves (not so
    for custody: 刑诉法 105).
    """

    id: str
    names: Words
    zone: str
    always: bool = False
    weekdays_off: frozenset[int] = frozenset({5, 6})
    opens: tuple[tuple[time, time], ...] = ()
    years: Mapping[int, YearTable] = field(default_factory=dict, hash=False)
    roll: bool = True
    source: str = ""
    _worked: dict[int, tuple[int, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        previous = -1
        for opening, closing in self.opens:
            begins, ends = _minutes(opening), _minutes(closing) or 1440
            if not previous <= begins < ends:
                raise ValueError(f"calendar {self.id}: business hours must be in order and not overlap")
            previous = ends
        if len(self.weekdays_off) > 6 or not self.weekdays_off <= set(range(7)):
            raise ValueError(f"calendar {self.id}: weekdays off are numbers 0 (Monday) to 6, at most six of them")

    # Days

    def is_working(self, day: date) -> bool:
        """Whether *day* is a working day; YearMissing where there is no table."""
        if self.always:
            return True
        worked = self._days_of(day.year)
        at = bisect_right(worked, day.toordinal())
        return at > 0 and worked[at - 1] == day.toordinal()

    def next_working(self, day: date, count: int = 1) -> date:
        """The *count*-th working day after *day*."""
        if self.always:
            return day + _DAY * count
        year = (day + _DAY).year  # the table of a year that ends with *day* is not needed
        worked = self._days_of(year)
        index = bisect_right(worked, day.toordinal()) + count - 1
        while index >= len(worked):
            index -= len(worked)
            year += 1
            worked = self._days_of(year)
        return date.fromordinal(worked[index])

    def working_days(self, after: date, until: date) -> int:
        """How many working days lie after *after*, up to and with *until*; 0 when *until* is not later."""
        if until <= after:
            return 0
        if self.always:
            return (until - after).days
        total = 0
        for year in range((after + _DAY).year, until.year + 1):
            worked = self._days_of(year)
            total += bisect_right(worked, until.toordinal()) - bisect_right(worked, after.toordinal())
        return total

    def _days_of(self, year: int) -> tuple[int, ...]:
        """The ordinals of a year's working days."""
        worked = self._worked.get(year)
        if worked is None:
            table = self.years.get(year)
            if table is None:
                raise YearMissing(self.id, year)
            worked = self._worked[year] = tuple(_work_out(year, table, self.weekdays_off))
        return worked

    # Due instants

    def due(self, start: datetime, span: Span, *, roll: bool | None = None) -> datetime:
        """When *span* from *start* is over.

        *roll* overrides the calendar's own; without it a span of days, months or years neither leaves a rest day nor
        ends at closing time. Raises YearMissing.
        """
        unit, start = span.unit, _ceiling(start)
        if unit is _MINUTE:
            return start + _MINUTES * span.amount
        if unit is _HOUR:
            return start + _HOURS * span.amount
        if unit in SECONDS:
            return self._walk(start, span.amount * SECONDS[unit])
        day = self.local(start).date()
        if unit is Unit.WORKING_DAY:
            return self._end_of(self.next_working(day, span.amount), roll=True)
        if unit is Unit.DAY:
            last = day + _DAY * span.amount
        else:
            last = _months_on(day, span.amount * (12 if unit is Unit.YEAR else 1))
        return self._last(last, roll=self.roll if roll is None else roll)

    def remaining(self, at: datetime, due: datetime, unit: Unit) -> int:
        """What is left at *at*: for ``resume``, and for people.

        Seconds for the measured units (of business time for ``working_*``), working days for ``working_day``, calendar
        days for the others. Negative once it is over: by wall seconds, or by days begun.
        """
        at, due = _floor(at), _utc(due)
        left = _seconds(due - at)
        if unit in SECONDS:
            return left if left <= 0 or unit in _CONTINUOUS else self._measure(at, due)
        day, last = self.local(at).date(), self.local(due - _MICRO).date()
        if left <= 0:
            return (last - day).days - 1
        return self.working_days(day, last) if unit is Unit.WORKING_DAY else (last - day).days

    def resume(self, at: datetime, remaining: int, unit: Unit, *, roll: bool | None = None) -> datetime:
        """The due instant when a clock with *remaining* goes on at *at*; at the instant of the pause it is the old one.

        Pass the same *roll* as to ``due``. What was over stays over.
        """
        at = _floor(at)
        if unit in SECONDS:
            if remaining <= 0 or unit in _CONTINUOUS:
                return at + _SECOND * remaining
            return self._walk(at, remaining)
        rolls = unit is Unit.WORKING_DAY or (self.roll if roll is None else roll)
        day = self.local(at).date()
        if remaining < 0:
            due = self._end_of(day + _DAY * (remaining + 1), roll=rolls)
            return due if due <= at else self._end_of(day + _DAY * remaining, roll=rolls)
        if unit is Unit.WORKING_DAY and remaining:
            return self._end_of(self.next_working(day, remaining), roll=True)
        due = self._last(day + _DAY * remaining, roll=rolls)
        return due if due > at else self._last(day + _DAY, roll=rolls)

    def point(self, start: datetime, due: datetime, unit: Unit, share: float) -> datetime:
        """The instant at which *share* (0 to 1) of the time from *start* to *due* has gone by, for warnings.

        Of the business time for ``working_*`` units, of all time for the others.
        """
        if not 0 <= share <= 1:
            raise ValueError(f"a share is between 0 and 1, not {share}")
        start, due = _ceiling(start), _utc(due)
        if share == 1 or due <= start:
            return due
        if unit in (Unit.WORKING_MINUTE, Unit.WORKING_HOUR, Unit.WORKING_DAY):
            return self._walk(start, round(self._measure(start, due) * share))
        return start + _SECOND * round(_seconds(due - start) * share)

    def local(self, at: datetime) -> datetime:
        """An aware instant on this calendar's wall clock."""
        return _utc(at).astimezone(zone_of(self.zone))

    # Business time

    def segments(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """The business hours of *day* as UTC instants, none on a rest day."""
        if self.is_working(day):
            for opening, closing in self.opens or ((_MIDNIGHT, _MIDNIGHT),):
                yield self._instant(day, opening), self._instant(day if closing != _MIDNIGHT else day + _DAY, closing)

    def _walk(self, at: datetime, seconds: int) -> datetime:
        """The earliest instant by which *seconds* of business time have gone by since *at*."""
        if seconds <= 0 or (self.always and not self.opens):
            return at + _SECOND * seconds
        left, day = timedelta(seconds=seconds), self.local(at).date()
        while True:
            for opening, closing in self.segments(day):
                begins = max(opening, at)
                if closing - begins >= left:
                    return begins + left
                left -= max(closing - begins, timedelta(0))
            if whole := (left - _SECOND) // self._day_length:  # days that are used up entirely need no look
                target = self.next_working(day, whole)
                if self._steady(day, target):
                    day, left = target, left - self._day_length * whole
            day = self.next_working(day)

    def _measure(self, at: datetime, until: datetime) -> int:
        """Seconds of business time between two instants, the later one second."""
        if self.always and not self.opens:
            return _seconds(until - at)
        day, last = self.local(at).date(), self.local(until - _MICRO).date()
        total = self._overlap(day, at, until)
        if last > day:
            if self._steady(day, last):
                total += self._day_length * self.working_days(day, last - _DAY)
            else:
                while (day := self.next_working(day)) < last:
                    total += self._overlap(day, at, until)
            total += self._overlap(last, at, until)
        return _seconds(total)

    def _overlap(self, day: date, at: datetime, until: datetime) -> timedelta:
        spans = (min(closing, until) - max(opening, at) for opening, closing in self.segments(day))
        return sum((span for span in spans if span > timedelta(0)), timedelta(0))

    @cached_property
    def _day_length(self) -> timedelta:
        """Business time of a working day on the wall clock."""
        minutes = sum((_minutes(closing) or 1440) - _minutes(opening) for opening, closing in self.opens)
        return timedelta(minutes=minutes or 1440)

    def _steady(self, first: date, last: date) -> bool:
        """Whether the zone keeps one offset in all of these years, so that every business day is equally long."""
        return all(_keeps_offset(self.zone, year) for year in range(first.year, last.year + 1))

    def _last(self, day: date, *, roll: bool) -> datetime:
        """The end of a span whose last day is *day*, moved off a rest day where it rolls."""
        return self._end_of(self.next_working(day - _DAY) if roll else day, roll=roll)

    def _end_of(self, day: date, *, roll: bool) -> datetime:
        """Closing time where business hours are kept, else 24:00, which is the next day's midnight."""
        closing = self.opens[-1][1] if self.opens and roll else _MIDNIGHT
        return self._instant(day if closing != _MIDNIGHT else day + _DAY, closing)

    def _instant(self, day: date, wall: time) -> datetime:
        return datetime.combine(day, wall, zone_of(self.zone)).astimezone(UTC)


def _work_out(year: int, table: YearTable, off: frozenset[int]) -> Iterator[int]:
    first = date(year, 1, 1).toordinal()
    for ordinal in range(first, date(year + 1, 1, 1).toordinal() if year < 9999 else first + 365):
        day = date.fromordinal(ordinal)
        if day in table.make_up or (day.weekday() not in off and day not in table.holidays):
            yield ordinal


def _months_on(day: date, months: int) -> date:
    """The corresponding day, or the month's last where there is none (民法典 202)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, gregorian.monthrange(year, month + 1)[1]))


def _minutes(wall: time) -> int:
    return wall.hour * 60 + wall.minute


def _seconds(length: timedelta) -> int:
    """Whole seconds, begun ones counted."""
    return -((-length) // _SECOND)


def _ceiling(at: datetime) -> datetime:
    at = _utc(at)
    return at + timedelta(0, 0, 1_000_000 - at.microsecond) if at.microsecond else at


def _floor(at: datetime) -> datetime:
    at = _utc(at)
    return at.replace(microsecond=0) if at.microsecond else at


def _utc(at: datetime) -> datetime:
    if at.tzinfo is UTC:
        return at
    if at.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return at.astimezone(UTC)
