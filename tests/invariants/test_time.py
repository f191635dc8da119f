# ruff: noqa: E501
"""Invariant 5: jumps of the system's time are harmless. The loop of the sweeper runs on an injected wall clock and monotonic clock."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from linli.kernel import clock

if TYPE_CHECKING:
    from tests.matters.town import Town

pytestmark = pytest.mark.django_db(transaction=True)
MATTERS = 20
JUMPS = {"a day back": timedelta(days=-1), "an hour ahead": timedelta(hours=1), "a year ahead": timedelta(days=365)}


@dataclass
class World:
    """Both clocks, and what is to happen when. It is the loop's stop signal: waiting lets time pass."""

    wall: datetime
    monotonic: float = 1000.0
    jumped: timedelta = timedelta(0)
    plan: list[tuple[float, Callable[[], None]]] = field(default_factory=list)
    until: float = 0.0

    def now(self) -> datetime:
        return self.wall + timedelta(seconds=self.monotonic - 1000) + self.jumped

    def is_set(self) -> bool:
        return self.monotonic - 1000 >= self.until

    def wait(self, seconds: float) -> bool:
        self.monotonic += max(seconds, 0.5)
        while self.plan and self.monotonic - 1000 >= self.plan[0][0]:
            self.plan.pop(0)[1]()
        return self.is_set()

    def jump(self, by: timedelta) -> None:
        self.jumped += by


@pytest.fixture
def world(town: "Town", monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Twenty matters just opened; their clocks warn after three minutes."""
    from linli.matters.intake import Request, receive
    from tests.matters.town import GRID, T0

    made = World(T0)
    for number in range(MATTERS):
        receive(Request(f"第{number}号路灯不亮", "page", area=GRID), at=T0)
    clock.set_source(made.now)
    monkeypatch.setattr(clock, "monotonic", lambda: made.monotonic)
    yield made
    clock.set_source(None)


@dataclass
class Seen:
    """Counts of firings: just before the time was right again (or confirmed), and in the end; what the audit log says."""

    during: int = -1
    after: int = -1
    verbs: list[str] = field(default_factory=list)


def run(world: World, by: timedelta, *, accepted: bool, restarted: bool = False, seconds: float = 420) -> Seen:
    """Half a minute of peace, a jump, a minute in the wrong time, then back (or a person's word), and peace again."""
    from linli.audit.models import Entry
    from linli.matters import sweep, timeguard
    from linli.matters.models import Firing

    seen = Seen()

    def mend() -> None:
        seen.during = Firing.objects.count()
        if accepted:
            timeguard.accept(actor="person:carl", at=clock.now())
        else:
            world.jump(-by)

    if restarted:
        world.until = 30
        sweep.loop(world)  # type: ignore[arg-type]
        world.jump(by)
        world.plan = [(90, mend)]
    else:
        world.plan = [(30, lambda: world.jump(by)), (90, mend)]
    world.until = seconds
    sweep.loop(world)  # type: ignore[arg-type]
    seen.after = Firing.objects.count()
    seen.verbs = list(Entry.objects.filter(target_kind="time").order_by("at").values_list("verb", flat=True))
    return seen


def check(seen: Seen) -> list[str]:
    """Nothing fires in a wrong time, there is an alarm, and afterwards it goes on."""
    wrong = []
    if seen.during:
        wrong.append(f"{seen.during} fired in a wrong time")
    if "clocks_held" not in seen.verbs:
        wrong.append("no alarm")
    if "clocks_released" not in seen.verbs:
        wrong.append("never released")
    if seen.after < MATTERS:
        wrong.append(f"only {seen.after} fired afterwards")
    return wrong


@pytest.mark.parametrize("jump", JUMPS)
def test_a_jump_and_back(world: World, jump: str) -> None:
    assert check(run(world, JUMPS[jump], accepted=False)) == []


@pytest.mark.parametrize("jump", ["an hour ahead", "a year ahead"])
def test_a_jump_that_a_person_confirms(world: World, jump: str) -> None:
    assert check(run(world, JUMPS[jump], accepted=True)) == []


@pytest.mark.parametrize("jump", ["a day back", "a year ahead"])
def test_a_jump_while_nobody_swept(world: World, jump: str) -> None:
    """A sweeper that starts in a wrong time has no clock of its own to compare with: it looks when others last swept."""
    assert check(run(world, JUMPS[jump], accepted=False, restarted=True)) == []


def test_a_day_back_confirmed_goes_on_a_day_later(world: World) -> None:
    """The clocks' instants are a day away then; nothing fires early."""
    seen = run(world, JUMPS["a day back"], accepted=True)
    assert (seen.during, seen.after) == (0, 0)
    assert {"clocks_held", "time_accepted", "clocks_released"} <= set(seen.verbs)


@pytest.mark.parametrize("defect", ["trusts anything", "never lets go"])
def test_a_careless_guard_is_noticed(world: World, defect: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: a guard that trusts every time; one that never trusts it again."""
    from linli.matters.timeguard import TimeGuard

    if defect == "trusts anything":
        monkeypatch.setattr(TimeGuard, "trusted", lambda self, wall, monotonic: True)
    else:
        monkeypatch.setattr(TimeGuard, "_release", lambda self, wall, offset, why: None)
    assert check(run(world, JUMPS["an hour ahead"], accepted=False)) != []
