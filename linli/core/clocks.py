"""Running deadlines. A clock is a value; every change gives a new value; instants are computed once and stored."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from linli.core.calendars import Calendar
from linli.core.ids import uuid7
from linli.core.procedure import ClockRule, Term
from linli.core.spans import Span

OPEN, PAUSED, STOPPED = "open", "paused", "stopped"
GREEN, YELLOW, RED, GREY = "green", "yellow", "red", "grey"
LATE = timedelta(seconds=10)  # a firing this late is marked so on the record


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock of one matter.

    *rung*: the threshold that comes next: -1 warning, 0 breach, k ≥ 1 the k-th rung of the ladder.
    *next_at*: when it comes (None: nothing comes any more). *remaining* is kept while paused, in the unit's measure.
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
        """green, yellow (warning passed), red (due passed); grey while it stands still. A stopped clock keeps its colour."""
        if self.state == PAUSED:
            return GREY
        return colour(self.warn_at, self.due_at, self.stopped_at or at)

    @property
    def breached(self) -> bool:
        """Whether a stopped clock was stopped too late."""
        return self.stopped_at is not None and self.stopped_at > self.due_at


def colour(warn_at: datetime, due_at: datetime, at: datetime) -> str:
    return RED if at >= due_at else YELLOW if at >= warn_at else GREEN


def threshold_name(rung: int) -> str:
    """The name under which a firing is recorded once: warn, breach, rung:1…"""
    return "warn" if rung < 0 else "breach" if rung == 0 else f"rung:{rung}"


def start(rule: ClockRule, term: Term, calendars: Mapping[str, Calendar], at: datetime, cycle: int) -> Clock:
    """A new clock that runs from *at*. Raises YearMissing where the calendar has no table."""
    calendar = calendars[term.calendar]
    due = calendar.due(at, term.span)
    warn = calendar.point(at, due, term.span.unit, rule.warn)
    return Clock(uuid7(), rule.id, cycle, OPEN, term.span, term.calendar, at, warn, due, -1, warn)


def stop(clock: Clock, at: datetime) -> Clock:
    return replace(clock, state=STOPPED, stopped_at=at, next_at=None)


def pause(clock: Clock, calendars: Mapping[str, Calendar], at: datetime) -> Clock:
    """Stand still. A clock that is red already stays red: a breach can't be paused away."""
    if clock.state != OPEN or at >= clock.due_at:
        return clock
    left = calendars[clock.calendar].remaining(at, clock.due_at, clock.span.unit)
    return replace(clock, state=PAUSED, remaining=left, next_at=None)


def resume(clock: Clock, rule: ClockRule, calendars: Mapping[str, Calendar], at: datetime) -> Clock:
    """Run on with what was left."""
    if clock.state != PAUSED or clock.remaining is None:
        return clock
    calendar = calendars[clock.calendar]
    due = calendar.resume(at, clock.remaining, clock.span.unit)
    warn = max(at, calendar.point(clock.started_at, due, clock.span.unit, rule.warn)) if clock.rung < 0 else clock.warn_at
    return replace(clock, state=OPEN, remaining=None, due_at=due, warn_at=warn, next_at=warn if clock.rung < 0 else due)


def moved(clock: Clock, rule: ClockRule, term: Term, calendars: Mapping[str, Calendar]) -> Clock:
    """The clock after its calendar or its term changed; what has fired stays fired. The same value when nothing moved.

    A paused clock keeps what was left. Raises YearMissing where the calendar has no table.
    """
    if clock.state != OPEN:
        return clock
    calendar = calendars[term.calendar]
    due = calendar.due(clock.started_at, term.span)
    if due == clock.due_at and term.span == clock.span and term.calendar == clock.calendar:
        return clock
    warn = calendar.point(clock.started_at, due, term.span.unit, rule.warn)
    upcoming = {-1: warn, 0: due}.get(clock.rung, clock.next_at)
    return replace(clock, span=term.span, calendar=term.calendar, due_at=due, warn_at=warn, next_at=upcoming)


def fired(clock: Clock, rule: ClockRule, at: datetime) -> Clock:
    """The clock after its next threshold has been handled: it points at the one after that.

    Rungs follow each other at the declared pace; after a late firing the pace counts from *at*, so that people
    who could not be told in time still get their minutes.
    """
    rung = clock.rung + 1
    if rung == 0:
        return replace(clock, rung=0, next_at=clock.due_at)
    if rung > len(rule.ladder) or rule.every is None:
        return replace(clock, rung=rung, next_at=None)
    if rung == 1:
        return replace(clock, rung=1, next_at=max(at, clock.due_at))
    nominal = clock.next_at or at
    base = at if at - nominal > LATE else nominal
    return replace(clock, rung=rung, next_at=base + _fixed(rule.every))


def _fixed(span: Span) -> timedelta:
    seconds = {"minute": 60, "hour": 3600, "day": 86400}.get(span.unit.value)
    if seconds is None:
        raise ValueError(f"a ladder's pace is given in minutes, hours or days, not {span.said('en')}")
    return timedelta(seconds=seconds * span.amount)
