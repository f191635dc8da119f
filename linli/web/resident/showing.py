"""What the resident's pages show of a matter, put together from queries in a constant number of SQL statements."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from linli.audit import queries as audit
from linli.core.clocks import PAUSED, STOPPED, Clock
from linli.core.procedure import Procedure, Stage, Step
from linli.core.role_words import said as role_words
from linli.core.routing import level_of_area, level_words
from linli.core.snapshot import Snapshot
from linli.core.words import Words
from linli.kernel import clock
from linli.matters import queries, reference
from linli.matters.drafting import PLACED
from linli.matters.models import Evidence, Matter
from linli.matters.tracking import tracking_code
from linli.understanding.danger import KINDS
from linli.web import frame

MAIN = ("received", "working", "answered", "closed")  # the straight way of a request, for the line of stages


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has the matter in hand, as a resident may know it."""

    name: str
    role: Words
    unit: Words
    phone: str


@dataclass(frozen=True, slots=True)
class Shown:
    """One clock with its name, and why it stands still. *idle*: an ending stopped it, not work."""

    clock: Clock
    name: Words
    reason: Words | str
    idle: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the history in plain words."""

    at: datetime
    who: str
    what: Words | str
    details: tuple[str, ...]
    photos: tuple[Evidence, ...]
    own: bool  # by the resident


@dataclass(frozen=True, slots=True)
class Seen:
    """Somebody opened the file."""

    at: datetime
    who: str


@dataclass(frozen=True, slots=True)
class Asked:
    """One question back to the resident: where it is. *choices*: area and full name."""

    question: Words
    choices: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """One stage in the line of stages: done, here or to come."""

    stage: Stage
    state: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything a page shows about one matter."""

    matter: Matter
    code: str
    snap: Snapshot
    stage: Stage
    category: Words
    leaf: Words
    known: bool
    doubtful: bool
    place: str
    holder: Holder | None
    waiting: str
    clocks: tuple[Shown, ...]
    danger: Words | None
    marks: tuple[Mark, ...]
    steps: dict[str, Step]
    asked: Asked | None = None

    @property
    def placed(self) -> bool:
        """Whether the place is known better than the county."""
        return len(self.matter.area) >= PLACED

    @property
    def said(self) -> str:
        """What was said in this part; empty once erased."""
        return self.matter.statement.part or self.matter.statement.text

    @property
    def open(self) -> bool:
        """Whether anything is still to be done by staff."""
        return self.stage.kind == "open"


def sheet(matter: Matter) -> Sheet:
    """The sheet of *matter*. One SQL statement beyond reading the matter itself."""
    snap = queries.snapshot_of(matter.pk)
    if snap is None:
        raise Matter.DoesNotExist
    procedure = snap.procedure
    category = reference.current().catalogue.by_code.get(matter.category)
    steps = queries.steps_for(queries.resident(matter), snap)
    holder = _holder(matter)
    return Sheet(
        matter=matter,
        code=tracking_code(matter.pk),
        snap=snap,
        stage=procedure.stages[matter.stage],
        category=category.path if category else snap.terms.labels,
        leaf=category.label if category else snap.terms.labels,
        known=category is not None,
        doubtful=_doubtful(matter, procedure),
        place=frame.area_chain(matter.area),
        holder=holder,
        waiting="" if holder else _waiting(snap),
        clocks=_clocks(matter, snap),
        danger=_danger(matter),
        marks=_marks(procedure, matter.stage),
        steps={step.id: step for step in steps},
        asked=_asked(matter) if any(step.id == "place" for step in steps) else None,
    )


def _asked(matter: Matter) -> Asked | None:
    """The question that was kept with the reading, while the place is not known; None where nothing is to be asked."""
    part = (matter.statement.reading or {}).get("part") or {}
    question, index = part.get("question"), reference.current().index
    areas = [str(guess.get("area")) for guess in part.get("places") or ()]
    known = [area for area in areas if area in index]
    if len(matter.area) >= PLACED or not question or not known:
        return None
    return Asked(Words(str(question["zh"]), str(question["en"])), tuple((a, _chain(a)) for a in known))


def _doubtful(matter: Matter, procedure: Procedure) -> bool:
    """Whether the category shown is only what was understood at first: a person has still to look at it. What may be
    a danger is dispatched before anybody looked."""
    part = (matter.statement.reading or {}).get("part") or {}
    guess = (part.get("category") or {}).get("code")
    unseen = matter.stage == procedure.unsure or (matter.urgent and matter.seq == 1)
    return unseen and not part.get("sure", True) and guess == matter.category


def _chain(area: str) -> str:
    """The names down to *area*; a village is left out where its grid's name begins with it."""
    names = frame.area_chain(area).split(" · ")
    return " · ".join(name for name, below in zip(names, [*names[1:], ""], strict=True) if not below.startswith(name))


def _holder(matter: Matter) -> Holder | None:
    post, unit = matter.holder_post, matter.holder_unit
    if post is None and unit is None:
        return None
    unit_words = Words(unit.name, unit.name_en or unit.name) if unit else Words("", "")
    name, role = (post.person.name, role_words(post.role)) if post else ("", Words("", ""))
    return Holder(name, role, unit_words, unit.phone if unit else "")


def _waiting(snap: Snapshot) -> str:
    """What is true while nobody holds it: who has been told, at which level. No query."""
    own = snap.level or level_of_area(snap.area)
    _seats, level = snap.roster.listeners(snap.area, own, clock.now())
    if not level:
        return _("各级中心目前均无人在岗；事项已登记，有人到岗即办。紧急情况请拨打 110、119、120")
    if level == own:
        return _("正在安排，值班人员已收到提醒")
    name = level_words(level).said(get_language() or "zh-hans")
    return _("本级暂无值守人员，已提请%(level)s中心安排") % {"level": name}


def _clocks(matter: Matter, snap: Snapshot) -> tuple[Shown, ...]:
    """Public clocks that run or stand still, the soonest first; without any, the last that were stopped."""
    rules = snap.procedure.clocks
    public = [c for c in snap.clocks if c.rule in rules and rules[c.rule].public]
    live = sorted((c for c in public if c.state != STOPPED), key=lambda c: c.due_at)
    if not live:
        last = {c.rule: c for c in public if rules[c.rule].lapse == ""}
        live = list(last.values())
    ends = queries.idle_stops(matter, live)
    return tuple(_face(c, matter, snap, ends) for c in live)


def _face(clock: Clock, matter: Matter, snap: Snapshot, ends: Mapping[datetime, str]) -> Shown:
    name, ending = snap.procedure.clocks[clock.rule].labels, ends.get(clock.stopped_at) if clock.stopped_at else None
    if ending is not None:
        return Shown(clock, name, snap.procedure.stages[ending].labels, idle=True)
    return Shown(clock, name, _why_paused(matter, snap, clock))


def _why_paused(matter: Matter, snap: Snapshot, clock: Clock) -> Words | str:
    """The reason given with the last pause."""
    if clock.state != PAUSED:
        return ""
    last = queries.last_pause(matter)
    declared = snap.procedure.pauses.get(str(last.data.get("reason"))) if last else None
    return declared.labels if declared else ""


def _danger(matter: Matter) -> Words | None:
    """What kind of danger was understood; None when none was."""
    found = (matter.statement.reading or {}).get("danger") or {}
    if found:
        return KINDS.get(str(found.get("kind")), Words("紧急情况", "Emergency"))
    return Words("紧急情况", "Emergency") if matter.urgent else None


def _marks(procedure: Procedure, stage: str) -> tuple[Mark, ...]:
    """The line of stages. A matter that left the straight way shows where it ended."""
    way = [s for s in MAIN if s in procedure.stages]
    if stage == procedure.unsure:
        way = [stage, *way]
    elif stage not in way:
        return (Mark(procedure.stages[way[0]], "done"), Mark(procedure.stages[stage], "here"))
    here = way.index(stage)
    states = ["done" if i < here else "here" if i == here else "ahead" for i in range(len(way))]
    return tuple(Mark(procedure.stages[s], state) for s, state in zip(way, states, strict=True))


def siblings(matter: Matter) -> list[tuple[Matter, str]]:
    """The other matters of the same sentence with their private codes. One SQL statement."""
    return [(row, tracking_code(row.pk)) for row in queries.siblings(matter)]


def lines(matter: Matter, procedure: Procedure) -> list[Line]:
    """The history that a resident reads, newest first. Three SQL statements."""
    found = [_line(line, procedure) for line in queries.history(matter)]
    return [line for line in reversed(found) if line is not None]


def _line(line: queries.Line, procedure: Procedure) -> Line | None:
    event = line.event
    what = _what(event.step, event.data, procedure)
    if not what:
        return None
    if event.actor_kind == "resident":
        who = _("您")
    elif event.actor_kind in ("clock", "system"):
        who = _("系统")
    else:
        who = event.actor_name or _("工作人员")
    details = [text for name, text in line.texts.items() if text and name != "why"]
    rating = event.data.get("rating")
    if rating:
        details.append(_("满意度：%(rating)s 分") % {"rating": rating})
    holder = event.data.get("holder")
    if isinstance(holder, dict) and holder.get("name") and event.step != "claim":
        place = f"{holder.get('unit_name', '')} {holder['name']}".strip()
        details.append(_("承办人：%(holder)s") % {"holder": place})
    return Line(event.at, who, what, tuple(details), line.files, event.actor_kind == "resident")


def _what(step: str, data: dict[str, object], procedure: Procedure) -> Words | str:
    """The line's text; empty for what is no business of the resident's."""
    declared = procedure.steps.get(step)
    if declared is not None:
        return declared.tells if declared.tells.zh else ""
    if step == "clock.rung":
        return _climbed(data)
    known = {"open": _("收到您的诉求"), "clock.breach": _("超过承诺时限"), "erased": _("个人信息已按申请删除")}
    return known.get(step, "")


def _climbed(data: dict[str, object]) -> Words:
    """What an escalation did."""
    level = data.get("level")
    if isinstance(level, dict):
        zh, en = level.get("zh", ""), level.get("en", "")
        return Words(f"超时后上报：由{zh}一级督办", f"Past its deadline: the {en} level takes charge")
    if data.get("holder"):
        return Words("超时后换人承办", "Past its deadline: given to another person")
    return Words("超时后再次催办", "Past its deadline: pressed again")


def viewers(matter: Matter, most: int = 50) -> list[Seen]:
    """Who opened the file, newest first. One SQL statement."""
    rows = audit.of_target("matter", str(matter.pk))[:most]
    return [Seen(row.at, str(row.data.get("name") or _("工作人员"))) for row in rows]
