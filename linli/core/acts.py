"""The closed vocabulary of what a step does to people, papers, clocks and other matters: one small function each."""

from collections.abc import Callable, Mapping
from uuid import UUID

from linli.core import clocks as clk
from linli.core.effects import Draft
from linli.core.language import Act, Change, Participant
from linli.core.refusals import Refusal

OFFICERS = ("officer", "unit_lead", "operator", "dispatcher", "centre_lead")


def perform(draft: Draft) -> Refusal | None:
    """Everything the step does, in order; the first refusal ends it."""
    for act in draft.step.does:
        values = {**draft.snap.known.values, **draft.values}
        if act.when is not None and not act.when.holds(values):
            continue
        refusal = ACTS[act.kind](draft, act)
        if refusal is not None:
            return refusal
    return None


def _given(draft: Draft, act: Act, key: str) -> str:
    """What the field named for *key* holds now, "" without one."""
    value = draft.values.get(act.with_.get(key, ""))
    return "" if value is None else str(value)


# people


def joined(draft: Draft, role: str) -> int:
    """How many take part in *role*, those of this very step included."""
    now = [c for c in draft.also if c.kind == "join" and c.data["role"] == role]
    return len(draft.snap.known.of(role)) + len(now)


def _join(draft: Draft, act: Act) -> Refusal | None:
    """A contact by name and phone, a post or a unit by the field that names it, or the acting post (``self``)."""
    for role in act.of:
        part = draft.snap.procedure.parts[role]
        found = _who(draft, act, part.kind)
        if isinstance(found, Refusal):
            return found
        if not found:
            continue
        if joined(draft, role) >= part.most:
            return Refusal("part_full", {"role": part.labels, "most": part.most})
        refusal = _admissible(draft, role, found)
        if refusal is not None:
            return refusal
        consent = "asked" if part.consents and part.kind == "contact" and "ask" in act.with_ else ""
        whole = {"role": role, "kind": part.kind, "barred": part.barred, "consent": consent, **found}
        draft.also.append(Change("join", whole))
    return None


def _who(draft: Draft, act: Act, kind: str) -> dict[str, str] | Refusal:
    if kind == "contact":
        name = _given(draft, act, "name")
        return {"name": name, "phone": _given(draft, act, "phone")} if name else {}
    if kind == "unit":
        unit = _given(draft, act, "unit")
        return {"unit": unit} if unit else {}
    post = str(draft.actor.post or "") if act.with_.get("self") else _given(draft, act, "post")
    seat = draft.snap.roster.seats.get(UUID(post)) if post else None
    if post and (seat is None or seat.absent(draft.at)):
        return Refusal("post_unknown", about=act.with_.get("post", ""))
    return {} if seat is None else {"post": str(seat.post), "unit": str(seat.unit), "name": seat.name}


def _admissible(draft: Draft, role: str, found: Mapping[str, str]) -> Refusal | None:
    """Nobody twice in a role, and nobody who is barred or belongs to a barred unit."""
    for one in draft.snap.known.people:
        same_post = bool(found.get("post")) and one.post == found["post"]
        same_unit = bool(found.get("unit")) and one.unit == found["unit"]
        if one.barred and (same_post or (same_unit and one.kind == "unit")):
            return Refusal("part_barred", {"name": found.get("name") or one.name})
        if one.role == role and not one.barred and (same_post or (same_unit and one.kind == "unit")):
            return Refusal("part_twice", {"name": found.get("name") or one.name})
    return None


def _named(draft: Draft, act: Act) -> Participant | None:
    """The participant that the form names, else the acting one, else the only one in the role."""
    ident = _given(draft, act, "who")
    people = [p for p in draft.snap.known.people if not p.barred]
    if ident:
        return next((p for p in people if p.id == ident), None)
    mine = [p for p in people if _is(draft, p) and (not act.of or p.role in act.of)]
    others = [p for p in people if p.role in act.of]
    return mine[0] if mine else others[0] if len(others) == 1 else None


def _is(draft: Draft, one: Participant) -> bool:
    actor = draft.actor
    if actor.kind == "party":
        return one.id == actor.id
    if actor.kind == "resident":
        return one.opener
    return one.post != "" and one.post == str(actor.post)


def _leave(draft: Draft, act: Act) -> Refusal | None:
    who = _named(draft, act)
    if who is None:
        return Refusal("part_unknown", about=act.with_.get("who", ""))
    draft.also.append(Change("leave", {"id": who.id, "role": who.role}))
    return None


def _bar(draft: Draft, act: Act) -> Refusal | None:
    """Who is recused leaves and is kept out; if they hold the matter, somebody else of their unit's kind takes it."""
    who = _named(draft, act)
    if who is None:
        return Refusal("part_unknown", about=act.with_.get("who", ""))
    draft.also.append(Change("bar", {"id": who.id, "role": who.role, "post": who.post, "unit": who.unit}))
    held = draft.snap.holder.post
    if held is not None and str(held) == who.post:
        seat = draft.snap.roster.seats.get(held)
        kind = seat.unit_kind if seat else ""
        choice = draft.snap.roster.nearest(kind, OFFICERS, draft.ask(avoid=frozenset({held})))
        draft.hand_to(choice)
    return None


def _ask(draft: Draft, act: Act) -> Refusal | None:
    for role in act.of:
        for one in draft.snap.known.of(role):
            if one.consent != "given":
                draft.also.append(Change("consent", {"id": one.id, "role": role, "state": "asked"}))
    return None


def _consent(draft: Draft, act: Act) -> Refusal | None:
    return _answer(draft, act, "given")


def _withdraw(draft: Draft, act: Act) -> Refusal | None:
    return _answer(draft, act, "withdrawn")


def _answer(draft: Draft, act: Act, state: str) -> Refusal | None:
    who = _named(draft, act)
    if who is None or not draft.snap.procedure.parts[who.role].consents:
        return Refusal("consent_none")
    draft.also.append(Change("consent", {"id": who.id, "role": who.role, "state": state}))
    return None


# papers, sessions, other matters


def _open(draft: Draft, act: Act) -> Refusal | None:
    """A sub-matter of the named procedure; ``with`` carries the values of fields into the child's fields."""
    values = {**draft.snap.known.values, **draft.values}
    procedure = str(values.get(act.with_["procedure"], "")) if "procedure" in act.with_ else act.of[0]
    carried = {to: values[of] for to, of in act.with_.items() if to != "procedure" and values.get(of) not in (None, "")}
    draft.also.append(Change("child", {"procedure": procedure, "form": carried}))
    return None


def _link(draft: Draft, act: Act) -> Refusal | None:
    code = _given(draft, act, "matter")
    if code:
        draft.also.append(Change("link", {"code": code, "about": act.with_["matter"]}))
    return None


def _transfer(draft: Draft, act: Act) -> Refusal | None:
    barred = {UUID(p.unit) for p in draft.snap.known.people if p.barred and p.unit}
    away = frozenset(s.post for s in draft.snap.roster.seats.values() if s.unit in barred) if barred else frozenset()
    choice = draft.snap.roster.nearest(act.of[0], OFFICERS, draft.ask(avoid=away | draft.held()))
    if choice.seat is None:
        return Refusal("nobody_there", {"kind": act.of[0]})
    draft.hand_to(choice)
    return None


def _appoint(draft: Draft, act: Act) -> Refusal | None:
    data = {key: _given(draft, act, key) for key in ("at", "place", "post")}
    draft.also.append(Change("session", {"kind": act.of[0], **data}))
    return None


def _issue(draft: Draft, act: Act) -> Refusal | None:
    draft.also.extend(Change("paper", {"paper": paper}) for paper in act.of)
    return None


# clocks


def _start(draft: Draft, act: Act) -> Refusal | None:
    for name in act.of:
        if not any(c.rule == name and c.state != clk.STOPPED for c in draft.running()):
            draft.begin(draft.snap.procedure.clocks[name])
    return None


def _stop(draft: Draft, act: Act) -> Refusal | None:
    for clock in draft.running():
        if clock.rule in act.of and clock.state != clk.STOPPED:
            draft.clocks[clock.id] = clk.stop(clock, draft.at)
    return None


def _extend(draft: Draft, act: Act) -> Refusal | None:
    """``clock.extension``: as often, in the order and by as much as declared; what is over is not extended."""
    name, _, ident = act.of[0].partition(".")
    rule = draft.snap.procedure.clocks[name]
    extension = rule.extensions[ident]
    used = draft.snap.known.extended
    if used.get(act.of[0], 0) >= extension.most:
        return Refusal("extension_used", {"extension": extension.labels, "most": extension.most})
    if extension.after and not used.get(f"{name}.{extension.after}"):
        after = rule.extensions[extension.after].labels
        return Refusal("extension_order", {"extension": extension.labels, "after": after})
    clock = next((c for c in draft.running() if c.rule == name and c.state == clk.OPEN), None)
    if clock is None:
        return Refusal("clock_not_running", {"clock": rule.labels})
    if clock.due_at <= draft.at:
        return Refusal("clock_over", {"clock": rule.labels})
    after_it = clk.extended(clock, rule, extension.adds, draft.snap.calendars)
    draft.clocks[clock.id] = after_it
    told = {"clock": name, "extension": ident, "was": clock.due_at.isoformat(), "due": after_it.due_at.isoformat()}
    draft.data["extended"] = told
    draft.also.append(Change("extension", {**told, "cycle": clock.cycle}))
    return None


# values and seals


def _set(draft: Draft, act: Act) -> Refusal | None:
    for field, value in act.with_.items():
        draft.data[field] = value
        draft.set[field] = value
    return None


def _seal(draft: Draft, act: Act) -> Refusal | None:
    draft.also.append(Change("seal", {"class": act.of[0]}))
    return None


def _unseal(draft: Draft, act: Act) -> Refusal | None:
    draft.also.append(Change("seal", {"class": draft.snap.procedure.seal}))
    return None


ACTS: dict[str, Callable[[Draft, Act], Refusal | None]] = {
    "join": _join,
    "leave": _leave,
    "bar": _bar,
    "ask": _ask,
    "consent": _consent,
    "withdraw": _withdraw,
    "open": _open,
    "link": _link,
    "transfer": _transfer,
    "appoint": _appoint,
    "issue": _issue,
    "start": _start,
    "stop": _stop,
    "extend": _extend,
    "set": _set,
    "seal": _seal,
    "unseal": _unseal,
}
