"""A small city for the tests of decisions: posts on every level, the shipped procedure, and a matter kept in memory."""

import random
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from linli.core import clocks as clk
from linli.core.beginning import term_of
from linli.core.decide import fire
from linli.core.procedure import Field, Procedure, Step, Term, Terms
from linli.core.refusals import Refusal
from linli.core.role_words import RELATIONS, ROLES
from linli.core.routing import LEVELS, Roster, Seat
from linli.core.snapshot import Actor, Decision, Holder, Snapshot
from linli.core.spans import Span
from linli.core.words import Words
from linli.procedures import calendars, load
from linli.procedures.routing import load_routing

BODY = load.shipped("procedures")["request"]
DECLARED: dict[str, Any] = tomllib.loads(BODY)
REQUEST = load.procedure(BODY, "request.toml")
ROUTING = load_routing(load.shipped("routing")["default"], "default.toml")
CALENDARS = calendars.shipped()
EVERYONE = (*ROLES, *RELATIONS)

CITY, COUNTY, TOWNSHIP, VILLAGE = "5111", "511102", "511102004", "511102004001"
GRID, NEIGHBOUR = VILLAGE + "001", VILLAGE + "002"
NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)  # a Monday


def ident(n: int) -> UUID:
    return UUID(int=n)


def seat(n: int, role: str, area: str, unit: int = 0, tag: str = "", **more: Any) -> Seat:
    level = next(name for name, length, _ in LEVELS if len(area) >= length)
    return Seat(
        ident(n), ident(1000 + n), f"人{n}", ident(unit or 2000 + n), f"单位{n}", level, tag, role, area, **more
    )


SEATS = (
    seat(1, "grid_worker", GRID),
    seat(2, "grid_worker", NEIGHBOUR),
    seat(11, "operator", VILLAGE),
    seat(12, "dispatcher", VILLAGE),
    seat(21, "operator", TOWNSHIP),
    seat(22, "dispatcher", TOWNSHIP),
    seat(23, "officer", TOWNSHIP, tag="城管"),
    seat(24, "centre_lead", TOWNSHIP),
    seat(31, "operator", COUNTY),
    seat(32, "dispatcher", COUNTY),
    seat(33, "officer", COUNTY, tag="住建"),
    seat(34, "unit_lead", COUNTY, tag="住建"),
    seat(41, "operator", CITY),
    seat(42, "dispatcher", CITY),
    seat(43, "officer", CITY, tag="环保"),
    seat(90, "system_admin", CITY),
)


def terms(
    code: str,
    duty: str,
    complete: str,
    calendar: str = "always",
    evidence: tuple[str, ...] = ("note",),
    *,
    urgent: bool = False,
) -> Terms:
    deadlines = {
        "respond": Term(Span.parse("5 min"), "always", "promise"),
        "complete": Term(Span.parse(complete), calendar, "promise"),
    }
    return Terms(code, Words(code, code), deadlines, evidence, duty, urgent)


CATALOGUE = {
    one.category: one
    for one in (
        terms("grid.lamp", "社区", "1 h"),
        terms("city.waste", "城管", "24 h", evidence=("photo", "note")),
        terms("house.permit", "住建", "15 working_d", "cn-workdays"),
        terms("month.long", "环保", "1 month", "cn-statutory"),
        terms("danger.gas", "应急", "30 min", urgent=True),
    )
}


def roster(*seats: Seat, load_of: Mapping[UUID, int] | None = None) -> Roster:
    return Roster.build(seats or SEATS, ROUTING.rules, ROUTING.zone, load_of or {})


def holder(n: int) -> Holder:
    found = next(s for s in SEATS if s.post == ident(n))
    return Holder(found.post, found.unit, found.name, found.unit_name)


def matter(stage: str = "received", category: str = "grid.lamp", at: datetime = NOON, **more: Any) -> Snapshot:
    """A matter opened at *at* and now standing at *stage*, with the clocks that run there."""
    procedure: Procedure = more.pop("procedure", REQUEST)
    made = Snapshot(
        matter=ident(5000),
        procedure=procedure,
        terms=CATALOGUE[category],
        stage=stage,
        category=category,
        area=more.pop("area", GRID),
        level=more.pop("level", "grid"),
        kind="request",
        urgent=False,
        opened_at=at,
        holder=more.pop("holder", holder(1)),
        reopened=0,
        clocks=(),
        calendars=CALENDARS,
        roster=more.pop("roster", roster()),
        catalogue=CATALOGUE,
    )
    running = tuple(
        replace(clk.start(rule, term, CALENDARS, at, 1), id=ident(6000 + n))
        for n, rule in enumerate(procedure.clocks.values())
        if stage in rule.starts or (rule.since_opening and stage not in rule.stops)
        if (term := term_of(rule, made.terms)) is not None
    )
    return replace(made, clocks=running, **more)


def actor(role: str, snap: Snapshot) -> Actor:
    """Somebody with exactly this role or relation."""
    if role in ("resident", "clock", "system"):
        return Actor(role, role, "", frozenset({role}))
    if role == "holder" and snap.holder.post is not None:
        return Actor("person", "p", snap.holder.name, frozenset({role}), snap.holder.post, snap.holder.unit)
    found = next((s for s in SEATS if s.role == role), SEATS[1])
    return Actor("person", "p", found.name, frozenset({role}), found.post, found.unit)


def by_post(n: int, snap: Snapshot) -> Actor:
    found = next(s for s in SEATS if s.post == ident(n))
    roles = {found.role} | ({"holder"} if snap.holder.post == found.post else set())
    return Actor("person", f"p{n}", found.name, frozenset(roles), found.post, found.unit)


def value(field: Field, snap: Snapshot, pick: random.Random) -> object:
    """Something right for the field."""
    others = [
        s for s in SEATS if snap.area.startswith(s.area) and s.role != "system_admin" and s.post != snap.holder.post
    ]
    made: dict[str, object] = {
        "text": "好",
        "long_text": "已到现场处理",
        "choice": pick.choice([c for c, _ in field.choices] or [""]),
        "flag": True,
        "number": pick.randint(-5, 5),
        "rating": pick.randint(1, 5),
        "post": str(pick.choice(others).post) if others else "",
        "area": pick.choice([GRID, NEIGHBOUR, VILLAGE, COUNTY]),
        "category": pick.choice(list(CATALOGUE)),
        "matter": "LS-1",
        "instant": "2026-11-23T09:30:00+08:00",
    }
    return made[field.type]


def form(step: Step, snap: Snapshot, seed: int = 0) -> dict[str, object]:
    pick = random.Random(seed)
    filled = {f.id: value(f, snap, pick) for f in step.fields}
    return filled | ({"evidence": ["photo"]} if step.evidence else {})


def after(snap: Snapshot, decision: Decision) -> Snapshot:
    """The matter once the decision has been written, as the room above writes it."""
    changed = {c.id: c for c in decision.clocks}
    kept = tuple(changed.pop(c.id, c) for c in snap.clocks)
    columns = {
        k: v for k, v in decision.changes.items() if k in ("category", "area", "level", "kind", "urgent", "reopened")
    }
    if "category" in columns:
        columns["terms"] = CATALOGUE[str(columns["category"])]
    if decision.assigned is not None:
        columns["holder"] = decision.assigned.holder
    return replace(snap, stage=decision.stage, clocks=kept + tuple(changed.values()), **columns)


def taken(result: Decision | Refusal) -> Decision:
    assert isinstance(result, Decision), result
    return result


def due(snap: Snapshot, at: datetime) -> list[clk.Clock]:
    """The clocks whose next threshold has come, the soonest first."""
    found = [c for c in snap.clocks if c.state == clk.OPEN and c.next_at is not None and c.next_at <= at]
    return sorted(found, key=lambda c: (c.next_at, c.rule))


def sweep(
    snap: Snapshot, until: datetime, fired: list[tuple[UUID, str]] | None = None, *, late: bool = False
) -> Snapshot:
    """Let time pass: everything that falls due is fired at its instant (or, *late*, all at the end)."""
    for _ in range(200):
        waiting = due(snap, until)
        if not waiting:
            return snap
        clock = waiting[0]
        decision = fire(snap, clock, until if late else clock.next_at or until)
        assert decision.fired is not None
        if fired is not None:
            fired.append(decision.fired[:2])
        snap = after(snap, decision)
    raise AssertionError("the sweep does not come to an end")


def minutes(n: float) -> timedelta:
    return timedelta(minutes=n)
