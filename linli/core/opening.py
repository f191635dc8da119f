"""How a matter begins: its first stage, its first holder, its first clocks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from linli.core import clocks as clk
from linli.core.beginning import begun
from linli.core.calendars import Calendar, YearMissing
from linli.core.procedure import Procedure, Terms
from linli.core.routing import Ask, Choice, Roster, level_of_area
from linli.core.words import Words


@dataclass(frozen=True, slots=True)
class Opening:
    """What a new matter starts with. *level* is the holder's, or the place's while nobody holds it.

    *waiting* names clocks that could not start because their calendar has no table for a year they reach: the date is
    never guessed, the matter is taken all the same, and the clock starts when the table is entered.
    """

    stage: str
    level: str
    choice: Choice
    clocks: tuple[clk.Clock, ...]
    waiting: tuple[tuple[str, YearMissing], ...] = ()


def open_matter(
    procedure: Procedure,
    terms: Terms,
    calendars: Mapping[str, Calendar],
    roster: Roster,
    ask: Ask,
    at: datetime,
    *,
    values: Mapping[str, object] | None = None,
    opener: UUID | None = None,
) -> Opening:
    """Begin a matter at *at*. *values*: the opening form; *opener*: the post that opens it, for those who keep it."""
    stage = procedure.first if ask.sure else procedure.unsure
    choice = _first(procedure, roster, ask, opener, values or {})
    level = level_of_area(choice.seat.area if choice.seat else ask.area)
    clocks: list[clk.Clock] = []
    waiting: list[tuple[str, YearMissing]] = []
    for rule in procedure.starting(stage):
        try:
            clock = begun(rule, terms, calendars, values or {}, at, 1, urgent=ask.urgent)
        except YearMissing as missing:
            waiting.append((rule.id, missing))
        else:
            clocks += [clock] if clock is not None else []
    return Opening(stage, level, choice, tuple(clocks), tuple(waiting))


def _first(procedure: Procedure, roster: Roster, ask: Ask, opener: UUID | None, values: Mapping[str, object]) -> Choice:
    """Who holds it first: whom routing finds, the nearest unit of a kind, or who opens it; failing them, the centre."""
    rule = procedure.opening
    if rule is None or rule.holder == "route":
        return roster.route(ask)
    seat = roster.seats.get(opener) if opener is not None and rule.holder == "opener" else None
    if seat is not None:
        return Choice(seat, "opener", (Words("由发起人承办", "kept by who opened it"),))
    if rule.holder == "named":
        choice = roster.at_unit(UUID(str(values[rule.unit])), rule.roles, ask)
    else:
        choice = roster.nearest(rule.unit, rule.roles, ask)
    return choice if choice.seat is not None else roster.at_centre(ask, level_of_area(ask.area))
