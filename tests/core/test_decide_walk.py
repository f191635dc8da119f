"""Random walks: legal and illegal steps at random times keep every promise about stages, clocks and levels."""

from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from linli.core import clocks as clk
from linli.core import effects
from linli.core.calendars import YearMissing
from linli.core.decide import allowed, decide
from linli.core.refusals import Refusal
from linli.core.routing import LEVELS
from linli.core.snapshot import Decision
from tests.core import world

BRIEF = settings(
    max_examples=60,
    stateful_step_count=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
LEVEL_NAMES = {name for name, _, _ in LEVELS}
JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=30),
    st.lists(st.text(max_size=3)),
    st.just({}),
)


class Walk(RuleBasedStateMachine):
    """One matter, any steps by anybody at any time, with the sweeper early or late and terms that change under way."""

    @initialize(category=st.sampled_from(sorted(world.CATALOGUE)), stage=st.sampled_from(["received", "triage"]))
    def begin(self, category: str, stage: str) -> None:
        self.now: datetime = world.NOON
        self.snap = world.matter(stage, category)
        self.closed_at: datetime | None = None
        self.fired: list[tuple[UUID, str]] = []

    def write(self, decision: Decision) -> None:
        self.closed_at = decision.changes.get("closed_at", self.closed_at)  # type: ignore[assignment]
        self.snap = world.after(self.snap, decision)

    @rule(seconds=st.sampled_from([0, 1, 59, 300, 3600, 90_000, 2_000_000]), late=st.booleans())
    def time_passes(self, seconds: int, late: bool) -> None:
        self.now += world.minutes(seconds / 60)
        for _ in range(60):
            waiting = world.due(self.snap, self.now)
            if not waiting:
                break
            at = self.now if late else max(waiting[0].next_at or self.now, self.snap.opened_at)
            decision = effects_fire(self.snap, waiting[0], at)
            assert decision.fired is not None
            self.fired.append(decision.fired[:2])
            self.write(decision)
        assert not world.due(self.snap, self.now), "a threshold stays due"

    @rule(
        step=st.sampled_from(sorted(world.REQUEST.steps)), role=st.sampled_from(world.EVERYONE), seed=st.integers(0, 99)
    )
    def anybody_tries_anything(self, step: str, role: str, seed: int) -> None:
        actor = world.actor(role, self.snap)
        declared = self.snap.procedure.steps[step]
        result = decide(self.snap, step, actor=actor, form=world.form(declared, self.snap, seed), at=self.now)
        assert isinstance(result, Decision | Refusal)
        if self.snap.stage not in declared.from_ or role not in declared.by:
            assert isinstance(result, Refusal)
        if isinstance(result, Decision):
            self.write(result)

    @rule(role=st.sampled_from(world.EVERYONE), seed=st.integers(0, 999))
    def somebody_does_what_is_offered(self, role: str, seed: int) -> None:
        actor = world.actor(role, self.snap)
        offered = allowed(self.snap, actor)
        if offered:
            step = offered[seed % len(offered)]
            result = decide(self.snap, step.id, actor=actor, form=world.form(step, self.snap, seed), at=self.now)
            if isinstance(result, Decision):
                self.write(result)

    @rule(
        step=st.sampled_from(["claim", "pause", "resume", "complete", "solved", "not_solved", "not_solved"]),
        seed=st.integers(0, 99),
    )
    def the_main_road(self, step: str, seed: int) -> None:
        declared = self.snap.procedure.steps[step]
        form = world.form(declared, self.snap, seed)
        role = "resident" if "solved" in step else "holder"
        result = decide(self.snap, step, actor=world.actor(role, self.snap), form=form, at=self.now)
        if isinstance(result, Decision):
            self.write(result)

    @rule(
        step=st.sampled_from(sorted(world.REQUEST.steps)),
        junk=st.dictionaries(st.text(max_size=8), JUNK, max_size=3),
        data=JUNK,
    )
    def the_form_is_nonsense(self, step: str, junk: dict[str, object], data: object) -> None:
        declared = self.snap.procedure.steps[step]
        form = junk | {f.id: data for f in declared.fields} | {"evidence": data}
        for role in declared.by[:1]:
            result = decide(self.snap, step, actor=world.actor(role, self.snap), form=form, at=self.now)
            assert isinstance(result, Decision | Refusal)

    @rule(category=st.sampled_from(sorted(world.CATALOGUE)))
    def a_term_changes(self, category: str) -> None:
        moved = []
        for clock in self.snap.clocks:
            declared = self.snap.procedure.clocks[clock.rule]
            term = effects.term_of(declared, world.CATALOGUE[category])
            after = clock
            with suppress(YearMissing):  # it stays as it is until the table is there
                after = clk.moved(clock, declared, term, world.CALENDARS) if term else clock
            moved.append(after)
        self.snap = replace(self.snap, clocks=tuple(moved))

    @invariant()
    def the_stage_is_declared_and_the_level_real(self) -> None:
        assert self.snap.stage in world.DECLARED["stages"]
        assert self.snap.level in LEVEL_NAMES

    @invariant()
    def done_and_closed_agree(self) -> None:
        done = world.DECLARED["stages"][self.snap.stage]["kind"] == "done"
        assert done == (self.closed_at is not None)
        assert not (done and any(c.state != clk.STOPPED for c in self.snap.clocks))

    @invariant()
    def clocks_are_sound(self) -> None:
        live = Counter(c.rule for c in self.snap.clocks if c.state != clk.STOPPED)
        assert all(n == 1 for n in live.values()), live
        for clock in self.snap.clocks:
            declared = world.DECLARED["clocks"][clock.rule]
            assert clock.next_at is None or clock.state == clk.OPEN
            assert (clock.remaining is not None) == (clock.state == clk.PAUSED)
            assert (clock.stopped_at is not None) == (clock.state == clk.STOPPED)
            assert clock.started_at <= clock.due_at
            assert clock.rung >= 1 or clock.state != clk.OPEN or clock.next_at is not None, "its end would be missed"
            assert clock.state == clk.STOPPED or self.snap.stage not in declared["stops"]
        assert all(n == 1 for n in Counter((c.rule, c.cycle) for c in self.snap.clocks).values())

    @invariant()
    def each_threshold_fires_once(self) -> None:
        assert all(n == 1 for n in Counter(self.fired).values())


effects_fire = world.fire


def test_no_walk_breaks_a_promise() -> None:
    run_state_machine_as_test(Walk, settings=BRIEF)


# Planted defects: each of these mistakes is caught by the walk.


def broken() -> None:
    with pytest.raises(BaseException) as caught:
        run_state_machine_as_test(
            Walk, settings=settings(BRIEF, max_examples=1000, report_multiple_bugs=False, phases=["generate"])
        )
    assert not isinstance(caught.value, KeyboardInterrupt)


def test_planted_a_fired_clock_fires_again(monkeypatch: pytest.MonkeyPatch) -> None:
    real = clk.fired
    monkeypatch.setattr(clk, "fired", lambda c, r, at: c if c.rung == 0 else real(c, r, at))
    broken()


def test_planted_a_second_clock_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    real = effects.Draft.enter

    def twice(draft: effects.Draft, stage: str) -> None:
        real(draft, stage)
        for started in draft.snap.procedure.starting(stage):
            draft.begin(started)

    monkeypatch.setattr(effects.Draft, "enter", twice)
    broken()


def test_planted_a_paused_clock_keeps_its_instant(monkeypatch: pytest.MonkeyPatch) -> None:
    real = clk.pause
    monkeypatch.setattr(clk, "pause", lambda c, cal, at: replace(real(c, cal, at), next_at=c.next_at))
    broken()


def test_planted_reopening_forgets_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    def keeps(draft: effects.Draft) -> None:
        draft.changes["closed_at"] = draft.at

    monkeypatch.setitem(effects.EFFECTS, "unclose", keeps)
    broken()
