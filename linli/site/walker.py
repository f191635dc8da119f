"""Walks a procedure: every way from its opening to an end, every step at least once, through the real API.

What a step needs is brought about first by other steps of the procedure (consent, participants, papers, sub-matters),
found from the declaration alone.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from linli.core.decide import who
from linli.core.language import Need
from linli.core.procedure import Procedure, Step
from linli.core.snapshot import Snapshot
from linli.matters import queries, reference
from linli.matters.case_models import Paper, Participant
from linli.matters.models import Matter
from linli.matters.relations import actor_for
from linli.matters.sweep import sweep_once
from linli.matters.tracking import tracking_code
from linli.parties.access import NOBODY, Viewer
from linli.procedures.sample import form_of
from linli.site.walk_town import VILLAGE, Town

DEEP = 6  # needs of needs
Call = Callable[[str, str, Viewer, Mapping[str, Any], datetime], tuple[int, Any]]
Say = Callable[[str], None]


class Stuck(Exception):
    """A step that could not be brought about; says why."""


@dataclass
class Walk:
    """One matter on its way. *at* moves on with every step."""

    town: Town
    call: Call
    say: Say
    at: datetime
    taken: set[str] = field(default_factory=set)
    matter: UUID = field(default_factory=lambda: UUID(int=0))
    depth: int = 0

    @property
    def row(self) -> Matter:
        return Matter.objects.get(pk=self.matter)

    @property
    def snap(self) -> Snapshot:
        found = queries.snapshot_of(self.matter)
        if found is None:
            raise Stuck("the matter is gone")
        return found

    # opening

    def open(self, procedure: Procedure) -> None:
        """Open it by hand, as the first who may."""
        rule, step = procedure.opening, procedure.opening_step
        if rule is None or step is None:
            raise Stuck("it has no opening of its own")
        if not rule.by:
            self._open_inside(procedure)
            return
        self.at += timedelta(minutes=1)
        form = form_of(step, self.at, {}, self._answers(None))
        tried = [NOBODY] if "resident" in rule.by else []
        tried += [v for word in rule.by for v in self.town.viewers(word, self.at)]
        for viewer in tried:
            status, body = self.call(
                "POST", f"openings/{procedure.id}", viewer, {"form": form, "area": VILLAGE}, self.at
            )
            if status == 201:
                self.matter = UUID(body["id"])
                self.say(f"发起 open → {self._standing()}")
                return
        raise Stuck(f"nobody could open it: {body.get('detail', body) if tried else 'no one is named'}")

    def _open_inside(self, procedure: Procedure) -> None:
        """Open a parent, bring it to where the sub-matter is opened, and go on with that one."""
        latest = reference.current().declared.latest
        for parent in (latest[p] for p in (procedure.opening.from_ if procedure.opening else ()) if p in latest):
            opens = [s for s in parent.steps.values() if any(a.kind == "open" and procedure.id in a.of for a in s.does)]
            for step in opens:
                outer = Walk(self.town, self.call, partial(_inside, self.say, parent.id), self.at)
                outer.open(parent)
                for name in _towards(parent, step):
                    outer.take(name)
                outer.take(step.id)
                self.at = outer.at
                self.matter = Matter.objects.filter(parent=outer.matter, procedure=procedure.id).latest("pk").pk
                self.say(f"发起 open → {self._standing()}")
                return
        raise Stuck("no other procedure opens it")

    # steps

    def take(self, name: str, given: Mapping[str, object] | None = None) -> None:
        """Bring about what the step needs, then take it as the first who may."""
        step = self.snap.procedure.steps[name]
        self._meet(step)
        snap, refused = self.snap, "nobody may take it here"
        self.at += timedelta(minutes=1)
        for viewer, way in self._people(snap, step):
            answers = self._answers(snap, step, viewer)
            form = form_of(step, self.at, snap.known.values, {**answers, **(given or {})})
            status, body = self.call("POST", f"{way}/steps/{name}", viewer, {"form": form}, self.at)
            if status == 200:
                self.taken.add(name)
                self.say(
                    f"{who(_role(viewer, snap, step), snap.procedure).zh}：{step.labels.zh} {name} → {self._standing()}"
                )
                return
            refused = body.get("detail", str(body))
        raise Stuck(f"{name}: {refused}")

    def lapse(self, clock: str) -> None:
        """Let the clock run out; the sweeper takes its step."""
        running = next((c for c in self.snap.clocks if c.rule == clock and c.state == "open"), None)
        if running is None:
            raise Stuck(f"the clock {clock} does not run")
        self.at = running.due_at + timedelta(seconds=1)
        for _ in range(4):
            sweep_once(self.at)
        self.taken.add(self.snap.procedure.clocks[clock].lapse)
        self.say(f"时钟到期 {clock} → {self._standing()}")

    def _people(self, snap: Snapshot, step: Step) -> Iterator[tuple[Viewer, str]]:
        """Everybody who could take it, each with their address in the API: residents and parties by their codes."""
        row = self.row
        other = {
            a.partition(":")[2]
            for n in step.needs
            if n.kind == "other"
            for s in n.of
            for a in snap.known.taken.get(s, ())
        }
        staff = [v for office in self.town.staff for v in self.town.viewers(office, self.at)]
        holder = snap.holder.post
        staff.sort(key=lambda v: 0 if holder in v.post_ids else 1)
        candidates: list[tuple[Viewer, str]] = [(v, f"matters/{row.pk}") for v in staff]
        contacts = Participant.objects.filter(matter=row, kind="contact", left_at=None)
        asked = [p for p in contacts if p.consent != "given"] + [p for p in contacts if p.consent == "given"]
        parties = [(queries.party(p), f"p/{tracking_code(p.pk)}") for p in asked]
        resident = [(queries.resident(row), f"t/{tracking_code(row.pk)}")]
        for viewer, way in (*parties, *resident, *candidates):
            if viewer.id not in other and actor_for(viewer, snap).roles & set(step.by):
                yield viewer, way

    def _answers(
        self, snap: Snapshot | None, step: Step | None = None, viewer: Viewer | None = None
    ) -> dict[str, object]:
        """Answers by type of field: a post, units not taken part yet, a participant the step is about."""
        units = [str(u.pk) for name, u in self.town.units.items() if ":" not in name]
        answers: dict[str, object] = {"unit": units[0], "area": VILLAGE}
        if snap is None:
            return answers
        used = {p.unit for p in snap.known.people}
        posts = {p.post for p in snap.known.people}
        answers["unit"] = next((u for u in units if u not in used), units[0])
        mine = {str(p) for p in viewer.post_ids} if viewer else set()
        handlers = sorted(self.town.posts.values(), key=lambda p: (p.unit_id != snap.holder.unit, str(p.pk)))
        fit = [str(p.pk) for p in handlers if snap.area.startswith(p.area)]
        answers["post"] = next((p for p in fit if p not in posts | mine and p != str(snap.holder.post)), fit[0])
        roles = (
            {of for act in step.does if act.kind in ("consent", "withdraw", "bar", "leave") for of in act.of}
            if step
            else set()
        )
        about = [p for p in snap.known.people if p.role in roles and not p.barred]
        about.sort(key=lambda p: p.consent == "given")
        if about:
            answers["participant"] = about[0].id
        return answers

    # needs

    def _meet(self, step: Step) -> None:
        if self.depth > DEEP:
            raise Stuck(f"{step.id}: its needs go round in a circle")
        self.depth += 1
        try:
            for need in step.needs:
                self._meet_one(need)
            if "no_open_children" in step.guards:
                self._end_children()
            if "resume" in step.effects:
                self._by_effect("pause")
        finally:
            self.depth -= 1

    def _meet_one(self, need: Need) -> None:
        if need.kind == "consent":
            for role in need.of:
                self._all_agree(role)
        elif need.kind == "present":
            for role in need.of:
                while len(self.snap.known.of(role)) < max(1, self.snap.procedure.parts[role].least):
                    self._by_act("join", role)
        elif need.kind == "issued":
            for paper in set(need.of) - self.snap.known.papers:
                self._by_act("issue", paper)
        elif need.kind in ("taken", "other"):
            for name in [n for n in need.of if not self.snap.known.taken.get(n)]:
                self.take(name)
        elif need.kind == "child":
            self._child(need)

    def _all_agree(self, role: str) -> None:
        for _ in range(self.snap.procedure.parts[role].most):
            if any(p.consent != "given" for p in self.snap.known.of(role)):
                self._by_act("consent", role)

    def _by_act(self, kind: str, of: str) -> None:
        """Take the step at this stage that does *kind* to *of*."""
        snap = self.snap
        for step in snap.procedure.steps_from(snap.stage):
            if not step.to and any(a.kind == kind and of in a.of for a in step.does):
                self.take(step.id)
                return
        raise Stuck(f"at {snap.stage} no step does {kind} {of}")

    def _by_effect(self, effect: str) -> None:
        snap = self.snap
        step = next((s for s in snap.procedure.steps_from(snap.stage) if effect in s.effects), None)
        if step is not None:
            self.take(step.id)

    def _child(self, need: Need) -> None:
        """Open the sub-matter and walk it to one of the outcomes asked for."""
        if not any(c.procedure in need.of for c in self.snap.known.children):
            self._by_act("open", need.of[0])
        row = Matter.objects.filter(parent=self.matter, procedure__in=need.of, closed_at=None).first()
        if row is not None:
            self._inside(row).to_end(set(need.outcomes))

    def _end_children(self) -> None:
        for row in Matter.objects.filter(parent=self.matter, closed_at=None):
            self._inside(row).to_end(set())

    def _inside(self, row: Matter) -> "Walk":
        self.say(f"  ↳ {row.procedure} {row.code}")
        return Walk(
            self.town, self.call, lambda line: self.say(f"    {line}"), self.at, matter=row.pk, depth=self.depth
        )

    def to_end(self, outcomes: set[str]) -> None:
        """The first way to an end with one of *outcomes* (any, when empty)."""
        for way in ways(self.snap.procedure, self.snap.stage):
            last = self.snap.procedure.steps[way[-1]]
            if not outcomes or last.outcome in outcomes:
                for name in way:
                    self.take(name)
                return
        raise Stuck(f"no way to {outcomes or 'an end'}")

    def _standing(self) -> str:
        """Stage, running clocks with what is due, and papers issued by the last step."""
        snap, row = self.snap, self.row
        zone = reference.current().zone
        clocks = [
            f"⏱{snap.procedure.clocks[c.rule].labels.zh} {c.due_at.astimezone(zone):%Y-%m-%d %H:%M}"
            for c in snap.clocks
            if c.state == "open"
        ]
        papers = [
            f"▤{snap.procedure.papers[p.paper].labels.zh} {p.number}".rstrip()
            for p in Paper.objects.filter(matter=row, seq=row.seq)
        ]
        return " ".join([f"[{snap.procedure.stages[row.stage].labels.zh}]", *clocks, *papers])


def _inside(say: Say, parent: str, line: str) -> None:
    say(f"（{parent}）{line}")


def _towards(procedure: Procedure, step: Step) -> list[str]:
    """The steps from the first stage to the first at which *step* may be taken."""
    for way in ways(procedure, procedure.first):
        stages = [procedure.first, *(procedure.steps[name].to for name in way)]
        for number, stage in enumerate(stages):
            if stage in step.from_:
                return way[:number]
    return []


def _role(viewer: Viewer, snap: Snapshot, step: Step) -> str:
    roles = actor_for(viewer, snap).roles
    return next((word for word in step.by if word in roles), "system")


def ways(procedure: Procedure, start: str) -> Iterator[list[str]]:
    """Every way of steps from *start* to an end that passes each stage once; two steps between the same stages are two
    ways."""

    def on(stage: str, passed: tuple[str, ...], steps: list[str]) -> Iterator[list[str]]:
        if procedure.stages[stage].kind == "done":
            yield steps
            return
        for step in procedure.steps_from(stage):
            if step.to and step.to not in passed and step.to != stage:
                yield from on(step.to, (*passed, step.to), [*steps, step.id])

    yield from on(start, (start,), [])


def loops(procedure: Procedure) -> Iterator[list[str]]:
    """For every step that leads back to a stage passed before: there, back by it, and on to the first end."""
    there = {name for way in ways(procedure, procedure.first) for name in way}
    for step in procedure.steps.values():
        start = next((s for s in step.from_ if procedure.stages[s].kind != "done"), None)
        if step.to and step.id not in there and start is not None:
            before = [*_towards(procedure, step), step.id]
            used_up = {name for name in before if procedure.steps[name].most == 1}
            yield [*before, *next((way for way in ways(procedure, step.to) if not used_up & set(way)), [])]
