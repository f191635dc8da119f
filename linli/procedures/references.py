"""Whether what a declaration names is there: fields, roles, clocks, papers. Anything missing refuses the whole file."""

from collections.abc import Collection, Iterator

from linli.core.language import Act, Need
from linli.core.procedure import Field, Procedure, Step
from linli.procedures.reader import Reader

Said = tuple[str, str, str]  # path, zh, en

_TYPES = {"post": ("post",), "unit": ("unit",), "who": ("participant",), "at": ("instant",), "matter": ("matter",)}
AROUND = frozenset({"stage", "category", "urgent"})  # what conditions may name besides fields


def check(read: Reader, procedure: Procedure) -> None:
    """Note every name that leads nowhere."""
    fields = procedure.fields
    for path, zh, en in (
        *_opening(procedure),
        *_clocks(procedure, fields),
        *(said for step in _steps(procedure) for said in _step(procedure, step, fields)),
    ):
        read.wrong(path, zh, en)


def _steps(procedure: Procedure) -> list[Step]:
    return [*([procedure.opening_step] if procedure.opening_step else []), *procedure.steps.values()]


def _opening(procedure: Procedure) -> Iterator[Said]:
    rule, step = procedure.opening, procedure.opening_step
    if rule is None or step is None:
        if any(s.needs or s.does for s in procedure.steps.values()) or procedure.parts or procedure.papers:
            yield "", "needs、does、participants、documents 须有 [opening]", "these parts need an [opening]"
        return
    field = step.field(rule.statement)
    if field is None or field.type != "long_text" or not field.required:
        yield (
            "opening.statement",
            f"“{rule.statement}”应是发起表单中必填的 long_text 字段",
            f"{rule.statement!r} must be a required long_text field of the opening",
        )
    named = step.field(rule.unit) if rule.holder == "named" else None
    if rule.holder == "named" and (named is None or named.type != "unit" or not named.required):
        yield (
            "opening.unit",
            f"“{rule.unit}”应是必填的 unit 字段",
            f"{rule.unit!r} must be a required field of type unit",
        )
    if rule.as_ and procedure.parts[rule.as_].kind != "contact":
        yield "opening.as", "发起人的角色应为 contact 类", "the opener's role must be of the kind contact"


def _clocks(procedure: Procedure, fields: Collection[str]) -> Iterator[Said]:
    started = {c for s in procedure.steps.values() for a in s.does if a.kind == "start" for c in a.of}
    for clock in procedure.clocks.values():
        path = f"clocks.{clock.id}"
        for key, name in (("since", clock.since), ("until", clock.until)):
            field = procedure.fields.get(name)
            if name and (field is None or field.type not in ("date", "instant") or field.personal or not field.keep):
                yield (
                    f"{path}.{key}",
                    f"“{name}”应是保留的、非个人信息的 date 或 instant 字段",
                    f"{name!r} must be a kept, not personal field of type date or instant",
                )
        if not clock.starts and clock.id not in started:
            yield f"{path}.starts", "没有阶段或步骤启动此时钟", "no stage and no step starts this clock"


def _step(procedure: Procedure, step: Step, fields: Collection[str]) -> Iterator[Said]:
    path = "opening" if step is procedure.opening_step else f"steps.{step.id}"
    before: set[str] = {f.id for f in procedure.fields.values()} - {f.id for f in step.fields}
    for field in step.fields:
        where = f"{path}.fields.{field.id}"
        yield from _field(procedure, field, where, before)
        before.add(field.id)
    for need in step.needs:
        yield from _need(procedure, need, path, fields)
    for act in step.does:
        yield from _act(procedure, act, path, fields)


def _field(procedure: Procedure, field: Field, where: str, before: Collection[str]) -> Iterator[Said]:
    if field.group and field.group not in procedure.groups:
        yield f"{where}.group", f"没有分组“{field.group}”", f"there is no group {field.group!r}"
    if field.when is not None:
        for name in sorted(field.when.names - set(before) - AROUND):
            yield f"{where}.when", f"条件中的“{name}”不是此前的字段", f"{name!r} is no field that stands before"


def _need(procedure: Procedure, need: Need, path: str, fields: Collection[str]) -> Iterator[Said]:
    tables: dict[str, Collection[str]] = {
        **dict.fromkeys(("consent", "present"), procedure.parts),
        **dict.fromkeys(("clock", "past"), procedure.clocks),
        "issued": procedure.papers,
        **dict.fromkeys(("taken", "other"), procedure.steps),
    }
    for name in need.of:
        if need.kind in tables and name not in tables[need.kind]:
            yield f"{path}.needs", f"“{need.kind}”中没有“{name}”", f"{name!r} in {need.kind!r} is not declared"
    if need.kind == "consent":
        for role in need.of:
            if role in procedure.parts and not procedure.parts[role].consents:
                yield f"{path}.needs", f"“{role}”未声明 consents", f"{role!r} does not declare 'consents'"
    if need.when is not None:
        for name in sorted(need.when.names - set(fields) - AROUND):
            yield f"{path}.needs", f"条件中没有字段“{name}”", f"the condition names no field {name!r}"


_PEOPLE = ("join", "leave", "bar", "ask", "consent", "withdraw")
_FIELDS = {
    "join": ("name", "phone", "post", "unit"),
    "leave": ("who",),
    "bar": ("who",),
    "consent": ("who",),
    "withdraw": ("who",),
    "link": ("matter",),
    "appoint": ("at", "place", "post"),
}


def _act(procedure: Procedure, act: Act, path: str, fields: Collection[str]) -> Iterator[Said]:
    where = f"{path}.does"
    tables: dict[str, Collection[str]] = {
        **dict.fromkeys(_PEOPLE, procedure.parts),
        **dict.fromkeys(("start", "stop"), procedure.clocks),
        "issue": procedure.papers,
        "extend": [f"{c.id}.{e}" for c in procedure.clocks.values() for e in c.extensions],
    }
    for name in act.of:
        if act.kind in tables and name not in tables[act.kind]:
            yield where, f"“{act.kind}”中没有“{name}”", f"{name!r} in {act.kind!r} is not declared"
    for key in _FIELDS.get(act.kind, ()):
        if key not in act.with_:
            continue
        name = act.with_[key]
        if name not in fields:
            yield where, f"“{key}”：没有字段“{name}”", f"{key!r}: there is no field {name!r}"
        elif key in _TYPES and procedure.fields[name].type not in _TYPES[key]:
            yield where, f"字段“{name}”类型应为{_TYPES[key][0]}", f"{name!r} should be of the type {_TYPES[key][0]}"
    if act.kind == "set":
        for name in act.with_:
            if name not in fields:
                yield where, f"set：没有字段“{name}”", f"set: there is no field {name!r}"
