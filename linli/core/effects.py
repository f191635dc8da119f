"""The closed vocabulary of what a step does, one small function each, over a draft of the decision."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from linli.core import clocks as clk
from linli.core.beginning import begun, term_of
from linli.core.calendars import YearMissing
from linli.core.language import Change
from linli.core.procedure import ClockRule, Step, Terms
from linli.core.refusals import Refusal
from linli.core.routing import HANDLERS, Ask, Choice, Seat, above, at_level, higher, level_of_area, level_words
from linli.core.snapshot import NOBODY, Actor, Assigned, Holder, Notice, Snapshot


class Draft:
    """A decision in the making: mutable inside one call of ``decide`` and nowhere else."""

    def __init__(self, snap: Snapshot, step: Step, actor: Actor, values: dict[str, object], at: datetime) -> None:
        self.snap, self.step, self.actor, self.values, self.at = snap, step, actor, values, at
        self.terms: Terms = snap.terms
        self.category, self.area, self.urgent, self.kind = snap.category, snap.area, snap.urgent, snap.kind
        self.level = snap.level or level_of_area(snap.area)
        self.clocks: dict[UUID, clk.Clock] = {}
        self.assigned: Assigned | None = None
        self.changes: dict[str, object] = {}
        self.data: dict[str, object] = {}
        self.notices: list[Notice] = []
        self.also: list[Change] = []
        self.set: dict[str, object] = {}

    # holder

    def ask(self, level: str = "", avoid: frozenset[UUID] = frozenset()) -> Ask:
        """The routing question; where the matter will stand unsure, those who sort are asked for."""
        sure = (self.step.to or self.snap.stage) != self.snap.procedure.unsure
        return Ask(
            self.category,
            self.terms.duty,
            self.area,
            self.at,
            self.kind,
            self.urgent,
            sure,
            level or self.level,
            avoid,
            self.terms.quick,
        )

    def hand_to(self, choice: Choice, role: str = "lead", *, lower: bool = True) -> None:
        """Give the matter to whom routing found; with nobody found it hangs at its level and everyone there is told.

        The level of the one who holds it becomes responsible; without *lower* it only ever rises.
        """
        seat = choice.seat
        if seat is not None:
            level = level_of_area(seat.area)
            if level != self.level and (lower or higher(level, self.level)):
                self.set_level(level)
        why = {"rule": choice.rule, "reasons": [{"zh": w.zh, "en": w.en} for w in choice.reasons]}
        self.assigned = Assigned(holder_of(seat), role, why)
        self.data["holder"] = _named(seat)
        self.data["why"] = why
        self.notices.append(Notice("holder" if seat else "level", "assigned"))

    def next_person(self) -> None:
        """The next one in line for the same question; when there is none, somebody at the centre of this level."""
        choice = self.snap.roster.route(self.ask(avoid=self.snap.tried | self.held()))
        if choice.seat is not None:
            self.hand_to(choice, lower=False)
        else:
            self.data["stays"] = True

    def held(self) -> frozenset[UUID]:
        """The present holder's post, as a set."""
        return frozenset() if self.snap.holder.post is None else frozenset({self.snap.holder.post})

    def level_up(self, *, leave: bool = False) -> None:
        """The level above becomes responsible. At the top, or with nobody above, it stays and is reminded.

        *leave*: the holder must not keep it, so that it hangs at the level when there is nobody.
        """
        upper = above(self.level)
        if upper is None:
            self.data["top"] = True
        if upper is not None or self.level != self.snap.level:
            self.set_level(upper or self.level)
        if upper is None and not leave:
            return
        choice = self.snap.roster.at_centre(self.ask(avoid=self.held()), self.level)
        if choice.seat is not None or leave:
            self.hand_to(choice)
        else:
            self.data["stays"] = True

    def oversee_up(self) -> None:
        """The level above sees it and presses; the holder stays."""
        upper = above(self.level)
        if upper is None:
            self.data["top"] = True
            return
        self.set_level(upper)

    def set_level(self, level: str) -> None:
        self.level = level
        self.changes["level"] = level
        words = level_words(level)
        self.data["level"] = {"id": level, "zh": words.zh, "en": words.en, "area": at_level(self.area, level)}

    # clocks

    def running(self) -> list[clk.Clock]:
        """The matter's clocks as this draft has them."""
        return [self.clocks.get(c.id, c) for c in self.snap.clocks]

    def enter(self, stage: str) -> None:
        """Stop and start clocks for the stage that is entered. A pause belongs to its stage and ends with it."""
        for clock in self.running():
            rule = self.snap.procedure.clocks.get(clock.rule)
            if clock.state != clk.STOPPED and (rule is None or stage in rule.stops):
                self.clocks[clock.id] = clk.stop(self.settled(clock, rule), self.at)
            elif clock.state == clk.PAUSED and rule is not None:
                self.clocks[clock.id] = clk.resume(clock, rule, self.snap.calendars, self.at)
                self.data["resumed"] = [*self.listed("resumed"), rule.id]
        for rule in self.snap.procedure.starting(stage):
            if not any(c.rule == rule.id and c.state != clk.STOPPED for c in self.running()):
                self.begin(rule)
        if self.snap.procedure.stages[stage].kind == "done":
            self.changes.setdefault("closed_at", self.at)
        elif "closed_at" not in self.changes and self.snap.procedure.stages[self.snap.stage].kind == "done":
            self.changes["closed_at"] = None

    def settled(self, clock: clk.Clock, rule: ClockRule | None) -> clk.Clock:
        """A clock about to stop; one that stood still gets the due instant it would have had, for it was in time."""
        if clock.state != clk.PAUSED or rule is None:
            return clock
        try:
            return clk.resume(clock, rule, self.snap.calendars, self.at)
        except (YearMissing, clk.CalendarMissing):  # nobody is kept from finishing by a table that is missing
            return replace(clock, due_at=max(clock.due_at, self.at + timedelta(seconds=1)))

    def listed(self, key: str) -> list[object]:
        value = self.data.get(key)
        return list(value) if isinstance(value, list) else []

    def begin(self, rule: ClockRule) -> None:
        earlier = [c.cycle for c in self.snap.clocks if c.rule == rule.id]
        since = self.snap.opened_at if rule.since_opening and not earlier else self.at
        values = {**self.snap.known.values, **self.values}
        try:
            cycle = max(earlier, default=0) + 1
            clock = begun(rule, self.terms, self.snap.calendars, values, since, cycle, urgent=self.urgent)
        except YearMissing as missing:
            self.wait_for(rule, missing)
        else:
            if clock is not None:
                self.clocks[clock.id] = clock

    def wait_for(self, rule: ClockRule, missing: YearMissing) -> None:
        """A date that no table gives yet is not guessed, and keeps nobody from acting: it is noted, the level told."""
        waiting = {"clock": rule.id, "calendar": missing.calendar, "year": missing.year}
        self.data["waiting"] = [*self.listed("waiting"), waiting]
        self.notices.append(Notice("level", "year_missing", waiting))


def holder_of(seat: Seat | None) -> Holder:
    return NOBODY if seat is None else Holder(seat.post, seat.unit, seat.name, seat.unit_name)


def _named(seat: Seat | None) -> dict[str, object] | None:
    if seat is None:
        return None
    return {
        "post": str(seat.post),
        "unit": str(seat.unit),
        "name": seat.name,
        "unit_name": seat.unit_name,
        "role": seat.role,
    }


# the effects


def _claim(draft: Draft) -> Refusal | None:
    holder = draft.snap.holder
    if draft.actor.post is None:
        return Refusal("not_signed_in")
    if holder.post != draft.actor.post:
        seat = draft.snap.roster.seats.get(draft.actor.post)
        unit_name = seat.unit_name if seat else ""
        draft.assigned = Assigned(
            Holder(draft.actor.post, draft.actor.unit, draft.actor.name, unit_name), "lead", {"rule": "claim"}
        )
        if seat is not None and higher(level_of_area(seat.area), draft.level):
            draft.set_level(level_of_area(seat.area))
    draft.data["holder"] = {"post": str(draft.actor.post), "name": draft.actor.name}
    return None


def _assign(draft: Draft) -> Refusal | None:
    post = UUID(str(draft.values["post"]))
    seat = draft.snap.roster.seats.get(post)
    if seat is None or seat.role not in HANDLERS or seat.absent(draft.at):
        return Refusal("post_unknown", about="post")
    if not _serves_place(seat, draft.area):
        return Refusal("post_outside", {"area": draft.area or "–"}, about="post")
    if seat.post == draft.snap.holder.post:
        return Refusal("same_holder", about="post")
    draft.hand_to(Choice(seat, "by_hand", ()))
    return None


def _route(draft: Draft) -> Refusal | None:
    """Routing decides anew; the level of who is found is responsible, else that of the place.

    Whom a person named stays unless the form says otherwise; anybody else stays only when it says so.
    """
    post = draft.snap.holder.post
    if post is not None and draft.step.field("keep") and draft.values.get("keep", draft.snap.by_hand):
        return _keep(draft, post)
    if "set_area" in draft.step.effects or "set_category" in draft.step.effects:
        draft.level = level_of_area(draft.area)
    choice = draft.snap.roster.route(draft.ask())
    draft.hand_to(choice)
    draft.changes["level"] = draft.level
    return None


def _keep(draft: Draft, post: UUID) -> Refusal | None:
    """The present holder stays, unless the place is not theirs any more."""
    seat = draft.snap.roster.seats.get(post)
    if seat is None or not _serves_place(seat, draft.area):
        return Refusal("post_outside", {"area": draft.area or "–"}, about="keep")
    draft.data["kept"] = _named(seat)
    return None


def _serves_place(seat: Seat, area: str) -> bool:
    """The post's area holds the place or lies in the same village (neighbours stand in); an unknown place: any."""
    village = at_level(area, "village")
    if not area or area.startswith(seat.area):
        return True
    return len(village) == len(at_level(seat.area, "village")) and seat.area.startswith(village)


def _level_up(draft: Draft) -> Refusal | None:
    """Above the level that is responsible; what is reopened goes above the level of the one who had it."""
    if "reopen" in draft.step.effects:
        seat = draft.snap.roster.seats.get(draft.snap.holder.post) if draft.snap.holder.post else None
        draft.level = draft.level if seat is None else level_of_area(seat.area)
    draft.level_up(leave=True)
    return None


def _set_category(draft: Draft) -> Refusal | None:
    if not draft.values.get("category"):
        return None
    category = str(draft.values["category"])
    terms = draft.snap.catalogue.get(category)
    if terms is None:
        return Refusal("category_unknown", {"category": category}, about="category")
    draft.category, draft.terms = category, terms
    draft.changes["category"] = category
    if terms.urgent:
        draft.urgent = True
        draft.changes["urgent"] = True
    return None


def _set_area(draft: Draft) -> Refusal | None:
    if draft.values.get("area"):
        draft.area = str(draft.values["area"])
        draft.changes["area"] = draft.area
    return None


def _set_kind(draft: Draft) -> Refusal | None:
    if draft.values.get("kind"):
        draft.kind = str(draft.values["kind"])
        draft.changes["kind"] = draft.kind
        if draft.kind == "help_in_danger":
            return _set_urgent(draft)
    return None


def _set_urgent(draft: Draft) -> Refusal | None:
    draft.urgent = True
    draft.changes["urgent"] = True
    return None


def _reopen(draft: Draft) -> Refusal | None:
    draft.changes["reopened"] = draft.snap.reopened + 1
    return None


def _rate(draft: Draft) -> Refusal | None:
    if draft.values.get("rating") is not None:
        draft.changes["rating"] = draft.values["rating"]
    return None


def _close(draft: Draft) -> Refusal | None:
    draft.changes["closed_at"] = draft.at
    return None


def _unclose(draft: Draft) -> Refusal | None:
    draft.changes["closed_at"] = None
    draft.changes["outcome"] = ""
    return None


def _pause(draft: Draft) -> Refusal | None:
    """Refused where nothing can stand still: then nobody may be told that it does."""
    reason = draft.snap.procedure.pauses[str(draft.values["reason"])]
    paused: list[object] = []
    for clock in draft.running():
        if clock.rule in reason.clocks and clock.state == clk.OPEN:
            after = clk.pause(clock, draft.snap.calendars, draft.at)
            if after.state == clk.PAUSED:
                draft.clocks[clock.id] = after
                paused.append(clock.rule)
    if not paused:
        return Refusal("nothing_to_pause", about="reason")
    draft.data["paused"] = paused
    return None


def _resume(draft: Draft) -> Refusal | None:
    for clock in draft.running():
        if clock.state == clk.PAUSED:
            rule = draft.snap.procedure.clocks[clock.rule]
            draft.clocks[clock.id] = clk.resume(clock, rule, draft.snap.calendars, draft.at)
            draft.data["resumed"] = [*draft.listed("resumed"), rule.id]
    return None


def _restart_clocks(draft: Draft) -> Refusal | None:
    """After a change of category: spans are the new category's; the start, and so what has run, stays."""
    moved: list[dict[str, object]] = []
    for clock in draft.running():
        rule = draft.snap.procedure.clocks.get(clock.rule)
        term = term_of(rule, draft.terms, urgent=draft.urgent) if rule else None
        if rule is None or term is None or clock.state == clk.STOPPED:
            continue
        try:
            after = clk.moved(clk.resume(clock, rule, draft.snap.calendars, draft.at), rule, term, draft.snap.calendars)
            if clock.state == clk.PAUSED:
                after = clk.pause(after, draft.snap.calendars, draft.at)
        except YearMissing as missing:
            draft.wait_for(rule, missing)
            continue
        if after != clock:
            draft.clocks[clock.id] = after
            moved.append({"clock": rule.id, "was": clock.due_at.isoformat(), "due": after.due_at.isoformat()})
    if moved:
        draft.data["moved"] = moved
    return None


EFFECTS: dict[str, Callable[[Draft], Refusal | None]] = {
    "claim": _claim,
    "assign": _assign,
    "route": _route,
    "level_up": _level_up,
    "set_category": _set_category,
    "set_area": _set_area,
    "set_kind": _set_kind,
    "set_urgent": _set_urgent,
    "reopen": _reopen,
    "rate": _rate,
    "close": _close,
    "unclose": _unclose,
    "pause": _pause,
    "resume": _resume,
    "restart_clocks": _restart_clocks,
}
