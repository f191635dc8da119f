"""How a matter begins: its first stage, its first holder, its first clocks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from linli.core import clocks as clk
from linli.core.calendars import Calendar, YearMissing
from linli.core.effects import term_of
from linli.core.procedure import Procedure, Terms
from linli.core.routing import Ask, Choice, Roster, level_of_area


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
    procedure: Procedure, terms: Terms, calendars: Mapping[str, Calendar], roster: Roster, ask: Ask, at: datetime
) -> Opening:
    """Begin a matter at *at*."""
    stage = procedure.first if ask.sure else procedure.unsure
    choice = roster.route(ask)
    level = level_of_area(choice.seat.area if choice.seat else ask.area)
    clocks: list[clk.Clock] = []
    waiting: list[tuple[str, YearMissing]] = []
    for rule in procedure.starting(stage):
        term = term_of(rule, terms)
        if term is None:
            continue
        try:
            clocks.append(clk.start(rule, term, calendars, at, 1))
        except YearMissing as missing:
            waiting.append((rule.id, missing))
    return Opening(stage, level, choice, tuple(clocks), tuple(waiting))
