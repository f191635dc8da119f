"""No illegal step (invariant 11): every stage × step × role, against the TOML itself; what is unlisted is refused."""

from dataclasses import replace
from typing import Any

import pytest

from linli.core import clocks as clk
from linli.core import decide as decided
from linli.core.decide import allowed, decide
from linli.core.procedure import Procedure
from linli.core.refusals import Refusal
from linli.core.snapshot import Decision, Snapshot
from tests.core import world

STAGES = tuple(world.DECLARED["stages"])
STEPS = tuple(world.DECLARED["steps"])


def standing(stage: str, step: str, procedure: Procedure) -> Snapshot:
    """A matter at *stage* that offers everything its steps ask for, besides stage and role."""
    snap = world.matter(stage, procedure=procedure)
    if step == "resume":
        paused = [clk.pause(c, world.CALENDARS, world.NOON) for c in snap.clocks]
        rule = procedure.clocks["complete"]
        extra = clk.start(rule, snap.terms.deadlines["complete"], world.CALENDARS, world.NOON, 9)
        snap = replace(snap, clocks=(*paused, clk.pause(extra, world.CALENDARS, world.NOON)))
    return snap


def wrong(snap: Snapshot, step: str, role: str, declared: dict[str, Any]) -> str | None:
    """What the decision gets wrong about one combination; None when it is as declared."""
    given = declared["steps"][step]
    legal = snap.stage in given["from"] and role in given["by"]
    actor, at = world.actor(role, snap), world.NOON + world.minutes(1)
    result = decide(snap, step, actor=actor, form=world.form(snap.procedure.steps[step], snap), at=at)
    offered = step in {s.id for s in allowed(snap, actor)}
    name = f"{snap.stage} × {step} × {role}"
    if offered != legal:
        return f"{name}: {'offered' if offered else 'not offered'}"
    if not legal:
        codes = {"not_allowed"} if role not in given["by"] else {"wrong_stage", "already_claimed"}
        right = isinstance(result, Refusal) and result.code in codes and result.words.zh and result.words.en
        return None if right else f"{name}: {result}"
    if not isinstance(result, Decision):
        return f"{name}: refused with {result}"
    return _wrong_result(name, snap, given, result, declared)


def _wrong_result(
    name: str, snap: Snapshot, given: dict[str, Any], result: Decision, declared: dict[str, Any]
) -> str | None:
    to = given.get("to", snap.stage)
    done = declared["stages"][to]["kind"] == "done"
    was_done = declared["stages"][snap.stage]["kind"] == "done"
    checks = {
        "stage": result.stage == to,
        "outcome": result.changes.get("outcome", "") == given.get("outcome", ""),
        "closed": (result.changes.get("closed_at") is not None) == (done and to != snap.stage),
        "opened again": not was_done or done or result.changes["closed_at"] is None,
        "told": {n.to for n in result.notices} >= set(given.get("notify", [])),
        "one line": len(result.entries) == 1 and result.entries[0].step in declared["steps"],
        "no open clock when done": not done
        or not any(c.state != clk.STOPPED for c in world.after(snap, result).clocks),
    }
    failed = [check for check, good in checks.items() if not good]
    return f"{name}: {', '.join(failed)}" if failed else None


def violations(procedure: Procedure = world.REQUEST) -> list[str]:
    return [
        found
        for step in STEPS
        for stage in STAGES
        for snap in (standing(stage, step, procedure),)
        for role in world.EVERYONE
        if (found := wrong(snap, step, role, world.DECLARED)) is not None
    ]


def test_every_stage_step_and_role_is_decided_as_declared() -> None:
    assert violations() == []


def test_nobody_without_a_role_may_do_anything() -> None:
    for stage in STAGES:
        snap = world.matter(stage)
        nobody = replace(world.actor("operator", snap), roles=frozenset())
        assert allowed(snap, nobody) == ()
        for step in STEPS:
            result = decide(snap, step, actor=nobody, form={}, at=world.NOON)
            assert isinstance(result, Refusal)
            assert result.code == "not_allowed"


def test_an_unknown_step_is_refused() -> None:
    snap = world.matter()
    for step in ("", "clam", "__class__", "{x}"):
        result = decide(snap, step, actor=world.actor("dispatcher", snap), at=world.NOON)
        assert isinstance(result, Refusal)
        assert result.code == "step_unknown"
        assert "claim" in result.words.zh


# Planted defects: each of these mistakes is caught by the matrix.


def test_planted_the_role_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    real = decided._may
    monkeypatch.setattr(decided, "_may", lambda s, step, a: real(s, step, replace(a, roles=frozenset(step.by))))
    assert violations()


def test_planted_the_stage_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    real = decided._may
    monkeypatch.setattr(decided, "_may", lambda s, step, a: real(s, replace(step, from_=STAGES), a))
    assert violations()


@pytest.mark.parametrize(
    ("step", "change"),
    [
        ("solved", {"by": ("resident", "holder")}),
        ("complete", {"from_": ("working", "received")}),
        ("withdraw", {"to": "closed"}),
        ("silence", {"outcome": ""}),
        ("claim", {"by": ("holder",)}),
    ],
)
def test_planted_one_step_is_read_wrongly(step: str, change: dict[str, Any]) -> None:
    steps = dict(world.REQUEST.steps)
    steps[step] = replace(steps[step], **change)
    found = violations(replace(world.REQUEST, steps=steps))
    assert found
    assert all(f" {step} " in line for line in found)


def test_planted_a_clock_goes_on_after_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clk, "stop", lambda clock, at: clock)
    assert any("no open clock" in line for line in violations())
