"""Reading what a declaration has beyond stages and clocks: opening, participants, needs, acts, papers, extensions."""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any, Final

from linli.core import language as core
from linli.core.conditions import Condition, ConditionError, parse
from linli.core.role_words import RELATIONS, ROLES, UNIT_KINDS
from linli.core.words import Words
from linli.procedures.reader import Reader

OPEN: Final = "open"
TOP: Final = (
    *("systems", "opening", "participants", "groups", "documents", "retention", "publicity", "seal", "moves"),
    "number",
)
_OPENING = ("by", "from", "holder", "unit", "roles", "as", "statement", "labels", "help", "fields", "does")
_PART = ("labels", "kind", "least", "most", "consents", "barred")
_PAPER = ("labels", "template", "number", "per", "signed", "public")
_EXTENSION = ("labels", "adds", "most", "source", "after")
OFFICES: Final = ("officer", "unit_lead")


def by(read: Reader, data: Mapping[str, Any], path: str, who: Collection[str]) -> tuple[str, ...]:
    """Roles, relations, participants, and ``office@kind of unit``."""
    given = read.strings(data, path, "by", required=True)
    for one in given:
        office, at, kind = one.partition("@")
        if one in who or (at and office in ROLES and kind in UNIT_KINDS):
            continue
        names = ", ".join([*sorted(who), "officer@court …"])
        read.wrong(
            f"{path}.by",
            f"“by”中不认识“{one}”；可用：{names}；单位类型：{', '.join(UNIT_KINDS)}",
            f"{one!r} in 'by' is unknown; known: {names}; kinds of unit: {', '.join(UNIT_KINDS)}",
        )
    return given


def condition(read: Reader, data: Mapping[str, Any], path: str, key: str) -> Condition | None:
    """A condition, or none. What cannot be read is a problem."""
    text = read.text(data, path, key)
    if not text:
        return None
    try:
        return parse(text)
    except ConditionError as error:
        read.wrong(f"{path}.{key}", f"条件“{text}”无法读取：{error}", f"the condition {text!r} cannot be read: {error}")
        return None


def opening(read: Reader, data: Mapping[str, Any], known: Collection[str]) -> core.OpeningRule | None:
    """``[opening]``: how a matter of this kind begins."""
    given = read.table(data, "", "opening")
    if not given:
        return None
    path = "opening"
    read.only(given, path, _OPENING)
    holder = read.one(given, path, "holder", core.HOLDERS)
    unit = read.text(given, path, "unit") if holder == "named" else read.one(given, path, "unit", {"", *UNIT_KINDS}, "")
    if (holder != "route") != bool(unit):
        read.wrong(
            path,
            "holder 为 nearest、opener 时须写 unit（单位类型），为 named 时写单位字段",
            "with holder 'nearest' or 'opener' name the kind of unit, with 'named' the field that holds it: unit",
        )
    return core.OpeningRule(
        by(read, given, path, set(ROLES) | set(RELATIONS)) if "by" in given or "from" not in given else (),
        read.strings(given, path, "from"),
        holder,
        unit,
        read.strings(given, path, "roles", ROLES) or OFFICES,
        read.one(given, path, "as", {"", *known}, ""),
        read.text(given, path, "statement", required=True),
        read.words(given, path, "labels", required=False) or Words("发起", "Open"),
        read.words(given, path, "help", required=False),
    )


def parts(read: Reader, data: Mapping[str, Any]) -> dict[str, core.Part]:
    """``[participants.ROLE]``."""
    found = {}
    for ident, given in read.tables(data, "", "participants").items():
        path = f"participants.{ident}"
        read.only(given, path, _PART)
        if ident in ROLES or ident in RELATIONS:
            read.wrong(path, f"“{ident}”是岗位或关系的名称，请换一个", f"{ident!r} is an office or a relation already")
        found[ident] = core.Part(
            ident,
            read.words(given, path, "labels"),
            read.one(given, path, "kind", core.KINDS),
            read.whole(given, path, "least", 0, 100, 0),
            read.whole(given, path, "most", 1, 100, 1),
            read.flag(given, path, "consents", default=False),
            read.flag(given, path, "barred", default=False),
        )
    return found


def groups(read: Reader, data: Mapping[str, Any]) -> dict[str, Words]:
    """``[groups]``: headings of forms."""
    given = read.table(data, "", "groups")
    return {ident: read.words(given, "groups", ident) for ident in given}


def papers(read: Reader, data: Mapping[str, Any], known: Collection[str]) -> dict[str, core.Paper]:
    """``[documents.ID]``."""
    found = {}
    for ident, given in read.tables(data, "", "documents").items():
        path = f"documents.{ident}"
        read.only(given, path, _PAPER)
        number = read.text(given, path, "number")
        if number and "{n}" not in number:
            read.wrong(f"{path}.number", "编号须含 {n}", "a number must contain {n}")
        for name in _placeholders(number) - {"year", "n", "short", "area"}:
            read.wrong(f"{path}.number", f"编号中不认识 {{{name}}}", f"{{{name}}} is unknown in a number")
        found[ident] = core.Paper(
            ident,
            read.words(given, path, "labels"),
            read.text(given, path, "template", required=True),
            number,
            read.one(given, path, "per", core.COUNTED, "county"),
            read.strings(given, path, "signed", known),
            read.flag(given, path, "public", default=False),
        )
    return found


def _placeholders(form: str) -> set[str]:
    return {part.partition("}")[0] for part in form.split("{")[1:]}


def retention(read: Reader, data: Mapping[str, Any]) -> core.Retention | None:
    """``[retention]``: how long personal values are kept after the end."""
    given = read.table(data, "", "retention")
    if not given:
        return None
    read.only(given, "retention", ("keep", "source"))
    keep = read.span(given, "retention", "keep")
    source = read.text(given, "retention", "source", required=True)
    if keep is None:
        read.wrong("retention.keep", "须写明保存期限 keep", "state how long: keep")
        return None
    return core.Retention(keep, source)


def moves(
    read: Reader, data: Mapping[str, Any], stages: Collection[str], clocks: Collection[str]
) -> dict[int, core.Move]:
    """``[moves.1]``: how matters of version 1 come to this one."""
    found = {}
    for version, given in read.table(data, "", "moves").items():
        path = f"moves.{version}"
        if not version.isdigit() or not isinstance(given, dict):
            read.wrong(path, "写作 [moves.旧版本号]", "write [moves.OLD_VERSION]")
            continue
        read.only(given, path, ("stages", "clocks"))
        mapped = []
        for key, known in (("stages", stages), ("clocks", clocks)):
            table = read.table(given, path, key)
            for old, new in table.items():
                if new not in known:
                    read.wrong(f"{path}.{key}.{old}", f"新版中没有“{new}”", f"this version has no {new!r}")
            mapped.append(MappingProxyType({str(k): str(v) for k, v in table.items()}))
        found[int(version)] = core.Move(mapped[0], mapped[1])
    return found


def needs(read: Reader, data: Mapping[str, Any], path: str) -> tuple[core.Need, ...]:
    """``needs = [{ consent = [...], says = {...} }, …]``."""
    found = []
    for number, given in enumerate(_tables(read, data, path, "needs")):
        where = f"{path}.needs"
        kind = _kind(read, given, where, core.NEEDS)
        if not kind:
            continue
        read.only(given, where, (kind, "says", "outcome"))
        when = condition(read, given, where, "when") if kind == "when" else None
        of = () if kind == "when" else _listed(read, given, where, kind)
        outcomes = _listed(read, given, where, "outcome") if "outcome" in given else ()
        says = read.words(given, f"{where}.{number}", "says", required=kind == "when")
        found.append(core.Need(kind, of, outcomes, when, says))
    return tuple(found)


def acts(read: Reader, data: Mapping[str, Any], path: str) -> tuple[core.Act, ...]:
    """``does = [{ join = "respondent", name = "their_name" }, …]``."""
    found = []
    for given in _tables(read, data, path, "does"):
        where = f"{path}.does"
        kind = _kind(read, given, where, core.ACTS)
        if not kind:
            continue
        when = condition(read, given, where, "when")
        if kind == "set":
            values = read.table(given, where, "set", required=True)
            found.append(core.Act(kind, (), MappingProxyType(dict(values)), when))
            continue
        with_ = {k: v for k, v in given.items() if k not in (kind, "when", "with")}
        carried = read.table(given, where, "with")
        for key, value in {**with_, **carried}.items():
            if not isinstance(value, str | bool):
                read.wrong(where, f"“{key}”应为字段标识", f"{key!r} should be a field's identifier")
        of = () if given[kind] is True else _listed(read, given, where, kind)
        found.append(core.Act(kind, of, MappingProxyType({**with_, **carried}), when))
    return tuple(found)


def _tables(read: Reader, data: Mapping[str, Any], path: str, key: str) -> list[dict[str, Any]]:
    given = data.get(key, [])
    if not isinstance(given, list) or not all(isinstance(g, dict) for g in given):
        read.wrong(f"{path}.{key}", f"“{key}”写作 [{{ … }}, …]", f"write {key!r} as [{{ … }}, …]")
        return []
    return given


def _kind(read: Reader, given: Mapping[str, Any], path: str, known: Collection[str]) -> str:
    """The one word of the vocabulary that a table has."""
    words = [key for key in given if key in known]
    # `consent` asks and answers, `open` begins: the first key says what the table is about
    if words and (len(words) == 1 or words[0] == next(iter(given))):
        return words[0]
    names = ", ".join(sorted(known))
    read.wrong(path, f"每项须有且只有一个：{names}", f"each must have exactly one of: {names}")
    return ""


def _listed(read: Reader, given: Mapping[str, Any], path: str, key: str) -> tuple[str, ...]:
    value = given.get(key)
    if isinstance(value, str):
        return (value,)
    return read.strings(given, path, key, required=True)


def extensions(read: Reader, data: Mapping[str, Any], path: str) -> dict[str, core.Extension]:
    """``[clocks.X.extensions.Y]``."""
    found: dict[str, core.Extension] = {}
    for ident, given in read.tables(data, path, "extensions").items():
        where = f"{path}.extensions.{ident}"
        read.only(given, where, _EXTENSION)
        adds = read.span(given, where, "adds")
        if adds is None:
            read.wrong(where, "须写明延长多久 adds", "state how much it adds: adds")
            continue
        found[ident] = core.Extension(
            ident,
            read.words(given, where, "labels"),
            adds,
            read.whole(given, where, "most", 1, 100, 1),
            read.text(given, where, "source", required=True),
            read.one(given, where, "after", {"", *found}, ""),
        )
    return found
