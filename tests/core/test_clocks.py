"""Clocks: start, pause, resume, move, fire; each threshold once; a breach cannot be paused away."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linli.core import clocks as clk
from linli.core.procedure import ClockRule, Term
from linli.core.spans import Span
from linli.core.words import Words
from tests.core import world

RULE = ClockRule(
    "c",
    Words("时", "clock"),
    ("a",),
    ("b",),
    None,
    "always",
    0.75,
    ("next_person", "level_up"),
    Span.parse("5 min"),
    "source",
)
NOON, minutes = world.NOON, world.minutes
QUICK = settings(max_examples=150, deadline=None, derandomize=True, database=None)
SPANS = ("5 min", "1 h", "36 h", "90 working_min", "20 working_h", "3 d", "1 working_d", "15 working_d", "1 month")
INSTANTS = st.integers(0, 577 * 86400).map(lambda s: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=s))


def started(span: str = "1 h", calendar: str = "always", at: datetime = NOON, rule: ClockRule = RULE) -> clk.Clock:
    return clk.start(rule, Term(Span.parse(span), calendar, "s"), world.CALENDARS, at, 1)


def climbed(clock: clk.Clock, rule: ClockRule = RULE, late: timedelta = timedelta(0)) -> list[tuple[str, float]]:
    """Every threshold in turn, with the minutes after the start at which it is handled."""
    seen = []
    at = clock.started_at
    while clock.next_at is not None:
        at = max(at, clock.next_at + late)
        seen.append((clk.threshold_name(clock.rung), (at - NOON) / minutes(1)))
        clock = clk.fired(clock, rule, at)
        assert len(seen) < 20
    return seen


def test_thresholds_come_in_order_each_once() -> None:
    assert climbed(started()) == [("warn", 45), ("breach", 60), ("rung:1", 60), ("rung:2", 65)]


def test_after_a_late_firing_the_ladder_keeps_its_pace() -> None:
    assert climbed(started(), late=minutes(120)) == [("warn", 165), ("breach", 180), ("rung:1", 300), ("rung:2", 425)]


def test_one_rung_needs_no_pace_and_no_ladder_ends_with_the_breach() -> None:
    alone = replace(RULE, ladder=("level_up",), every=None)
    assert [name for name, _ in climbed(started(rule=alone), alone)] == ["warn", "breach", "rung:1"]
    bare = replace(RULE, ladder=(), every=None)
    assert [name for name, _ in climbed(started(rule=bare), bare)] == ["warn", "breach"]


def test_colours() -> None:
    clock = started()
    assert [clock.colour(NOON + minutes(m)) for m in (0, 44, 45, 59, 60)] == [
        "green",
        "green",
        "yellow",
        "yellow",
        "red",
    ]
    paused = clk.pause(clock, world.CALENDARS, NOON + minutes(10))
    assert paused.colour(NOON + minutes(500)) == "grey"
    for m, colour, breached in ((10, "green", False), (50, "yellow", False), (61, "red", True)):
        stopped = clk.stop(clock, NOON + minutes(m))
        assert (stopped.colour(NOON + minutes(9999)), stopped.breached) == (colour, breached)
        assert stopped.next_at is None


def test_a_pause_costs_nothing_and_gives_nothing() -> None:
    paused = clk.pause(started(), world.CALENDARS, NOON + minutes(20))
    assert (paused.state, paused.next_at, paused.remaining) == (clk.PAUSED, None, 40 * 60)
    after = clk.resume(paused, RULE, world.CALENDARS, NOON + minutes(1000))
    assert after.due_at == NOON + minutes(1040)
    assert after.warn_at == after.next_at == NOON + minutes(1025)
    assert after.remaining is None
    assert climbed(after)[0] == ("warn", 1025)


def test_a_red_clock_cannot_be_paused_and_a_pause_changes_a_clock_only_once() -> None:
    clock = started()
    for at in (clock.due_at, clock.due_at + minutes(1)):
        assert clk.pause(clock, world.CALENDARS, at) is clock
    paused = clk.pause(clock, world.CALENDARS, NOON)
    assert clk.pause(paused, world.CALENDARS, NOON + minutes(5)) is paused
    assert clk.resume(clock, RULE, world.CALENDARS, NOON) is clock
    stopped = clk.stop(clock, NOON)
    assert clk.pause(stopped, world.CALENDARS, NOON) is stopped


@QUICK
@given(INSTANTS, st.sampled_from(SPANS), st.integers(0, 600_000), st.integers(0, 3_000_000))
def test_a_paused_and_resumed_clock_is_not_moved_by_looking_again(
    at: datetime, span: str, ran: int, stood: int
) -> None:
    """The due instant can be computed anew after a pause: a recomputation with the same term finds the same."""
    for calendar in ("always", "cn-workdays"):
        clock = started(span, calendar, at)
        paused = clk.pause(clock, world.CALENDARS, at + timedelta(seconds=ran))
        if paused.state != clk.PAUSED:
            assert at + timedelta(seconds=ran) >= clock.due_at
            continue
        back = at + timedelta(seconds=ran + stood)
        after = clk.resume(paused, RULE, world.CALENDARS, back)
        assert after.due_at >= clock.due_at
        assert after.due_at >= back
        assert after.started_at >= clock.started_at
        if "month" not in span:  # a month may end on no day that a whole month from another day ends on
            term = Term(after.span, calendar, "s")
            assert clk.moved(after, RULE, term, world.CALENDARS) is after


def test_moving_keeps_what_has_run_and_what_has_fired() -> None:
    clock = started()
    longer = clk.moved(clock, RULE, Term(Span.parse("3 h"), "always", "s"), world.CALENDARS)
    assert (longer.due_at, longer.rung, longer.next_at) == (NOON + minutes(180), -1, NOON + minutes(135))
    assert clk.moved(clock, RULE, Term(Span.parse("1 h"), "always", "s"), world.CALENDARS) is clock
    warned = clk.fired(clock, RULE, clock.warn_at)
    assert clk.moved(warned, RULE, Term(Span.parse("3 h"), "always", "s"), world.CALENDARS).next_at == NOON + minutes(
        180
    )


def test_a_ladder_waits_while_a_breached_clock_has_time_again() -> None:
    clock = started()
    for _ in range(3):
        clock = clk.fired(clock, RULE, clock.next_at or NOON)
    assert (clock.rung, clock.next_at) == (2, NOON + minutes(65))
    longer = clk.moved(clock, RULE, Term(Span.parse("3 h"), "always", "s"), world.CALENDARS)
    assert (longer.rung, longer.next_at) == (2, NOON + minutes(185))
    assert climbed(longer) == [("rung:2", 185)]
    paused = clk.pause(longer, world.CALENDARS, NOON + minutes(100))
    resumed = clk.resume(paused, RULE, world.CALENDARS, NOON + minutes(200))
    assert climbed(resumed) == [("rung:2", 285)]


def test_a_paused_or_stopped_clock_is_not_moved() -> None:
    term = Term(Span.parse("3 h"), "always", "s")
    for clock in (clk.pause(started(), world.CALENDARS, NOON), clk.stop(started(), NOON)):
        assert clk.moved(clock, RULE, term, world.CALENDARS) is clock


def test_a_calendar_that_is_not_there_is_named() -> None:
    with pytest.raises(clk.CalendarMissing, match="moon"):
        started(calendar="moon")


def test_a_pace_in_working_days_is_refused() -> None:
    slow = replace(RULE, every=Span.parse("2 working_d"))
    clock = started(rule=slow)
    with pytest.raises(ValueError, match="pace"):
        climbed(clock, slow)


# Planted defects: the checks above see them.


def test_planted_a_pause_that_gives_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clk, "_since", lambda clock, calendar, due: clock.started_at)
    with pytest.raises(AssertionError):
        test_a_paused_and_resumed_clock_is_not_moved_by_looking_again()


def test_planted_a_breach_that_can_be_paused_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clk, "pause", lambda c, calendars, at: replace(c, state=clk.PAUSED, remaining=0, next_at=None))
    with pytest.raises(AssertionError):
        test_a_red_clock_cannot_be_paused_and_a_pause_changes_a_clock_only_once()


def test_planted_the_warning_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    real = clk.start
    monkeypatch.setattr(clk, "start", lambda *a: replace(c := real(*a), rung=0, next_at=c.due_at))
    with pytest.raises(AssertionError):
        test_thresholds_come_in_order_each_once()


def test_instants_do_not_depend_on_what_was_asked_in_the_same_second() -> None:
    """What is kept for a rush of openings gives the same as computing each alone."""
    for micros in (0, 1, 999_999, 0, 500_000):
        at = NOON + timedelta(microseconds=micros)
        for span in ("5 min", "1 h", "5 min"):
            clock = started(span, at=at)
            assert clock.due_at == world.CALENDARS["always"].due(at, Span.parse(span))
            assert clock.due_at - at >= timedelta(minutes=5)
