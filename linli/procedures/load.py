"""Procedures as declarations: TOML → ``core.procedure.Procedure``. One with any problem is refused as a whole."""

from collections.abc import Collection, Mapping
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal

from linli.core import language as core_language
from linli.core import procedure as core
from linli.core.role_words import ROLES
from linli.core.words import Words
from linli.procedures import language, references
from linli.procedures.reader import DeclarationError, Problem, Reader

__all__ = ["DeclarationError", "Kind", "Problem", "overrides", "procedure", "procedures", "shipped"]

Kind = Literal["procedures", "routing", "calendars", "catalogue"]

STAGE_KINDS: Final = frozenset({"open", "waiting", "done"})
TOLD: Final = frozenset({"holder", "previous", "level", "resident"})
WHO: Final = frozenset(ROLES) | core.RELATIONS
PACES: Final = frozenset({"minute", "hour", "day"})
PERSONAL: Final = frozenset({"", "contact", "identity", "address", "health", "money", "statement"})

STAGE_LENGTH: Final = 30  # what the tables hold
OUTCOME_LENGTH: Final = 20

_TOP = (
    *("id", "version", "labels", "source", "first", "unsure", "stages", "steps", "clocks", "pauses"),
    *language.TOP,
)
_STEP = (
    *("labels", "from", "to", "by", "fields", "guards", "effects", "evidence", "outcome", "notify", "tells", "files"),
    *("needs", "does", "most"),
)
_FIELD = (
    *("labels", "type", "help", "required", "limit", "choices", "personal", "purpose", "retention"),
    *("basis", "group", "when", "keep"),
)
_CLOCK = (
    *("labels", "starts", "stops", "within", "calendar", "warn", "ladder", "every"),
    *("source", "lapse", "since_opening", "public"),
    *("since", "until", "warn_before", "verified", "extensions", "urgent"),
)


def shipped(kind: Kind) -> dict[str, str]:
    """The declarations that come with Linli: identifier (the file's name) → body."""
    room = resources.files("linli.procedures")
    folder = next((f for f in (room / "data" / kind, room / kind) if f.is_dir()), None)
    if folder is None:
        return {}
    files = sorted((entry.name, entry) for entry in folder.iterdir() if entry.name.endswith(".toml"))
    return {name.removesuffix(".toml"): entry.read_text("utf-8") for name, entry in files}


def overrides(folder: Path, kind: Kind) -> dict[str, str]:
    """A city's own declarations in ``<folder>/<kind>/*.toml`` (folder: ``declarations`` of the data directory).

    DeclarationError names the files that are not UTF-8 text.
    """
    found: dict[str, str] = {}
    problems: list[Problem] = []
    for file in sorted((folder / kind).glob("*.toml")):
        try:
            found[file.stem] = file.read_text("utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            why = Words(f"文件无法按 UTF-8 读取：{error}", f"the file cannot be read as UTF-8: {error}")
            problems.append(Problem(f"{kind}/{file.name}:1", "", why))
    if problems:
        raise DeclarationError(tuple(problems))
    return found


def procedures(folder: Path | None = None) -> tuple[dict[str, core.Procedure], tuple[Problem, ...]]:
    """All procedures by id, a city's own over the shipped ones; and what was wrong with those left out."""
    found = {ident: procedure(body, f"{ident}.toml") for ident, body in shipped("procedures").items()}
    if folder is None:
        return found, ()
    problems: list[Problem] = []
    try:
        own = overrides(folder, "procedures")
    except DeclarationError as error:
        return found, error.problems
    for ident, body in own.items():
        try:
            loaded = procedure(body, f"procedures/{ident}.toml")
        except DeclarationError as error:
            problems.extend(error.problems)
        else:
            found[loaded.id] = loaded
    return found, tuple(problems)


def procedure(body: str, where: str) -> core.Procedure:
    """Read one procedure. *where* is the file or declaration it comes from. DeclarationError when anything is wrong."""
    read = Reader(body, where)
    data = read.data
    read.only(data, "", _TOP)
    stages = {i: _stage(read, i, d) for i, d in read.tables(data, "", "stages", required=True).items()}
    parts = language.parts(read, data)
    who = WHO | set(parts)
    steps = {i: _step(read, i, d, stages, who) for i, d in read.tables(data, "", "steps", required=True).items()}
    opening = language.opening(read, data, parts)
    fields = _fields(read, data["opening"], "opening") if opening else ()
    clocks = {i: _clock(read, i, d, stages, steps) for i, d in read.tables(data, "", "clocks").items()}
    pauses = {i: _pause(read, i, d, clocks) for i, d in read.tables(data, "", "pauses").items()}
    _needs(read, steps, pauses)
    first, unsure = _firsts(read, data, stages, same=opening is not None)
    made = core.Procedure(
        read.ident(read.text(data, "", "id", required=True), "id"),
        read.whole(data, "", "version", 1, 1_000_000),
        read.words(data, "", "labels"),
        read.text(data, "", "source", required=True),
        first,
        unsure,
        MappingProxyType(stages),
        MappingProxyType(steps),
        MappingProxyType(clocks),
        MappingProxyType(pauses),
        opening,
        _opening_step(read, data, opening, fields) if opening else None,
        MappingProxyType(parts),
        MappingProxyType(language.groups(read, data)),
        MappingProxyType(language.papers(read, data, parts)),
        language.retention(read, data),
        read.one(data, "", "publicity", core_language.PUBLICITY, "none"),
        read.one(data, "", "seal", core_language.SEALS, ""),
        MappingProxyType(language.moves(read, data, stages, clocks)),
        read.strings(data, "", "systems"),
    )
    references.check(read, made)
    read.done()
    return made


def _firsts(read: Reader, data: Mapping[str, Any], stages: Mapping[str, core.Stage], *, same: bool) -> tuple[str, str]:
    """Where a matter begins, and where an unsure one does; with an opening a person is always sure."""
    first = read.one(data, "", "first", stages)
    unsure = read.one(data, "", "unsure", stages, first if same else None)
    for key, stage in (("first", first), ("unsure", unsure)):
        if stage in stages and stages[stage].kind == "done":
            read.wrong(key, f"“{key}”不能是已办结的阶段", f"{key!r} may not be a stage that is done")
    return first, unsure


def _opening_step(
    read: Reader, data: Mapping[str, Any], rule: core_language.OpeningRule, fields: tuple[core.Field, ...]
) -> core.Step:
    return core.Step(
        language.OPEN, rule.labels, (), "", rule.by, fields, does=language.acts(read, data["opening"], "opening")
    )


def _stage(read: Reader, ident: str, data: Mapping[str, Any]) -> core.Stage:
    path = f"stages.{ident}"
    read.only(data, path, ("zh", "en", "kind"))
    if len(ident) > STAGE_LENGTH:
        read.wrong(
            path, f"阶段标识最长{STAGE_LENGTH}个字符", f"a stage's identifier has {STAGE_LENGTH} characters at most"
        )
    return core.Stage(ident, read.both(data, path), read.one(data, path, "kind", STAGE_KINDS, "open"))


def _fields(read: Reader, data: Mapping[str, Any], path: str) -> tuple[core.Field, ...]:
    return tuple(_field(read, f"{path}.fields.{i}", i, d) for i, d in read.tables(data, path, "fields").items())


def _step(
    read: Reader, ident: str, data: Mapping[str, Any], stages: Collection[str], who: Collection[str]
) -> core.Step:
    path = f"steps.{ident}"
    read.only(data, path, _STEP)
    fields = _fields(read, data, path)
    return core.Step(
        ident,
        read.words(data, path, "labels"),
        read.strings(data, path, "from", stages, required=True),
        read.one(data, path, "to", {"", *stages}, ""),
        language.by(read, data, path, who),
        fields,
        read.strings(data, path, "guards", core.GUARDS),
        read.strings(data, path, "effects", core.EFFECTS),
        read.flag(data, path, "evidence", default=False),
        _outcome(read, data, path),
        read.strings(data, path, "notify", TOLD),
        read.words(data, path, "tells", required=False),
        read.flag(data, path, "files", default=False),
        language.needs(read, data, path),
        language.acts(read, data, path),
        read.whole(data, path, "most", 0, 1000, 0),
    )


def _outcome(read: Reader, data: Mapping[str, Any], path: str) -> str:
    outcome = read.text(data, path, "outcome")
    if outcome and len(read.ident(outcome, f"{path}.outcome")) > OUTCOME_LENGTH:
        read.wrong(
            f"{path}.outcome", f"结果最长{OUTCOME_LENGTH}个字符", f"an outcome has {OUTCOME_LENGTH} characters at most"
        )
    return outcome


def _field(read: Reader, path: str, ident: str, data: Mapping[str, Any]) -> core.Field:
    read.only(data, path, _FIELD)
    kind = read.one(data, path, "type", core.FIELD_TYPES)
    if "retention" in data:
        read.span(data, path, "retention")
    return core.Field(
        ident,
        kind,
        read.words(data, path, "labels"),
        read.words(data, path, "help", required=False),
        read.flag(data, path, "required", default=False),
        read.whole(data, path, "limit", 1, 100_000, 200),
        _choices(read, path, kind, data),
        read.one(data, path, "personal", PERSONAL, ""),
        read.words(data, path, "purpose", required=False),
        str(data.get("retention", "")),
        read.text(data, path, "basis"),
        read.text(data, path, "group"),
        language.condition(read, data, path, "when"),
        read.flag(data, path, "keep", default=True),
    )


def _choices(read: Reader, path: str, kind: str, data: Mapping[str, Any]) -> tuple[tuple[str, Words], ...]:
    given = data.get("choices", [])
    if not isinstance(given, list) or not all(isinstance(c, dict) and isinstance(c.get("id"), str) for c in given):
        read.wrong(
            f"{path}.choices",
            '选项写作 [{ id = "…", zh = "…", en = "…" }]',
            'write choices as [{ id = "…", zh = "…", en = "…" }]',
        )
        return ()
    if (kind in ("choice", "choices")) != bool(given):
        read.wrong(
            path,
            "choice、choices 类型的字段才有、且必须有 choices",
            "a field has choices if and only if its type is choice or choices",
        )
    found: dict[str, Words] = {}
    for choice in given:
        read.only(choice, f"{path}.choices", ("id", "zh", "en"))
        ident = read.ident(choice["id"], f"{path}.choices")
        if ident in found:
            read.wrong(f"{path}.choices", f"选项“{ident}”重复", f"the choice {ident!r} stands twice")
        found[ident] = read.both(choice, f"{path}.choices")
    return tuple(found.items())


def _clock(
    read: Reader, ident: str, data: Mapping[str, Any], stages: Collection[str], steps: Collection[str]
) -> core.ClockRule:
    path = f"clocks.{ident}"
    read.only(data, path, _CLOCK)
    if "within" not in data and "until" not in data:
        read.wrong(path, '缺少“within”：写时长，或 "category"（按分类）', '"within" is missing: a span, or "category"')
    every = read.span(data, path, "every")
    if every is not None and every.unit.value not in PACES:
        read.wrong(f"{path}.every", "“every”只能用分、时、日", "'every' is given in minutes, hours or days")
        every = None
    starts = read.strings(data, path, "starts", stages)
    stops = read.strings(data, path, "stops", stages)
    for stage in sorted(set(starts) & set(stops)):
        read.wrong(path, f"时钟在“{stage}”既开始又停止", f"the clock both starts and stops at {stage!r}")
    return core.ClockRule(
        ident,
        read.words(data, path, "labels"),
        starts,
        stops,
        None if data.get("within") == "category" else read.span(data, path, "within"),
        read.text(data, path, "calendar", required=True),
        read.share(data, path, "warn", 1.0 if "warn_before" in data else None),
        read.strings(data, path, "ladder", core.RUNGS),
        every,
        read.text(data, path, "source", required=True),
        read.one(data, path, "lapse", {"", *steps}, ""),
        read.flag(data, path, "since_opening", default=False),
        read.flag(data, path, "public", default=True),
        read.text(data, path, "since"),
        read.text(data, path, "until"),
        read.span(data, path, "warn_before"),
        read.flag(data, path, "verified", default="unverified" not in str(data.get("source", "")).lower()),
        MappingProxyType(language.extensions(read, data, path)),
        read.span(data, path, "urgent"),
    )


def _pause(read: Reader, ident: str, data: Mapping[str, Any], clocks: Collection[str]) -> core.PauseReason:
    path = f"pauses.{ident}"
    read.only(data, path, ("zh", "en", "clocks", "source"))
    stopped = read.strings(data, path, "clocks", clocks, required=True)
    return core.PauseReason(ident, read.both(data, path), stopped, read.text(data, path, "source"))


# What an effect needs of its step: field, its type. Without it the step could not be decided.
_FIELDS_NEEDED: Final = {"assign": ("post", "post"), "pause": ("reason", "choice")}
_FIELDS_READ: Final = {
    "set_category": ("category", "category"),
    "set_area": ("area", "area"),
    "rate": ("rating", "rating"),
}


def _needs(read: Reader, steps: Mapping[str, core.Step], pauses: Collection[str]) -> None:
    for step in steps.values():
        path = f"steps.{step.id}"
        for effect in step.effects:
            ident, kind = (_FIELDS_NEEDED | _FIELDS_READ).get(effect, ("", ""))
            field = step.field(ident) if ident else None
            if field is not None and field.type != kind:
                read.wrong(
                    f"{path}.fields.{ident}",
                    f"效果“{effect}”要求字段“{ident}”的类型为 {kind}",
                    f"the effect {effect!r} reads {ident!r} as a field of type {kind!r}",
                )
            if effect in _FIELDS_NEEDED and (field is None or not field.required):
                read.wrong(
                    path,
                    f"效果“{effect}”需要必填字段“{ident}”",
                    f"the effect {effect!r} needs a required field {ident!r}",
                )
        if "pause" in step.effects and (field := step.field("reason")) is not None:
            for choice in sorted({c for c, _ in field.choices} - set(pauses)):
                read.wrong(
                    f"{path}.fields.reason",
                    f"暂停原因“{choice}”未在 [pauses] 中声明",
                    f"the reason {choice!r} is not declared in [pauses]",
                )
