"""No illegal step in any procedure (invariant 11): every stage × step × role of every declaration, against the TOML."""

import tomllib
from dataclasses import replace
from typing import Any

import pytest

from linli.core.decide import allowed, decide
from linli.core.language import Child, Known, Participant
from linli.core.procedure import Procedure
from linli.core.refusals import Refusal
from linli.core.role_words import RELATIONS, ROLES
from linli.core.snapshot import Actor, Decision, Snapshot
from linli.procedures import load
from linli.procedures.sample import form_of
from tests.core import world

BODIES = {i: b for i, b in load.shipped("procedures").items() if "[opening]" in b}
UNIT = str(world.ident(3000))


def known(procedure: Procedure, step: str) -> Known:
    """Everything that any need of *step* could ask for."""
    people = tuple(
        Participant(str(world.ident(7000 + n)), part.id, part.kind, "某人", "", "", "given" if part.consents else "")
        for n, part in enumerate(procedure.parts.values())
    )
    needs = list(procedure.steps[step].needs)
    children = tuple(
        Child(of, outcome, True)
        for n in needs
        if n.kind == "child"
        for of in n.of
        for outcome in n.outcomes or ("done",)
    )
    taken = {of: ("person:somebody",) for n in needs if n.kind in ("taken", "other") for of in n.of}
    papers = frozenset(procedure.papers)
    return Known({"effective_on": "2026-11-20", "perform_by": "2026-12-20"}, people, children, papers, taken)


def standing(procedure: Procedure, stage: str, step: str) -> Snapshot:
    snap = world.matter(stage, procedure=procedure)
    return replace(snap, known=known(procedure, step), level="city")


def answers(snap: Snapshot, step: str) -> dict[str, object]:
    acts = procedure_roles(snap.procedure, step)
    who = next((p.id for p in snap.known.people if p.role in acts), str(world.ident(7000)))
    post = str(world.ident(32))
    form = form_of(
        snap.procedure.steps[step], world.NOON, snap.known.values, {"unit": UNIT, "post": post, "participant": who}
    )
    return form | ({"evidence": ["note"]} if snap.procedure.steps[step].evidence else {})


def procedure_roles(procedure: Procedure, step: str) -> set[str]:
    return {of for act in procedure.steps[step].does for of in act.of}


# What a legal step may still be told, because the memory of this test holds no such unit, clock or person.
CIRCUMSTANCES = frozenset(
    {"need_unmet", "part_full", "part_unknown", "consent_none", "clock_not_running", "nothing_paused", "nobody_there",
     "post_unknown", "post_outside", "same_holder", "not_signed_in", "year_missing", "clock_over", "part_twice"}
)  # fmt: skip


def violations(procedure: Procedure, declared: dict[str, Any]) -> list[str]:
    """Every combination that is decided otherwise than the TOML says."""
    words = (
        {w for s in declared["steps"].values() for w in s["by"]} | set(ROLES) | set(RELATIONS) | set(procedure.parts)
    )
    found = []
    for step, given in declared["steps"].items():
        for stage in declared["stages"]:
            snap = standing(procedure, stage, step)
            form = answers(snap, step)
            for role in sorted(words):
                actor = Actor("person", "somebody-else", "某", frozenset({role}), world.ident(22), world.ident(2022))
                result = decide(snap, step, actor=actor, form=form, at=world.NOON)
                legal = stage in given["from"] and role in given["by"]
                offered = step in {s.id for s in allowed(snap, actor)}
                code = result.code if isinstance(result, Refusal) else ""
                if not legal:
                    good = code in ("not_allowed", "wrong_stage") and not offered
                else:
                    good = (
                        isinstance(result, Decision) and result.stage == given.get("to", stage)
                    ) or code in CIRCUMSTANCES
                if not good:
                    found.append(f"{procedure.id}: {stage} × {step} × {role}: {code or result}")
    return found


@pytest.mark.parametrize("ident", sorted(BODIES))
def test_the_whole_matrix(ident: str) -> None:
    assert violations(load.procedure(BODIES[ident], ident), tomllib.loads(BODIES[ident])) == []


def test_most_legal_steps_are_decided() -> None:
    """The circumstances above excuse a few, not all: the matrix really decides."""
    decided = total = 0
    for ident, body in BODIES.items():
        procedure = load.procedure(body, ident)
        for step in procedure.steps.values():
            for stage in step.from_:
                snap = standing(procedure, stage, step.id)
                actor = Actor("person", "somebody-else", "某", frozenset(step.by), world.ident(22), world.ident(2022))
                total += 1
                decided += isinstance(
                    decide(snap, step.id, actor=actor, form=answers(snap, step.id), at=world.NOON), Decision
                )
    assert decided > 0.7 * total, (decided, total)


def test_a_planted_defect_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    from linli.core import decide as decided

    monkeypatch.setattr(decided, "_may", lambda snap, step, actor: None)
    body = BODIES["whistle"]
    assert violations(load.procedure(body, "whistle"), tomllib.loads(body)) != []
