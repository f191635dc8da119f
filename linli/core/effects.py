"""The closed vocabulary of what a step does, one small function each, over a draft of the decision."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from linli.core import clocks as clk
from linli.core.procedure import ClockRule, Step, Term, Terms
from linli.core.refusals import Refusal
from linli.core.routing import Ask, Choice, Seat, above, at_level, level_of_area, level_words
from linli.core.snapshot import NOBODY, Actor, Assigned, Holder, Notice, Snapshot


class Draft:
    """A decision in the making: mutable inside one call of ``decide`` and nowhere else."""

    def __init__(self, snap: Snapshot, step: Step, actor: Actor, values: dict[str, object], at: datetime) -> None:
        self.snap, self.step, self.actor, self.values, self.at = snap, step, actor, values, at
        self.terms: Terms = snap.terms
        self.category, self.area, self.level, self.urgent = snap.category, snap.area, snap.level, snap.urgent
        self.clocks: dict[UUID, clk.Clock] = {}
        self.assigned: Assigned | None = None
        self.changes: dict[str, object] = {}
        self.data: dict[str, object] = {}
        self.notices: list[Notice] = []

    # holder

    def ask(self, level: str = "", avoid: frozenset[UUID] = frozenset(), *, sure: bool = True) -> Ask:
        return Ask(
            self.category, self.terms.duty, self.area, self.at, self.snap.kind, self.urgent, sure, level or self.level, avoid
        )

    def hand_to(self, choice: Choice, role: str = "lead") -> None:
        """Give the matter to whom routing found; with nobody found it hangs at its level and everyone there is told."""
        seat = choice.seat
        why = {"rule": choice.rule, "reasons": [{"zh": w.zh, "en": w.en} for w in choice.reasons]}
        self.assigned = Assigned(holder_of(seat), role, why)
        self.data["holder"] = _named(seat)
        self.data["why"] = why
        self.notices.append(Notice("holder" if seat else "level", "assigned"))

    def next_person(self) -> None:
        """The next one in line for the same question; when there is none, somebody at the centre of this level."""
        avoid = self.snap.tried | ({self.snap.holder.post} if self.snap.holder.post else frozenset())
        choice = self.snap.roster.route(self.ask(avoid=frozenset(avoid)))
        if choice.seat is not None:
            self.hand_to(choice)
        else:
            self.data["stays"] = True

    def level_up(self) -> None:
        """The level above becomes responsible. At the top it stays and is reminded."""
        upper = above(self.level)
        if upper is None:
            self.data["top"] = True
            return
        self.set_level(upper)
        self.hand_to(self.snap.roster.at_centre(self.ask(upper), upper))

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
        """Stop and start clocks for the stage that is entered."""
        for clock in self.running():
            rule = self.snap.procedure.clocks.get(clock.rule)
            if clock.state != clk.STOPPED and (rule is None or stage in rule.stops):
                self.clocks[clock.id] = clk.stop(clock, self.at)
        for rule in self.snap.procedure.starting(stage):
            if not any(c.rule == rule.id and c.state != clk.STOPPED for c in self.running()):
                self.begin(rule)
        if self.snap.procedure.stages[stage].kind == "done":
            self.changes.setdefault("closed_at", self.at)
        elif "closed_at" not in self.changes and self.snap.procedure.stages[self.snap.stage].kind == "done":
            self.changes["closed_at"] = None

    def begin(self, rule: ClockRule) -> None:
        term = term_of(rule, self.terms)
        if term is None:
            return
        earlier = [c.cycle for c in self.snap.clocks if c.rule == rule.id]
        since = self.snap.opened_at if rule.since_opening and not earlier else self.at
        clock = clk.start(rule, term, self.snap.calendars, since, max(earlier, default=0) + 1)
        self.clocks[clock.id] = clock


def term_of(rule: ClockRule, terms: Terms) -> Term | None:
    """The deadline that counts for a clock: the procedure's own, or the category's under the clock's name."""
    if rule.within is not None:
        return Term(rule.within, rule.calendar, rule.source)
    return terms.deadlines.get(rule.id)


def holder_of(seat: Seat | None) -> Holder:
    return NOBODY if seat is None else Holder(seat.post, seat.unit, seat.name, seat.unit_name)


def _named(seat: Seat | None) -> dict[str, object] | None:
    if seat is None:
        return None
    return {"post": str(seat.post), "unit": str(seat.unit), "name": seat.name, "unit_name": seat.unit_name, "role": seat.role}


# the effects


def _claim(draft: Draft) -> Refusal | None:
    holder = draft.snap.holder
    if draft.actor.post is None:
        return Refusal("not_signed_in")
    if holder.post != draft.actor.post:
        seat = draft.snap.roster.seats.get(draft.actor.post)
        unit_name = seat.unit_name if seat else ""
        draft.assigned = Assigned(Holder(draft.actor.post, draft.actor.unit, draft.actor.name, unit_name), "lead", {"rule": "claim"})
    draft.data["holder"] = {"post": str(draft.actor.post), "name": draft.actor.name}
    return None


def _assign(draft: Draft) -> Refusal | None:
    post = UUID(str(draft.values["post"]))
    seat = draft.snap.roster.seats.get(post)
    if seat is None or seat.absent(draft.at):
        return Refusal("post_unknown", about="post")
    if not draft.area.startswith(seat.area):
        return Refusal("post_outside", {"area": draft.area or "–"}, about="post")
    if seat.post == draft.snap.holder.post:
        return Refusal("same_holder", about="post")
    draft.hand_to(Choice(seat, "by_hand", ()))
    return None


def _route(draft: Draft) -> Refusal | None:
    if "set_area" in draft.step.effects or "set_category" in draft.step.effects:
        draft.level = level_of_area(draft.area)
        draft.changes["level"] = draft.level
    draft.hand_to(draft.snap.roster.route(draft.ask()))
    return None


def _level_up(draft: Draft) -> Refusal | None:
    draft.level_up()
    if draft.assigned is None and draft.data.get("top"):
        draft.hand_to(draft.snap.roster.at_centre(draft.ask(draft.level), draft.level))
    return None


def _set_category(draft: Draft) -> Refusal | None:
    category = str(draft.values.get("category") or draft.category)
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
    area = str(draft.values.get("area") or draft.area)
    draft.area = area
    draft.changes["area"] = area
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
    return None


def _pause(draft: Draft) -> Refusal | None:
    reason = draft.snap.procedure.pauses[str(draft.values["reason"])]
    for clock in draft.running():
        if clock.rule in reason.clocks and clock.state == clk.OPEN:
            draft.clocks[clock.id] = clk.pause(clock, draft.snap.calendars, draft.at)
    return None


def _resume(draft: Draft) -> Refusal | None:
    for clock in draft.running():
        if clock.state == clk.PAUSED:
            rule = draft.snap.procedure.clocks[clock.rule]
            draft.clocks[clock.id] = clk.resume(clock, rule, draft.snap.calendars, draft.at)
    return None


def _restart_clocks(draft: Draft) -> Refusal | None:
    """After a change of category: spans are the new category's; the start, and so what has run, stays."""
    moved: list[dict[str, object]] = []
    for clock in draft.running():
        rule = draft.snap.procedure.clocks.get(clock.rule)
        term = term_of(rule, draft.terms) if rule else None
        if rule is None or term is None or clock.state != clk.OPEN:
            continue
        after = clk.moved(clock, rule, term, draft.snap.calendars)
        if after.due_at != clock.due_at:
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
    "set_urgent": _set_urgent,
    "reopen": _reopen,
    "rate": _rate,
    "close": _close,
    "unclose": _unclose,
    "pause": _pause,
    "resume": _resume,
    "restart_clocks": _restart_clocks,
}
