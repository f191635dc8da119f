"""What is odd about a declaration that can be read: dead ends, clocks that never end, promises without a source."""

import tomllib
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Final

from linli.core.procedure import ClockRule, Procedure, Step
from linli.core.words import Words
from linli.procedures import lint_language
from linli.procedures.reader import Problem, lines_of

UNVERIFIED: Final = "unverified"
Finding = tuple[str, str, str, str]  # path, level, zh, en


def lint(procedure: Procedure, body: str = "", where: str = "", calendars: Collection[str] = ()) -> list[Problem]:
    """All findings. With the *body* they have line numbers and what only the text shows is looked at too.

    With *calendars* (identifiers) clocks on a calendar that is not there are found too.
    """
    lines = lines_of(body) if body else {}
    found = [finding for check in (*CHECKS, *lint_language.CHECKS) for finding in check(procedure)]
    for clock in procedure.clocks.values():
        if calendars and clock.calendar not in calendars:
            zh, en = f"没有工作日历“{clock.calendar}”", f"there is no calendar {clock.calendar!r}"
            found.append((f"clocks.{clock.id}.calendar", "error", zh, en))
    if body:
        found.extend(_unlimited(body))
    return [located(where or procedure.id, lines, finding) for finding in found]


def located(where: str, lines: dict[str, int], finding: Finding) -> Problem:
    """A finding with its file and line."""
    path, level, zh, en = finding
    near = path
    while near and near not in lines:
        near = near.rpartition(".")[0]
    return Problem(f"{where}:{lines[near]}" if near else where, path, Words(zh, en), level)


def reached(procedure: Procedure, starts: Iterable[str]) -> set[str]:
    """The stages that can be reached from *starts*, those included."""
    seen, waiting = set(starts), list(starts)
    while waiting:
        stage = waiting.pop()
        for step in procedure.steps_from(stage):
            if step.to and step.to not in seen:
                seen.add(step.to)
                waiting.append(step.to)
    return seen


def _done(procedure: Procedure) -> set[str]:
    return {s.id for s in procedure.stages.values() if s.kind == "done"}


def _all_reached(procedure: Procedure) -> set[str]:
    return reached(procedure, (procedure.first, procedure.unsure))


def _stages(procedure: Procedure) -> Iterator[Finding]:
    seen, done = _all_reached(procedure), _done(procedure)
    for stage in procedure.stages.values():
        path = f"stages.{stage.id}"
        if stage.id not in seen:
            yield path, "error", "没有步骤能到达此阶段", "no step leads to this stage"
        if stage.kind == "done":
            continue
        if not reached(procedure, (stage.id,)) & done:
            yield (
                path,
                "error",
                "从此阶段无法办结：没有通往“已办结”类阶段的步骤",
                "a dead end: no way leads from here to a stage that is done",
            )
        if not _residents(procedure):
            continue
        if not any(_residents(procedure) & set(step.by) for step in procedure.steps_from(stage.id)):
            level = "error" if stage.kind == "waiting" else "warning"
            yield path, level, "诉求人在此阶段没有可办的步骤", "the resident can do nothing at this stage"


def _residents(procedure: Procedure) -> set[str]:
    """The roles in which people of the city act; none where only offices may open it."""
    if procedure.opening is None:
        return {"resident"}
    contacts = {part.id for part in procedure.parts.values() if part.kind == "contact"}
    return contacts | {"resident"} if contacts or "resident" in procedure.opening.by else set()


def _steps(procedure: Procedure) -> Iterator[Finding]:
    seen = _all_reached(procedure)
    lapses = {clock.lapse for clock in procedure.clocks.values()}
    for step in procedure.steps.values():
        path = f"steps.{step.id}"
        if not set(step.from_) & seen:
            yield path, "error", "此步骤所在阶段都无法到达", "none of the stages it starts from can be reached"
        if set(step.by) == {"clock"} and step.id not in lapses:
            yield (
                f"{path}.by",
                "error",
                "没有人能办：只有时钟可办，但没有时钟以此为 lapse",
                "nobody may take it: only a clock, and no clock lapses into it",
            )
        if step.evidence and step.field("note") is None:
            yield (
                path,
                "error",
                "需要凭证的步骤应有“note”字段，否则办理说明无处填写",
                "a step with evidence needs a field 'note', or a note cannot be given",
            )
        if step.to and not step.tells.zh:
            yield path, "warning", "没有“tells”：诉求人看不到这一步", "no 'tells': the resident does not see this step"
        if "unclaimed" in step.guards and "claim" not in step.effects:
            yield (
                f"{path}.guards",
                "warning",
                "“unclaimed”只对接单有意义",
                "the guard 'unclaimed' only means something where the effect is 'claim'",
            )
        yield from _fields(step, path)


def _fields(step: Step, path: str) -> Iterator[Finding]:
    for field in step.fields:
        if field.personal and not (field.purpose.zh and field.retention):
            yield (
                f"{path}.fields.{field.id}",
                "error",
                "个人信息字段须写明 purpose 和 retention",
                "a personal field must state its purpose and retention",
            )


def _ends(procedure: Procedure) -> Iterator[Finding]:
    """Outcome, effects and stages must tell the same story of an end."""
    done = _done(procedure)
    for step in procedure.steps.values():
        into = step.to in done
        out = bool(set(step.from_) & done) and step.to != "" and not into
        checks = (
            (into and not step.outcome, "outcome", "error", "进入已办结阶段须写明结果 outcome",
             "a step into a stage that is done must name its outcome"),
            (into and "close" not in step.effects, "effects", "warning", "进入已办结阶段，宜写明效果 close",
             "a step into a stage that is done should have the effect 'close'"),
            ("close" in step.effects and not into, "effects", "error", "有 close 效果，却未进入已办结阶段",
             "it has the effect 'close' but does not lead to a stage that is done"),
            (step.outcome and not into and "reopen" not in step.effects, "outcome", "error",
             "写了结果，却既未办结也未重新办理", "an outcome, but the matter is neither done nor reopened"),
            (out and "unclose" not in step.effects, "effects", "error", "离开已办结阶段须有效果 unclose",
             "a step out of a stage that is done needs the effect 'unclose'"),
        )  # fmt: skip
        yield from ((f"steps.{step.id}.{where}", level, zh, en) for wrong, where, level, zh, en in checks if wrong)
        if into and set(step.by) <= {"clock", "system"} and not _contestable(procedure, step.to):
            yield (
                f"steps.{step.id}",
                "error",
                "机器办结的事项，诉求人必须能提出异议",
                "what a machine has ended must be open to the resident's objection",
            )


def _contestable(procedure: Procedure, stage: str) -> bool:
    return any(_residents(procedure) & set(step.by) and step.to for step in procedure.steps_from(stage))


def _clocks(procedure: Procedure) -> Iterator[Finding]:
    seen, done = _all_reached(procedure), _done(procedure)
    for clock in procedure.clocks.values():
        path = f"clocks.{clock.id}"
        if not set(clock.starts) & seen and clock.starts:
            yield f"{path}.starts", "error", "没有什么会启动此时钟", "nothing ever starts this clock"
        if not set(clock.stops) & reached(procedure, clock.starts):
            yield f"{path}.stops", "error", "没有什么会停止此时钟", "nothing ever stops this clock"
        for stage in sorted(done & _running(procedure, clock)):
            yield (
                f"{path}.stops",
                "error",
                f"事项已到“{stage}”，时钟仍在走",
                f"the clock still runs when the matter is done at {stage!r}",
            )
        if len(clock.ladder) > 1 and clock.every is None:
            yield (
                f"{path}.ladder",
                "error",
                "升级有多级，须写明间隔 every",
                "a ladder of several rungs needs its pace: every",
            )
        if clock.every is not None and len(clock.ladder) < 2:
            yield (
                f"{path}.every",
                "warning",
                "没有多级升级，every 不起作用",
                "'every' has no effect without several rungs",
            )
        if UNVERIFIED in clock.source.lower():
            yield f"{path}.source", "warning", "时限依据未经核实", "the deadline's source is not verified"
        yield from _lapse(procedure, clock, path)


def _running(procedure: Procedure, clock: ClockRule) -> set[str]:
    """The stages at which the clock can be running: from its starts on, as far as nothing has stopped it."""
    seen, waiting = set(clock.starts), list(clock.starts)
    while waiting:
        for step in procedure.steps_from(waiting.pop()):
            if step.to and step.to not in seen and step.to not in clock.stops:
                seen.add(step.to)
                waiting.append(step.to)
    return seen


def _lapse(procedure: Procedure, clock: ClockRule, path: str) -> Iterator[Finding]:
    step = procedure.steps.get(clock.lapse)
    if step is None:
        return
    if "clock" not in step.by:
        yield (
            f"{path}.lapse",
            "error",
            f"步骤“{step.id}”不允许时钟办理",
            f"the step {step.id!r} may not be taken by a clock",
        )
    if not set(clock.starts) <= set(step.from_):
        yield (
            f"{path}.lapse",
            "error",
            f"步骤“{step.id}”不能在时钟运行的阶段办理",
            f"the step {step.id!r} cannot be taken where the clock runs",
        )
    if step.evidence or any(field.required for field in step.fields):
        yield (
            f"{path}.lapse",
            "error",
            f"步骤“{step.id}”有必填内容，时钟无法填写",
            f"the step {step.id!r} asks for something a clock cannot give",
        )
    if clock.ladder:
        yield (
            f"{path}.ladder",
            "warning",
            "到期即办理，升级不会发生",
            "it lapses at its end, so the ladder is never climbed",
        )


def _pauses(procedure: Procedure) -> Iterator[Finding]:
    pausing = [s for s in procedure.steps.values() if "pause" in s.effects]
    resuming = [s for s in procedure.steps.values() if "resume" in s.effects]
    offered = {c for s in pausing if (f := s.field("reason")) is not None for c, _ in f.choices}
    for reason in procedure.pauses.values():
        path = f"pauses.{reason.id}"
        if not reason.clocks:
            yield path, "error", "没有写明暂停哪些时钟", "it names no clock to pause"
        if reason.id not in offered:
            yield path, "error", "没有步骤提供这一暂停原因", "no step offers this reason"
        for clock in (procedure.clocks[c] for c in reason.clocks):
            if clock.lapse:
                yield (
                    path,
                    "error",
                    f"“{clock.id}”到期即办结，不能暂停",
                    f"the clock {clock.id!r} lapses and cannot be paused",
                )
    for step in pausing:
        for stage in step.from_:
            if not any(stage in r.from_ for r in resuming):
                yield (
                    f"steps.{step.id}",
                    "error",
                    f"在“{stage}”暂停后没有步骤可以恢复",
                    f"what is paused at {stage!r} cannot be resumed there",
                )


def _unlimited(body: str) -> Iterator[Finding]:
    for step, data in tomllib.loads(body).get("steps", {}).items():
        for field, given in data.get("fields", {}).items():
            if given.get("type") == "long_text" and "limit" not in given:
                yield (
                    f"steps.{step}.fields.{field}",
                    "error",
                    "长文字段须写明字数上限 limit",
                    "a long text must state its limit",
                )


CHECKS: Final[tuple[Callable[[Procedure], Iterator[Finding]], ...]] = (_stages, _steps, _ends, _clocks, _pauses)
