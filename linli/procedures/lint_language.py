# ruff: noqa: E501  (a finding is one line in both languages)
"""What is odd about people, consent, personal data, papers, extensions and sub-matters of a declaration."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from linli.core.procedure import ClockRule, Field, Procedure, Step

Finding = tuple[str, str, str, str]  # path, level, zh, en
FORBIDDEN: Final = re.compile(
    r"relig|faith|ethnic|\brace|politic|biometr|finger_?print|\bface|\brisk|\bscore|\brank|\bcolou?r_of|credit_score"
    r"|宗教|民族|政治面貌|生物识别|指纹|人脸|风险等级|评分|积分排名"
)
PERSONAL_TYPES: Final = frozenset({"phone", "identity", "email", "signature"})
PERSONAL_IDS: Final = re.compile(r"(^|_)(name|phone|address|identity|email|diagnosis|health|bank|account)$")
ARTICLE: Final = re.compile(r"\bart\b|第?\d+条|协议|承诺|机制|unverified", re.IGNORECASE)


def _steps(procedure: Procedure) -> list[tuple[str, Step]]:
    found = [("opening", procedure.opening_step)] if procedure.opening_step else []
    return [*found, *((f"steps.{s.id}", s) for s in procedure.steps.values())]


def people(procedure: Procedure) -> Iterator[Finding]:
    """Roles that nobody can come to hold, and steps that only such roles may take."""
    rule = procedure.opening
    joined = {of for _, s in _steps(procedure) for a in s.does if a.kind == "join" for of in a.of}
    joined |= {rule.as_} if rule and rule.as_ else set()
    for part in procedure.parts.values():
        path = f"participants.{part.id}"
        if part.id not in joined and not (rule and rule.from_):
            yield path, "error", "没有步骤使人成为此参与人", "no step and no opening makes anybody this participant"
    empty = set() if rule and rule.from_ else set(procedure.parts) - joined
    for path, step in _steps(procedure):
        if step.by and set(step.by) <= empty:
            yield (
                f"{path}.by",
                "error",
                "没有人能办：这些参与人无从产生",
                "nobody may take it: nobody can hold these roles",
            )


def consent(procedure: Procedure) -> Iterator[Finding]:
    """Who is asked must be able to agree, and to leave with one step of their own at every stage that needs them."""
    for part in procedure.parts.values():
        if not part.consents:
            continue
        for kind, zh, en in (("consent", "表示同意", "agree"), ("withdraw", "退出", "take it back")):
            able = [s for s in procedure.steps.values() if part.id in s.by and any(a.kind == kind for a in s.does)]
            if not able:
                yield f"participants.{part.id}", "error", f"没有步骤让本人{zh}", f"no step lets them {en} by themselves"


def personal(procedure: Procedure) -> Iterator[Finding]:
    """Personal data that says not what it is, why, on which ground or for how long; and what is never collected."""
    for path, step in _steps(procedure):
        for field in step.fields:
            where = f"{path}.fields.{field.id}"
            if field.type != "rating" and (FORBIDDEN.search(field.id) or FORBIDDEN.search(field.labels.zh)):
                yield where, "error", "不得收集此类信息", "such data about a person may not be collected"
            looks = field.type in PERSONAL_TYPES or PERSONAL_IDS.search(field.id)
            if looks and not field.personal and procedure.opening is not None:
                yield (
                    where,
                    "error",
                    "看起来是个人信息，须写明 personal",
                    "this looks like personal data: declare 'personal'",
                )
            if field.personal and procedure.opening is not None and not field.basis:
                yield (
                    f"{where}.basis",
                    "error",
                    "个人信息须写明法律依据 basis",
                    "personal data must name its legal basis",
                )
    if procedure.opening is not None and procedure.retention is None:
        yield "retention", "error", "须写明保存期限 [retention]", "state how long values are kept: [retention]"


def papers(procedure: Procedure) -> Iterator[Finding]:
    issued = {of for _, s in _steps(procedure) for a in s.does if a.kind == "issue" for of in a.of}
    for ident in sorted(set(procedure.papers) - issued):
        yield f"documents.{ident}", "warning", "没有步骤出具此文书", "no step issues this document"


def sources(procedure: Procedure) -> Iterator[Finding]:
    """Deadlines and extensions whose source names neither an article nor that it is not verified."""
    if procedure.opening is None:
        return
    for clock in procedure.clocks.values():
        path = f"clocks.{clock.id}"
        if not ARTICLE.search(clock.source):
            yield (
                f"{path}.source",
                "error",
                "依据须写到条款，或注明 unverified",
                "name the article, or write 'unverified'",
            )
        for extension in clock.extensions.values():
            if not ARTICLE.search(extension.source):
                where = f"{path}.extensions.{extension.id}.source"
                yield where, "error", "依据须写到条款，或注明 unverified", "name the article, or write 'unverified'"


def clocks(procedure: Procedure) -> Iterator[Finding]:
    """Clocks that contradict themselves or each other, and extensions that nothing grants."""
    granted = {of for s in procedure.steps.values() for a in s.does if a.kind == "extend" for of in a.of}
    for clock in procedure.clocks.values():
        path = f"clocks.{clock.id}"
        if clock.until and (clock.within is not None or clock.extensions or clock.since):
            yield (
                path,
                "error",
                "有 until 的时钟不能再有 within、since 或延长",
                "with 'until' there is no within, since or extension",
            )
        if clock.since and clock.since_opening:
            yield path, "error", "since 与 since_opening 互相矛盾", "'since' and 'since_opening' contradict each other"
        for extension in clock.extensions.values():
            if f"{clock.id}.{extension.id}" not in granted:
                where = f"{path}.extensions.{extension.id}"
                yield where, "error", "没有步骤能批准此延长", "no step grants this extension"
        yield from _outlived(procedure, clock, path)


def _outlived(procedure: Procedure, clock: ClockRule, path: str) -> Iterator[Finding]:
    """A clock that lapses ends its stage; a longer one that starts there and stops then can never be breached."""
    step = procedure.steps.get(clock.lapse)
    if step is None or clock.within is None:
        return
    for other in procedure.clocks.values():
        if other is clock or other.within is None or not set(other.starts) <= set(clock.starts):
            continue
        longer = other.within.unit == clock.within.unit and other.within.amount >= clock.within.amount
        if longer and step.to in other.stops:
            yield (
                f"clocks.{other.id}",
                "warning",
                f"“{clock.id}”先到期并离开此阶段，此时钟永远不会到期",
                f"{clock.id!r} lapses first and leaves the stage, so this clock can never be due",
            )


def needs(procedure: Procedure) -> Iterator[Finding]:
    """Needs that nothing in the declaration can ever meet."""
    issued = {of for _, s in _steps(procedure) for a in s.does if a.kind == "issue" for of in a.of}
    opened = {of for _, s in _steps(procedure) for a in s.does if a.kind == "open" for of in a.of}
    for step in procedure.steps.values():
        for need in step.needs:
            missing = {"issued": set(need.of) - issued, "child": set(need.of) - opened}.get(need.kind, set())
            for name in sorted(missing):
                yield f"steps.{step.id}.needs", "error", f"“{name}”无从满足", f"nothing ever brings about {name!r}"
            if need.kind in ("taken", "other") and step.id in need.of:
                yield f"steps.{step.id}.needs", "error", "要求自己先办过", "it needs itself to have been taken"


CHECKS: Final[tuple[Callable[[Procedure], Iterator[Finding]], ...]] = (
    *(people, consent, personal, papers, sources, clocks, needs),
)


def together(procedures: Mapping[str, Procedure]) -> Iterator[tuple[str, Finding]]:
    """Sub-matters between procedures: what a step opens must be there, let itself be opened, and get what it asks for."""
    for procedure in procedures.values():
        for path, step in _steps(procedure):
            for act in (a for a in step.does if a.kind == "open"):
                for name in act.of:
                    yield from (
                        (procedure.id, f) for f in _opens(procedure, path, name, act.with_, procedures.get(name))
                    )


def _opens(
    procedure: Procedure, path: str, name: str, carried: Mapping[str, str], child: Procedure | None
) -> Iterator[Finding]:
    if child is None or child.opening is None or child.opening_step is None:
        yield f"{path}.does", "error", f"没有可发起的规程“{name}”", f"there is no procedure {name!r} to open"
        return
    if procedure.id not in child.opening.from_:
        yield (
            f"{path}.does",
            "error",
            f"“{name}”未允许由此规程发起（from）",
            f"{name!r} does not let this procedure open it",
        )
    for field in _asked(child.opening_step.fields):
        if field.id not in carried:
            yield (
                f"{path}.does",
                "error",
                f"“{name}”必填的“{field.id}”没有带过去",
                f"{name!r} needs {field.id!r}: carry it",
            )


def _asked(fields: Iterable[Field]) -> list[Field]:
    return [f for f in fields if f.required and f.when is None]
