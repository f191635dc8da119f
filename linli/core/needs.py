"""What a step needs besides stage and role: one small function for each word of the vocabulary."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from linli.core import clocks as clk
from linli.core.language import Need
from linli.core.procedure import Step
from linli.core.refusals import Refusal
from linli.core.snapshot import Actor, Snapshot
from linli.core.words import Words


@dataclass(frozen=True, slots=True)
class Case:
    """One question: may *actor* take this now? *form* is what was filled in so far; None while only looking."""

    snap: Snapshot
    actor: Actor
    at: datetime | None
    form: Mapping[str, object] | None = None

    @property
    def values(self) -> Mapping[str, object]:
        """What is known, with what is being filled in over it."""
        given = {k: v for k, v in (self.form or {}).items() if v not in (None, "")}
        around = {"stage": self.snap.stage, "category": self.snap.category, "urgent": self.snap.urgent}
        return {**self.snap.known.values, **around, **given}


def unmet(step: Step, case: Case) -> Refusal | None:
    """The first need that is not met, in its own words. A condition over the form waits until there is one."""
    taken = len(case.snap.known.taken.get(step.id, ()))
    if step.most and taken >= step.most:
        return Refusal("step_used_up", {"step": step.labels, "most": step.most})
    for need in step.needs:
        if case.form is None and need.when is not None and any(step.field(name) for name in need.when.names):
            continue
        if not CHECKS[need.kind](need, case):
            return Refusal("need_unmet", {"step": step.labels, "why": need.says if need.says.zh else _said(need, case)})
    return None


def _consent(need: Need, case: Case) -> bool:
    known = case.snap.known
    return all(known.of(r) and all(p.consent == "given" for p in known.of(r)) for r in need.of)


def _present(need: Need, case: Case) -> bool:
    parts = case.snap.procedure.parts
    return all(len(case.snap.known.of(r)) >= max(1, parts[r].least) for r in need.of)


def _when(need: Need, case: Case) -> bool:
    return need.when is None or need.when.holds(case.values)


def _clock(need: Need, case: Case) -> bool:
    """Open and in time; while nobody asks at an instant, open is enough."""
    running = [c for c in case.snap.clocks if c.rule in need.of and c.state != clk.STOPPED]
    return bool(running) and all(case.at is None or c.state == clk.PAUSED or case.at < c.due_at for c in running)


def _past(need: Need, case: Case) -> bool:
    ours = [c for c in case.snap.clocks if c.rule in need.of]
    return bool(ours) and all(case.at is None or case.at >= c.due_at for c in ours)


def _issued(need: Need, case: Case) -> bool:
    return set(need.of) <= case.snap.known.papers


def _child(need: Need, case: Case) -> bool:
    ended = [c for c in case.snap.known.children if c.procedure in need.of and c.closed]
    return any(not need.outcomes or c.outcome in need.outcomes for c in ended)


def _no_child(need: Need, case: Case) -> bool:
    return not any(c.procedure in need.of for c in case.snap.known.children)


def _taken(need: Need, case: Case) -> bool:
    return all(case.snap.known.taken.get(step) for step in need.of)


def _other(need: Need, case: Case) -> bool:
    """Somebody else than who took the step last; a step nobody took needs no second person yet."""
    last = [actors[-1] for step in need.of if (actors := case.snap.known.taken.get(step))]
    return bool(last) and all(actor != f"{case.actor.kind}:{case.actor.id}" for actor in last)


CHECKS: dict[str, Callable[[Need, Case], bool]] = {
    "consent": _consent,
    "present": _present,
    "when": _when,
    "clock": _clock,
    "past": _past,
    "issued": _issued,
    "child": _child,
    "no_child": _no_child,
    "taken": _taken,
    "other": _other,
}

_SAID = {
    "consent": Words("须先取得{names}的同意。", "{names} must agree first."),
    "present": Words("须先登记{names}。", "{names} must be registered first."),
    "when": Words("填写的内容不符合条件。", "What is filled in does not meet the condition."),
    "clock": Words("“{names}”已过或尚未开始。", "The time for “{names}” is over or has not begun."),
    "past": Words("“{names}”尚未届满。", "“{names}” is not over yet."),
    "issued": Words("须先出具{names}。", "{names} must be issued first."),
    "child": Words("须先办结“{names}”。", "“{names}” must have ended first."),
    "no_child": Words("已经发起过“{names}”。", "“{names}” was opened already."),
    "taken": Words("须先办理“{names}”。", "“{names}” must be taken first."),
    "other": Words(
        "须由另一人办理，不能与办理“{names}”的是同一人。", "Somebody else must do this than who took “{names}”."
    ),
}


def _said(need: Need, case: Case) -> Words:
    """The unmet message that follows from the need itself."""
    procedure = case.snap.procedure
    tables = (procedure.parts, procedure.clocks, procedure.papers, procedure.steps)
    named = {i: one.labels for table in tables for i, one in table.items()}
    words = [named.get(i, Words(i, i)) for i in need.of]
    zh, en = "、".join(w.zh for w in words), ", ".join(w.en for w in words)
    return _SAID[need.kind].filled({"names": Words(zh, en)})
