"""What staff pages show of a matter: cards for lists, a sheet for the page of one. No writes, no N+1."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from linli.audit import queries as audit
from linli.core.clocks import OPEN, PAUSED, STOPPED, Clock
from linli.core.procedure import Procedure, Stage, Step
from linli.core.role_words import said as role_words
from linli.core.routing import level_of_area, level_words
from linli.core.snapshot import Snapshot
from linli.core.words import Words
from linli.matters import queries, reference
from linli.matters.models import Assignment, Evidence, Matter, Statement
from linli.matters.relations import actor_for
from linli.parties.access import Viewer
from linli.parties.roles import CENTRE_ROLES
from linli.places import queries as places
from linli.understanding.danger import KINDS
from linli.understanding.reading import SPAN_KINDS
from linli.web import frame, suggested

HIDDEN = frozenset(SPAN_KINDS) - {"advertising"}  # also the door: only who handles a matter needs it
_RUNGS = {
    "next_person": Words("换下一位承办", "Passed to the next person"),
    "level_up": Words("升到上一级", "Passed to the level above"),
    "oversee_up": Words("上一级督办", "The level above looks on"),
    "remind": Words("再次提醒", "Reminded again"),
}
SNIPPET = 90  # characters of the statement in lists


@dataclass(slots=True)
class Running:
    """The soonest clock of a row, as the clock part draws it."""

    state: str
    warn_at: datetime
    due_at: datetime
    stopped_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """One matter in a list or on the board."""

    matter: Matter
    text: str
    place: str
    category: Words
    stage: Stage
    clock: Running | None
    holder: str
    merged: int
    level: Words


def masked(statement: Statement, *, part: bool = True) -> str:
    """What was said, with telephone numbers, names and other identifying spans covered."""
    reading = statement.reading or {}
    text = statement.text
    for span in sorted(reading.get("personal") or (), key=lambda s: -int(s.get("start", 0))):
        start, end = int(span.get("start", 0)), int(span.get("end", 0))
        if span.get("kind") in HIDDEN and 0 <= start < end <= len(text):
            text = text[:start] + "＊" * (end - start) + text[end:]
    if part and statement.part:
        start, end = (reading.get("part") or {}).get("span") or (0, 0)
        return text[start:end] if 0 <= start < end <= len(text) else statement.part
    return text


def covered(phone: str) -> str:
    """A telephone number of which only the last two digits stand."""
    return "＊" * max(0, len(phone) - 2) + phone[-2:] if phone else ""


def cards(rows: Iterable[Matter], merged: dict[Any, int] | None = None) -> list[Card]:
    """Rows (with statement, unit and person joined in) as cards. No query."""
    return [card(row, merged) for row in rows]


def card(row: Matter, merged: dict[Any, int] | None = None) -> Card:
    ref = reference.current()
    category = ref.catalogue.by_code.get(row.category)
    stage = ref.procedure(row.procedure, row.procedure_version).stages[row.stage]
    text = masked(row.statement).replace("\n", " ")
    erased = row.statement.erased_at is not None
    person = row.holder_post.person.name if row.holder_post else ""
    unit = row.holder_unit.name if row.holder_unit else ""
    return Card(
        row,
        _("（内容已按申请删除）") if erased else text[:SNIPPET] + ("…" if len(text) > SNIPPET else ""),
        short_place(row.area),
        category.label if category else ref.terms_of(row.category).labels,
        stage,
        running(row, stage),
        person or unit,
        (merged or {}).get(row.pk, 0),
        level_words(row.level) if row.level else Words("", ""),
    )


def short_place(area: str) -> str:
    """The last two names of a place; a name that the next one begins with is left out: `望汀街道 · 滨河社区第4网格`."""
    names = [entry.name for entry in places.chain(area)][1:] or [entry.name for entry in places.chain(area)]
    told = [name for n, name in enumerate(names) if n + 1 == len(names) or not names[n + 1].startswith(name)]
    return " · ".join(told[-2:])


def running(row: Matter, stage: Stage) -> Running | None:
    """The row's soonest clock; one that stands still while none runs at an open stage."""
    if row.due_at is not None and row.warn_at is not None:
        return Running(OPEN, row.warn_at, row.due_at)
    return Running(PAUSED, row.opened_at, row.opened_at) if stage.kind == "open" and row.closed_at is None else None


@dataclass(frozen=True, slots=True)
class Shown:
    """One clock with its name, where its deadline is written, and why it stands still. *idle*: an ending stopped it."""

    clock: Clock
    name: Words
    span: Words
    source: str
    reason: Words | str
    idle: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the history."""

    seq: int
    at: datetime
    who: str
    what: Words | str
    details: tuple[str, ...]
    facts: tuple[Words | str, ...]
    files: tuple[Evidence, ...]
    kind: str


@dataclass(frozen=True, slots=True)
class Given:
    """Who was given the matter, and why this one."""

    name: str
    unit: str
    at: datetime
    reasons: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything a staff page shows about one matter. *open_personal*: names and numbers are shown uncovered."""

    matter: Matter
    snap: Snapshot
    stage: Stage
    category: Words
    place: str
    level: Words
    said: str
    whole: str
    name: str
    phone: str
    open_personal: bool
    holder: str
    role: Words
    unit: str
    mine: bool
    clocks: tuple[Shown, ...]
    past: tuple[Shown, ...]
    steps: tuple[Step, ...]
    danger: Words | None
    reading: tuple[Words, ...]
    doubts: tuple[Words, ...]
    evidence: tuple[str, ...]

    @property
    def first_clock(self) -> Shown | None:
        return self.clocks[0] if self.clocks else None


def sheet(viewer: Viewer, matter: Matter) -> Sheet:
    """The sheet of *matter* for *viewer*. One query beyond the matter's own, two while a clock is paused."""
    snap = queries.snapshot_of(matter.pk)
    if snap is None:
        raise Matter.DoesNotExist
    category = reference.current().catalogue.by_code.get(matter.category)
    actor = actor_for(viewer, snap)
    plain = bool(actor.roles & (CENTRE_ROLES | {"holder"})) or _over(viewer, matter)
    statement = matter.statement
    post = matter.holder_post
    live, past = _clocks(snap, matter)
    reading = statement.reading or {}
    part = reading.get("part") or {}
    return Sheet(
        matter=matter,
        snap=snap,
        stage=snap.procedure.stages[matter.stage],
        category=category.path if category else snap.terms.labels,
        place=frame.area_chain(matter.area),
        level=level_words(matter.level) if matter.level else Words("", ""),
        said=(statement.part or statement.text) if plain else masked(statement),
        whole=(statement.text if plain else masked(statement, part=False)) if statement.part else "",
        name=statement.contact_name if plain else "＊" * len(statement.contact_name),
        phone=statement.contact_phone if plain else covered(statement.contact_phone),
        open_personal=plain,
        holder=post.person.name if post else "",
        role=role_words(post.role) if post else Words("", ""),
        unit=matter.holder_unit.name if matter.holder_unit else "",
        mine=post is not None and post.pk in viewer.post_ids,
        clocks=live,
        past=past,
        steps=queries.steps_for(viewer, snap),
        danger=_danger(matter, reading),
        reading=_words(part.get("reasons"), (part.get("category") or {}).get("reasons"), _place_reasons(part)),
        doubts=_words(part.get("doubts")),
        evidence=snap.terms.evidence,
    )


def _over(viewer: Viewer, matter: Matter) -> bool:
    """A centre whose area holds the place looks on, also while a level above is responsible."""
    return any(matter.area.startswith(area) for area in viewer.centre_areas)


def _place_reasons(part: dict[str, Any]) -> list[dict[str, str]]:
    return list((part.get("place") or {}).get("reasons") or ())


def _words(*lists: object) -> tuple[Words, ...]:
    """Kept reasons as words, each once."""
    found: dict[str, Words] = {}
    for one in lists:
        for item in one if isinstance(one, list) else ():
            if isinstance(item, dict) and item.get("zh"):
                found.setdefault(str(item["zh"]), Words(str(item["zh"]), str(item.get("en") or item["zh"])))
    return tuple(found.values())


def _danger(matter: Matter, reading: dict[str, Any]) -> Words | None:
    found = reading.get("danger") or (reading.get("part") or {}).get("danger") or {}
    if found:
        return KINDS.get(str(found.get("kind")), Words("紧急情况", "Emergency"))
    return Words("紧急情况", "Emergency") if matter.urgent else None


def _clocks(snap: Snapshot, matter: Matter) -> tuple[tuple[Shown, ...], tuple[Shown, ...]]:
    """Clocks that run or stand still, the soonest first; and those that were stopped."""
    why: Words | str = ""
    if any(c.state == PAUSED for c in snap.clocks):
        last = queries.last_pause(matter)
        declared = snap.procedure.pauses.get(str(last.data.get("reason"))) if last else None
        why = declared.labels if declared else ""
    ends = queries.idle_stops(matter, snap.clocks)
    shown = [_shown(c, snap, why, ends) for c in sorted(snap.clocks, key=lambda c: c.due_at)]
    live = tuple(s for s in shown if s.clock.state != STOPPED)
    return live, tuple(s for s in shown if s.clock.state == STOPPED)


def _shown(clock: Clock, snap: Snapshot, why: Words | str, ends: Mapping[datetime, str]) -> Shown:
    rule = snap.procedure.clocks.get(clock.rule)
    term = snap.terms.deadlines.get(clock.rule)
    name = rule.labels if rule else Words(clock.rule, clock.rule)
    source = term.source if term and rule and rule.within is None else rule.source if rule else ""
    span = Words(clock.span.said("zh"), clock.span.said("en"))
    ending = ends.get(clock.stopped_at) if clock.stopped_at else None
    if ending is not None:
        return Shown(clock, name, span, source, snap.procedure.stages[ending].labels, idle=True)
    return Shown(clock, name, span, source, why if clock.state == PAUSED else "")


def given(matter: Matter) -> list[Given]:
    """Everybody the matter was given to, the last first, with the reasons kept then. One query."""
    rows = Assignment.objects.filter(matter=matter).select_related("post__person", "unit").order_by("-at", "-id")[:20]
    return [
        Given(
            row.post.person.name if row.post else "",
            row.unit.name if row.unit else "",
            row.at,
            _words((row.reason or {}).get("reasons")),
        )
        for row in rows
    ]


def lines(matter: Matter, procedure: Procedure) -> list[Line]:
    """The whole history, newest first. Three queries."""
    return [_line(line, procedure) for line in reversed(queries.history(matter))]


def _line(line: queries.Line, procedure: Procedure) -> Line:
    event = line.event
    declared = procedure.steps.get(event.step)
    if event.actor_kind == "resident":
        who = _("诉求人")
    elif event.actor_kind in ("clock", "system"):
        who = _("系统")
    else:
        who = event.actor_name or _("工作人员")
    texts = tuple(text for name, text in line.texts.items() if name != "why")
    facts = tuple(_facts(event.data, declared))
    if rule := procedure.clocks.get(str(event.data.get("clock"))):
        facts = (rule.labels, *facts)
    kind = "breach" if event.step in ("clock.breach", "clock.rung") else event.actor_kind
    return Line(event.seq, event.at, who, _what(event.step, declared), texts, facts, line.files, kind)


def _what(step: str, declared: Step | None) -> Words | str:
    if declared is not None:
        return declared.labels
    return {
        "open": _("收到诉求"),
        "clock.warn": _("即将到期提醒"),
        "clock.breach": _("超过时限"),
        "clock.rung": _("超时升级"),
        "clock.moved": _("时限随日历或规则调整"),
    }.get(step, step)


def _facts(data: dict[str, Any], declared: Step | None) -> list[Words | str]:
    """What an event's plain values say, in words."""
    found: list[Words | str] = []
    chosen = [f for f in declared.fields if f.type == "choice" and data.get(f.id)] if declared else []
    found += [dict(f.choices).get(str(data[f.id]), str(data[f.id])) for f in chosen]
    if data.get("rating"):
        found.append(_("满意度：%(rating)s 分") % {"rating": data["rating"]})
    if declared is not None and "set_category" in declared.effects and data.get("category"):
        category = reference.current().catalogue.by_code.get(str(data["category"]))
        found += [category.path] if category else []
    found += suggested.facts(data)
    if data.get("into"):
        found.append(_("主事项：%(code)s") % {"code": data["into"]})
    holder = data.get("holder")
    if isinstance(holder, dict) and holder.get("name"):
        named = f"{holder.get('unit_name', '')} {holder['name']}".strip()
        found.append(_("承办人：%(holder)s") % {"holder": named})
    if rung := _RUNGS.get(str(data.get("rung"))):
        found.append(rung)
    level = data.get("level")
    if isinstance(level, dict) and level.get("zh"):
        zh, en = str(level["zh"]), str(level.get("en") or level["zh"])
        found.append(Words(f"责任层级：{zh}", f"Now the {en} level is responsible"))
    if data.get("late"):
        found.append(_("系统恢复后补记"))
    return found


def seen_by(matter: Matter, most: int = 30) -> list[tuple[datetime, str]]:
    """Who opened the file, newest first. One query."""
    rows = audit.of_target("matter", str(matter.pk))[:most]
    return [(row.at, str(row.data.get("name") or pgettext("person", "工作人员"))) for row in rows]


def outline(matter: Matter) -> dict[str, Any]:
    """The outline of the matter's place with the pin, as GeoJSON. One query."""
    features: list[dict[str, Any]] = []
    if matter.area:
        found = places.geojson(matter.area, level_of_area(matter.area))
        features += [f for f in found["features"] if f["id"] == matter.area]
    lon, lat = matter.statement.lon, matter.statement.lat
    if lon is not None and lat is not None:
        pin = {"type": "Point", "coordinates": [lon, lat]}
        features.append({"type": "Feature", "id": "pin", "properties": {}, "geometry": pin})
    return {"type": "FeatureCollection", "features": features}
