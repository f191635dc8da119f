"""May this step be taken, and what follows from it? Pure: the same snapshot always gives the same decision."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from linli.core import clocks as clk
from linli.core.acts import perform
from linli.core.calendars import YearMissing
from linli.core.effects import EFFECTS, Draft
from linli.core.forms import check_form
from linli.core.language import Change
from linli.core.needs import Case, unmet
from linli.core.procedure import Procedure, Step
from linli.core.refusals import Refusal
from linli.core.role_words import EVIDENCE, UNIT_KINDS, said
from linli.core.routing import Ask, level_of_area
from linli.core.snapshot import Actor, Decision, Entry, Notice, Snapshot
from linli.core.words import Words

Form = Mapping[str, object]
NO_FORM: Form = {}


def decide(snap: Snapshot, step_id: str, *, actor: Actor, form: Form = NO_FORM, at: datetime) -> Decision | Refusal:
    """What taking *step_id* would do, or why it may not be taken. Nothing is written."""
    step = snap.procedure.steps.get(step_id)
    if step is None:
        return Refusal("step_unknown", {"step": step_id, "steps": "、".join(snap.procedure.steps)})
    refusal = _may(snap, step, actor)
    if refusal is not None:
        return refusal
    checked = check_form(step, form, snap.known.values)
    if isinstance(checked, Refusal):
        return checked
    values, texts = checked
    if step.needs or step.most:
        refusal = unmet(step, Case(snap, actor, at, {**values, **texts}))
        if refusal is not None:
            return refusal
    return _evidence(snap, step, form, texts) or _taken(snap, step, actor, values, texts, at)


def _taken(
    snap: Snapshot, step: Step, actor: Actor, values: dict[str, object], texts: dict[str, str], at: datetime
) -> Decision | Refusal:
    draft = Draft(snap, step, actor, {**values, **texts}, at)
    try:
        return _settle(draft, values, texts)
    except YearMissing as missing:
        return Refusal("year_missing", {"calendar": missing.calendar, "year": missing.year})
    except clk.CalendarMissing as missing:
        return Refusal("calendar_missing", {"calendar": str(missing)})


def allowed(snap: Snapshot, actor: Actor) -> tuple[Step, ...]:
    """The steps that *actor* may take now, for pages to offer."""
    steps = (s for s in snap.procedure.steps_from(snap.stage) if _may(snap, s, actor) is None)
    return tuple(s for s in steps if not (s.needs or s.most) or unmet(s, Case(snap, actor, None)) is None)


def waiting_for(snap: Snapshot, actor: Actor, at: datetime) -> tuple[tuple[Step, Refusal], ...]:
    """The steps that *actor* could take here but for a need that is not met yet, with the words that say which."""
    found = []
    for step in snap.procedure.steps_from(snap.stage):
        if (step.needs or step.most) and _may(snap, step, actor) is None:
            refusal = unmet(step, Case(snap, actor, at))
            if refusal is not None:
                found.append((step, refusal))
    return tuple(found)


def _may(snap: Snapshot, step: Step, actor: Actor) -> Refusal | None:
    """Deny by default: stage, then role, then guards."""
    if not actor.roles & set(step.by):
        named = [who(r, snap.procedure) for r in step.by]
        roles = Words("、".join(w.zh for w in named), ", ".join(w.en for w in named))
        return Refusal("not_allowed", {"step": step.labels, "roles": roles})
    going_on = snap.procedure.stages[snap.stage].kind == "open"
    if "unclaimed" in step.guards and snap.stage not in step.from_ and going_on and snap.holder.post is not None:
        return Refusal("already_claimed", {"holder": snap.holder.name})
    if snap.stage not in step.from_:
        return Refusal("wrong_stage", {"stage": snap.procedure.stages[snap.stage].labels, "step": step.labels})
    if "no_open_children" in step.guards and snap.open_children:
        return Refusal("children_open", {"count": snap.open_children})
    if "resume" in step.effects and not any(c.state == clk.PAUSED for c in snap.clocks):
        return Refusal("nothing_paused")
    return None


def who(role: str, procedure: Procedure) -> Words:
    """The name of a role: a part of the procedure, an office at a kind of unit, an office or a relation."""
    if role in procedure.parts:
        return procedure.parts[role].labels
    office, _, kind = role.partition("@")
    if kind:
        at, name = UNIT_KINDS.get(kind, Words(kind, kind)), said(office)
        return Words(f"{at.zh}{name.zh}", f"{name.en} ({at.en})")
    return said(role)


def _evidence(snap: Snapshot, step: Step, form: Form, texts: Mapping[str, str]) -> Refusal | None:
    if not step.evidence:
        return None
    given = set(_listed(form.get("evidence")))
    missing = [kind for kind in snap.terms.evidence if kind not in given and not (kind == "note" and texts.get("note"))]
    if not missing:
        return None
    kinds = [EVIDENCE.get(k, Words(k, k)) for k in missing]
    named = Words("、".join(k.zh for k in kinds), ", ".join(k.en for k in kinds))
    return Refusal("evidence_missing", {"category": snap.terms.labels, "kinds": named}, about="evidence")


def _listed(value: object) -> tuple[str, ...]:
    return tuple(str(v) for v in value) if isinstance(value, list | tuple | set | frozenset) else ()


def _settle(draft: Draft, values: Mapping[str, object], texts: Mapping[str, str]) -> Decision | Refusal:
    for effect in draft.step.effects:
        refusal = EFFECTS[effect](draft)
        if refusal is not None:
            return refusal
    refusal = perform(draft) if draft.step.does else None
    if refusal is not None:
        return refusal
    stage = draft.step.to or draft.snap.stage
    if stage != draft.snap.stage or "reopen" in draft.step.effects:
        draft.enter(stage)
    draft.notices.extend(Notice(to, draft.step.id) for to in draft.step.notify)
    if draft.step.outcome:
        draft.changes["outcome"] = draft.step.outcome
    if draft.snap.procedure.opening is not None:
        draft.also.extend(kept(draft.step, values, texts, draft.set))
    data: dict[str, object] = {k: v for k, v in values.items() if v not in (None, "")}
    data |= draft.data
    if stage != draft.snap.stage:
        data |= {"from": draft.snap.stage, "to": stage}
    entry = Entry(draft.step.id, data, {k: v for k, v in texts.items() if v})
    return Decision(
        stage,
        (entry,),
        tuple(draft.clocks.values()),
        draft.assigned,
        draft.changes,
        tuple(draft.notices),
        also=tuple(draft.also),
    )


def kept(
    step: Step, values: Mapping[str, object], texts: Mapping[str, str], also: Mapping[str, object]
) -> Iterator[Change]:
    """What becomes a value of the matter: fields that are kept, and what the step itself sets."""
    for field in step.fields:
        value = values.get(field.id, texts.get(field.id))
        if field.keep and value not in (None, ""):
            yield Change(
                "value", {"field": field.id, "value": value, "personal": field.personal, "keep": field.retention}
            )
    for name, value in also.items():
        yield Change("value", {"field": name, "value": value, "personal": "", "keep": ""})


def fire(snap: Snapshot, clock: clk.Clock, at: datetime) -> Decision:
    """What happens when *clock*'s next threshold has come: a warning, the breach, or a rung of its ladder."""
    rule = snap.procedure.clocks[clock.rule]
    name = clk.threshold_name(clock.rung)
    late = clock.next_at is not None and at - clock.next_at > clk.LATE
    clock_actor = Actor("clock", f"{rule.id}", "", frozenset({"clock"}))
    data: dict[str, object] = {
        "clock": rule.id,
        "cycle": clock.cycle,
        "threshold": name,
        "due": clock.due_at.isoformat(),
    }
    if late:
        data["late"] = True
    if clock.rung == 0 and rule.lapse:
        lapsed = decide(snap, rule.lapse, actor=clock_actor, at=at)
        if isinstance(lapsed, Decision):
            entry = Entry(rule.lapse, {**lapsed.entries[0].data, **data})
            return Decision(
                lapsed.stage,
                (entry,),
                lapsed.clocks,
                lapsed.assigned,
                lapsed.changes,
                lapsed.notices,
                (clock.id, name, late),
                lapsed.also,
            )
    after = clk.fired(clock, rule, at)
    draft = Draft(snap, Step(f"clock.{name}", rule.labels, (snap.stage,), "", ("clock",)), clock_actor, {}, at)
    if clock.rung >= 1:
        _climb(draft, rule.ladder[clock.rung - 1], data)
    else:
        draft.notices.append(Notice(_pressed(snap), "breach" if clock.rung == 0 else "warn", {"clock": rule.id}))
    entry = Entry(f"clock.{'rung' if clock.rung >= 1 else name}", {**data, **draft.data})
    return Decision(
        snap.stage, (entry,), (after,), draft.assigned, draft.changes, tuple(draft.notices), (clock.id, name, late)
    )


def _pressed(snap: Snapshot) -> str:
    """Who hears of a warning or a breach: the resident while they are waited for, else the holder, else the level."""
    if snap.procedure.stages[snap.stage].kind == "waiting":
        return "resident"
    return "holder" if snap.holder.post is not None else "level"


def _climb(draft: Draft, rung: str, data: dict[str, object]) -> None:
    data["rung"] = rung
    if rung == "next_person":
        draft.next_person()
    elif rung == "level_up":
        draft.level_up()
    elif rung == "oversee_up":
        draft.oversee_up()
    draft.notices.append(Notice("holder", "escalated", {"rung": rung}))
    draft.notices.append(Notice("level", "escalated", {"rung": rung}))


def open_ask(snap: Snapshot, at: datetime) -> Ask:
    """The routing question of a matter as it stands."""
    return Ask(
        category=snap.category,
        duty=snap.terms.duty,
        area=snap.area,
        at=at,
        kind=snap.kind,
        urgent=snap.urgent,
        sure=snap.sure and snap.stage != snap.procedure.unsure,
        level=snap.level or level_of_area(snap.area),
        quick=snap.terms.quick,
    )
