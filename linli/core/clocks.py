"""Running deadlines. A clock is a value; every change gives a new value; instants are computed once and stored."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from linli.core.calendars import Calendar
from linli.core.ids import uuid7
from linli.core.procedure import ClockRule, Term
from linli.core.spans import Span, Unit

OPEN, PAUSED, STOPPED = "open", "paused", "stopped"
GREEN, YELLOW, RED, GREY = "green", "yellow", "red", "grey"
LATE = timedelta(seconds=10)  # a firing this late is marked so on the record
_SECOND = timedelta(seconds=1)


class CalendarMissing(LookupError):
    """A deadline names a calendar that is not there."""


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock of one matter.

    *started_at*: from when the span counts; a pause moves it by as much as the clock stood still, so that
    the due instant can always be computed anew. *rung*: the threshold that comes next: -1 warning, 0 breach,
    k ≥ 1 the k-th rung of the ladder. *next_at*: when it comes (None: nothing comes any more). *remaining* is
    kept while paused, in the unit's measure.
    """

    id: UUID
    rule: str
    cycle: int
    state: str
    span: Span
    calendar: str
    started_at: datetime
    warn_at: datetime
    due_at: datetime
    rung: int
    next_at: datetime | None
    remaining: int | None = None
    stopped_at: datetime | None = None

    def colour(self, at: datetime) -> str:
        """green, yellow (warning passed), red (due passed), grey (stands still); a stopped clock keeps its colour."""
        if self.state == PAUSED:
            return GREY
        return colour(self.warn_at, self.due_at, self.stopped_at or at)

    @property
    def breached(self) -> bool:
        """Whether a stopped clock was stopped too late."""
        return self.stopped_at is not None and self.stopped_at >= self.due_at


def colour(warn_at: datetime, due_at: datetime, at: datetime) -> str:
    return RED if at >= due_at else YELLOW if at >= warn_at else GREEN


def threshold_name(rung: int) -> str:
    """The name under which a firing is recorded once: warn, breach, rung:1…"""
    return "warn" if rung < 0 else "breach" if rung == 0 else f"rung:{rung}"


def start(rule: ClockRule, term: Term, calendars: Mapping[str, Calendar], at: datetime, cycle: int) -> Clock:
    """A new clock that runs from *at*. Raises YearMissing where the calendar has no table."""
    calendar = _calendar(calendars, term.calendar)
    due, warn = _instants(calendar, term.span, rule.warn, at)
    if rule.warn_before is not None:
        warn = _warn(rule, calendar, at, due, term.span)
    return Clock(uuid7(), rule.id, cycle, OPEN, term.span, term.calendar, at, warn, due, -1, warn)


def until(rule: ClockRule, due: datetime, at: datetime, cycle: int) -> Clock:
    """A new clock that ends at an instant of the matter itself, such as a departure. What is past is due at once."""
    whole = max(1, -((at - due) // timedelta(minutes=1)))
    span = Span(min(whole, 100_000), Unit.MINUTE)
    warn = max(at, due - _fixed(rule.warn_before)) if rule.warn_before else at + (due - at) * rule.warn
    warn = min(warn, due)
    return Clock(uuid7(), rule.id, cycle, OPEN, span, rule.calendar, at, warn, due, -1, warn)


def extended(clock: Clock, rule: ClockRule, adds: Span, calendars: Mapping[str, Calendar]) -> Clock:
    """The clock with *adds* more. In the same unit both run as one span from the start; else one after the other."""
    calendar = _calendar(calendars, clock.calendar)
    if adds.unit == clock.span.unit:
        span, since = Span(clock.span.amount + adds.amount, adds.unit), clock.started_at
        due = calendar.due(since, span)
    else:
        due = calendar.due(clock.due_at - _SECOND, adds)
        span, since = clock.span, _since(clock, calendar, due)
    after = replace(clock, span=span, started_at=since, due_at=due, rung=-1)
    warn = max(clock.warn_at, _warn(rule, calendar, since, due, span))
    after = replace(after, warn_at=warn)
    return replace(after, next_at=warn)


def _warn(rule: ClockRule, calendar: Calendar, since: datetime, due: datetime, span: Span) -> datetime:
    """When a clock turns yellow: so long before its end, or after a share of its time."""
    if rule.warn_before is not None:
        return max(since, due - _fixed(rule.warn_before))
    return calendar.point(since, due, span.unit, rule.warn)


_recent: dict[tuple[int, int, str, float], tuple[Calendar, datetime, datetime, datetime]] = {}


def _instants(calendar: Calendar, span: Span, share: float, at: datetime) -> tuple[datetime, datetime]:
    """(due, warn). Instants depend on the begun second only, so a rush of intakes in one second computes each once."""
    second = at.replace(microsecond=0)
    key = (id(calendar), span.amount, span.unit.value, share)
    held = _recent.get(key)
    if held is not None and held[0] is calendar and held[1] == second and at.microsecond:
        return held[2], held[3]
    due = calendar.due(at, span)
    warn = calendar.point(at, due, span.unit, share)
    if at.microsecond:
        if len(_recent) > 1000:
            _recent.clear()
        _recent[key] = (calendar, second, due, warn)
    return due, warn


def stop(clock: Clock, at: datetime) -> Clock:
    return replace(clock, state=STOPPED, stopped_at=at, next_at=None, remaining=None)


def pause(clock: Clock, calendars: Mapping[str, Calendar], at: datetime) -> Clock:
    """Stand still. A clock that is red already stays red: a breach can't be paused away."""
    if clock.state != OPEN or at >= clock.due_at:
        return clock
    left = _calendar(calendars, clock.calendar).remaining(at, clock.due_at, clock.span.unit)
    return replace(clock, state=PAUSED, remaining=left, next_at=None)


def resume(clock: Clock, rule: ClockRule, calendars: Mapping[str, Calendar], at: datetime) -> Clock:
    """Run on with what was left."""
    if clock.state != PAUSED or clock.remaining is None:
        return clock
    calendar = _calendar(calendars, clock.calendar)
    due = calendar.resume(at, clock.remaining, clock.span.unit)
    since = _since(clock, calendar, due)
    warn = _warn(rule, calendar, since, due, clock.span)
    if clock.rung < 0:
        warn = max(at, warn)
    after = replace(clock, state=OPEN, remaining=None, started_at=since, due_at=due, warn_at=warn)
    return replace(after, next_at=_upcoming(after, rule, None))


def moved(clock: Clock, rule: ClockRule, term: Term, calendars: Mapping[str, Calendar]) -> Clock:
    """The clock after its calendar or its term changed; what has fired stays fired. The same value when nothing moved.

    A paused clock keeps what was left. Raises YearMissing where the calendar has no table.
    """
    if clock.state != OPEN:
        return clock
    calendar = _calendar(calendars, term.calendar)
    span = clock.span if rule.extensions else term.span  # what was granted stays granted
    due = calendar.due(clock.started_at, span)
    if due == clock.due_at and span == clock.span and term.calendar == clock.calendar:
        return clock
    warn = _warn(rule, calendar, clock.started_at, due, span)
    after = replace(clock, span=span, calendar=term.calendar, due_at=due, warn_at=warn)
    return replace(after, next_at=None if clock.next_at is None else _upcoming(after, rule, clock.next_at))


def fired(clock: Clock, rule: ClockRule, at: datetime) -> Clock:
    """The clock after its next threshold has been handled: it points at the one after that.

    Rungs follow each other at the declared pace; after a late firing the pace counts from *at*, so that people
    who could not be told in time still get their minutes.
    """
    rung = clock.rung + 1
    if rung == 0:
        return replace(clock, rung=0, next_at=clock.due_at)
    if rung > len(rule.ladder) or (rung > 1 and rule.every is None):
        return replace(clock, rung=rung, next_at=None)
    if rung == 1 or rule.every is None:
        return replace(clock, rung=rung, next_at=max(at, clock.due_at))
    nominal = clock.next_at or at
    base = at if at - nominal > LATE else nominal
    return replace(clock, rung=rung, next_at=base + _fixed(rule.every))


def _upcoming(clock: Clock, rule: ClockRule, nominal: datetime | None) -> datetime | None:
    """When the next threshold comes, after warn and due have changed. A rung never comes before its place after the due
    instant, nor before *nominal*, so that a clock that was given more time is left alone until that has passed."""
    if clock.rung < 0:
        return clock.warn_at
    if clock.rung == 0:
        return clock.due_at
    if clock.rung > len(rule.ladder):
        return None
    earliest = clock.due_at + (_fixed(rule.every) * (clock.rung - 1) if rule.every else timedelta(0))
    return earliest if nominal is None else max(nominal, earliest)


def _since(clock: Clock, calendar: Calendar, due: datetime) -> datetime:
    """The earliest start from which the clock's span ends at *due*: where it would have started without the pause.

    Due instants never fall when the start rises, so the start is found by halving (about 20 steps). It may lie ahead
    where a rest day had stretched the span and the stretch is still owed.
    """
    low, high = 0, -((clock.started_at - due) // _SECOND)
    if calendar.due(clock.started_at, clock.span) >= due:
        return clock.started_at
    while low + 1 < high:
        middle = (low + high) // 2
        if calendar.due(clock.started_at + _SECOND * middle, clock.span) < due:
            low = middle
        else:
            high = middle
    return clock.started_at + _SECOND * high


def _calendar(calendars: Mapping[str, Calendar], ident: str) -> Calendar:
    if ident not in calendars:
        raise CalendarMissing(ident)
    return calendars[ident]


def _fixed(span: Span) -> timedelta:
    seconds = {"minute": 60, "hour": 3600, "day": 86400}.get(span.unit.value)
    if seconds is None:
        raise ValueError(f"a ladder's pace is given in minutes, hours or days, not {span.said('en')}")
    return timedelta(seconds=seconds * span.amount)
