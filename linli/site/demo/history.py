"""Living through the city's past: every step and lapsed clock in the order of time, decided by core."""

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from linli.core import clocks as clk
from linli.core.decide import decide, fire
from linli.core.refusals import Refusal
from linli.core.routing import LEVELS, Seat, at_level
from linli.core.snapshot import Actor, Decision, Snapshot
from linli.matters.drafting import RESIDENT, File
from linli.matters.reference import Reference
from linli.matters.relations import actor_for
from linli.parties.access import Held, Viewer
from linli.site.demo.arrivals import FREE, Door, Scene
from linli.site.demo.ledger import Ledger, Life, ident
from linli.site.demo.plans import Act, Plans

CLOCK_ACTOR = frozenset({"clock"})
WIDER = ("township", "county", "city")
TOGETHER = timedelta(minutes=100)
"""So long after one report of the storm another from the same village counts as the same problem."""


@dataclass(order=True, slots=True)
class Due:
    """Something that will happen at an instant: a step that was meant on a certain turn, or a clock's threshold."""

    at: datetime
    number: int
    life: Life = field(compare=False)
    turn: int = field(compare=False)
    act: Act | None = field(compare=False)
    clock: UUID | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Coming:
    """An arrival: by chance, or with a scene laid down."""

    at: datetime
    storm: bool = False
    scene: Scene = FREE


class History:
    """One run over the past. *refused* counts steps that were meant but refused, by code."""

    def __init__(self, door: Door, ref: Reference, ledger: Ledger, photos: list[File], plans: Plans) -> None:
        self.door, self.ref, self.ledger, self.photos, self.plans = door, ref, ledger, photos, plans
        self.heap: list[Due] = []
        self.count = 0
        self.live: dict[UUID, Life] = {}
        self.recent: dict[tuple[str, str], Life] = {}
        self.refused: Counter[str] = Counter()
        self.steps: Counter[str] = Counter()
        self.viewers = _viewers(ref.roster.seats)
        self.lengths = {name: length for name, length, _ in LEVELS}

    def run(self, coming: Iterable[Coming], until: datetime, said: Callable[[int], None]) -> None:
        """Everything up to *until*; what stands open then stays open."""
        for number, each in enumerate(coming, 1):
            self._pass(each.at)
            for life in self.door.take(number, each.at, each.scene, storm=each.storm):
                self._begin(life, each)
            if number % 200 == 0:
                said(number)
        self._pass(until)
        for life in list(self.live.values()):
            self.ledger.rest(life)
        self.live.clear()
        self.ledger.close()

    def _pass(self, until: datetime) -> None:
        while self.heap and self.heap[0].at <= until:
            due = heapq.heappop(self.heap)
            if due.act is not None:
                if due.turn == due.life.turn:
                    self._act(due.life, due.act, due.at)
            elif due.clock is not None and not due.life.gone:
                self._fire(due.life, due.clock, due.at)

    def _push(self, at: datetime, life: Life, act: Act | None, clock: UUID | None = None) -> None:
        self.count += 1
        heapq.heappush(self.heap, Due(at, self.count, life, life.turn, act, clock))

    # one matter

    def _begin(self, life: Life, coming: Coming) -> None:
        self.live[ident(life)] = life
        for clock in life.standing.snap.clocks:
            self._wind(life, clock)
        if not self._joins(life, coming.at):
            self._plan(life, coming.at)

    def _joins(self, life: Life, at: datetime) -> bool:
        """In a storm, or where the scene says so, the centre finds that it is the same problem as another."""
        key = life.script.get("same") or (life.standing.snap.area[:12], life.standing.snap.category)
        main = self.recent.get(key)
        if main is not None and ident(main) in self.live and not main.row["closed"]:
            near = life.storm and at - main.standing.snap.opened_at < TOGETHER and life.rng.random() < 0.6
            if near or "same" in life.script:
                moment = at + timedelta(seconds=life.rng.uniform(50, 200))
                self._push(moment, life, Act("merge", "desk", {"into": main.row["code"]}))
                return True
        if life.storm or "same" in life.script:
            self.recent[key] = life
        return False

    def _wind(self, life: Life, clock: clk.Clock) -> None:
        if clock.state == clk.OPEN and clock.next_at is not None:
            late = timedelta(seconds=life.rng.uniform(0.03, 0.6))
            self._push(clock.next_at + late, life, None, clock.id)

    def _plan(self, life: Life, at: datetime) -> None:
        life.turn += 1
        plan = self.plans.next(life, at)
        for moment, act in plan:
            self._push(moment, life, act)
        if not plan and life.row["closed"]:
            self.live.pop(ident(life), None)
            life.gone = True
            self.ledger.rest(life)

    # steps and clocks

    def _act(self, life: Life, act: Act, at: datetime) -> None:
        snap = life.standing.snap
        actor = self._actor(snap, act.who)
        form = dict(act.form)
        also: dict[str, Any] = {}
        files: tuple[File, ...] = ()
        main: Life | None = None
        if act.photo:
            files = (life.rng.choice(self.photos),)
            form["evidence"] = ["photo"]
        if act.step == "merge":
            main = self._main(life, str(form["into"]))
            if main is None:
                self._plan(life, at)
                return
            also = {"merged_into": ident(main)}
        decision = decide(snap, act.step, actor=actor, form=form, at=at)
        if isinstance(decision, Refusal):
            self.refused[f"{act.step} {decision.code}"] += 1
            return
        self.steps[act.step] += 1
        self._apply(life, decision, self.ledger.step(life, decision, actor, at, files, also))
        if main is not None:
            main.merged.append(life)
            life.gone = True
            self.live.pop(ident(life), None)
            return
        if decision.stage != snap.stage or decision.assigned is not None or act.step == "not_solved":
            self._plan(life, at)
        elif act.step == "pause" and "pause" in life.script:
            life.turn += 1

    def _main(self, life: Life, code: str) -> Life | None:
        """The matter to merge into, while it is open."""
        key = life.script.get("same") or (life.standing.snap.area[:12], life.standing.snap.category)
        main = self.recent.get(key)
        if main is None or main.row["code"] != code or main.row["closed"] or ident(main) not in self.live:
            return None
        return main

    def _fire(self, life: Life, ident_: UUID, at: datetime) -> None:
        snap = life.standing.snap
        clock = next((c for c in snap.clocks if c.id == ident_), None)
        if clock is None or clock.state != clk.OPEN or clock.next_at is None or clock.next_at > at:
            return
        decision = fire(snap, clock, at)
        actor = Actor("clock", clock.rule, "", CLOCK_ACTOR)
        self.steps[f"clock.{clk.threshold_name(clock.rung).partition(':')[0]}"] += 1
        self._apply(life, decision, self.ledger.step(life, decision, actor, at))
        if decision.stage != snap.stage or decision.assigned is not None:
            self._plan(life, at)

    def _apply(self, life: Life, decision: Decision, row: dict[str, Any]) -> None:
        """The matter after a decision, as it would be read again."""
        was, snap, changes = life.standing, life.standing.snap, decision.changes
        after = {c.id: c for c in snap.clocks} | {c.id: c for c in decision.clocks}
        holder = decision.assigned.holder if decision.assigned else snap.holder
        reopened = int(str(changes.get("reopened", snap.reopened)))
        tried = snap.tried if reopened == snap.reopened else frozenset()
        if decision.assigned and holder.post:
            tried |= {holder.post}
        self._load(life, holder.post, open_now=row["closed"] is None)
        category = row["category"]
        moved = replace(
            snap,
            stage=decision.stage,
            category=category,
            terms=self.ref.terms_of(category),
            area=row["area"],
            level=row["level"],
            urgent=row["urgent"],
            holder=holder,
            reopened=reopened,
            clocks=tuple(after.values()),
            tried=tried,
            sure=row["sure"],
        )
        closed = changes.get("closed_at", was.closed_at)
        life.standing = replace(
            was,
            snap=moved,
            seq=row["seq"],
            head=bytes.fromhex(row["head"]),
            closed_at=closed if isinstance(closed, datetime) else None,
            outcome=row["outcome"],
            rating=row["rating"],
            merged_into=UUID(row["merged_into"]) if row["merged_into"] else None,
        )
        life.row |= row
        for clock in decision.clocks:
            self._wind(life, clock)

    def _load(self, life: Life, post: UUID | None, *, open_now: bool) -> None:
        """Who holds how many open matters, as routing sees it."""
        load = self.ref.roster.load
        before = life.standing.snap.holder.post if not life.row["closed"] else None
        now = post if open_now else None
        if before == now:
            return
        if before is not None:
            load[before] = load.get(before, 1) - 1
        if now is not None:
            load[now] = load.get(now, 0) + 1

    # people

    def _actor(self, snap: Snapshot, who: str) -> Actor:
        if who == "resident":
            return RESIDENT
        seat = snap.roster.seats.get(snap.holder.post) if who == "holder" and snap.holder.post else None
        seat = seat or self._desk(snap)
        return actor_for(self.viewers[seat.person], snap)

    def _desk(self, snap: Snapshot) -> Seat:
        """Somebody at the centre of the level that is responsible now, or above."""
        for level in WIDER:
            area = at_level(snap.area, level)
            if self.lengths[level] > self.lengths[snap.level] or len(area) != self.lengths[level]:
                continue
            seats = snap.roster.at("dispatcher", area) or snap.roster.at("operator", area)
            if seats:
                return seats[0]
        return next(seat for seat in snap.roster.seats.values() if seat.role == "dispatcher" and len(seat.area) == 4)


def _viewers(seats: Mapping[UUID, Seat]) -> dict[UUID, Viewer]:
    """Every person with all posts, as access sees them."""
    posts: dict[UUID, list[Held]] = {}
    names: dict[UUID, str] = {}
    for seat in seats.values():
        names[seat.person] = seat.name
        posts.setdefault(seat.person, []).append(Held(seat.post, seat.unit, seat.unit_name, seat.role, seat.area))
    return {person: Viewer("person", str(person), names[person], tuple(held)) for person, held in posts.items()}
