"""What a change would move, counted before it is published: by the decisions that will move it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from django.db import connection

from linli.core import clocks
from linli.core.beginning import term_of
from linli.core.calendars import Calendar, YearMissing
from linli.core.procedure import Terms
from linli.core.spans import Span
from linli.matters import reference
from linli.matters.reference import Reference

MOST: Final = 20_000  # running clocks looked at; with more the count says “at least”

_RUNNING = """
SELECT c.id, c.rule, c.cycle, c.state, c.span, c.calendar, c.started_at, c.warn_at, c.due_at, c.rung, c.next_at,
       c.remaining, c.stopped_at, m.id, m.category, m.procedure, m.procedure_version, m.urgent
  FROM matters_matter m JOIN matters_clock c ON c.matter_id = m.id
 WHERE m.closed_at IS NULL AND c.state = 'open' AND (m.category = ANY(%s) OR c.calendar = ANY(%s))
 ORDER BY c.next_at LIMIT %s
"""
_WAITING = """
SELECT m.id, m.category, m.procedure, m.procedure_version, m.opened_at, w.rule, m.urgent
  FROM unnest(%s::text[], %s::text[], %s::text[]) AS w(procedure, rule, stage)
  JOIN matters_matter m ON m.procedure = w.procedure AND m.stage = w.stage AND m.closed_at IS NULL
 WHERE NOT EXISTS (SELECT 1 FROM matters_clock c WHERE c.matter_id = m.id AND c.rule = w.rule)
 LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Effect:
    """How many open matters there are of the kind, and how many clocks of how many matters would move or start."""

    open: int
    matters: int
    clocks: int
    starting: int
    held: int  # clocks that would reach a year without a table
    more: bool  # there were more than could be looked at


def of_change(
    codes: Collection[str] = (),
    calendars: Collection[str] = (),
    *,
    terms: Mapping[str, Terms] | None = None,
    tables: Mapping[str, Calendar] | None = None,
) -> Effect:
    """Compute all running clocks of *codes* and on *calendars* with changed *terms* and *tables*. Three queries."""
    ref = reference.current(fresh=True)
    after = replace(
        ref,
        declared=replace(
            ref.declared,
            terms={**ref.declared.terms, **(terms or {})},
            calendars={**ref.declared.calendars, **(tables or {})},
        ),
    )
    with connection.cursor() as cursor:
        cursor.execute(_RUNNING, [list(codes), list(calendars), MOST + 1])
        running = cursor.fetchall()
        cursor.execute(
            "SELECT count(*) FROM matters_matter WHERE closed_at IS NULL AND category = ANY(%s)", [list(codes)]
        )
        (count,) = cursor.fetchone()
    moved, matters, held = 0, set(), 0
    for row in running[:MOST]:
        try:
            changes = _moves(row, after)
        except (YearMissing, clocks.CalendarMissing):
            held += 1
            continue
        if changes:
            moved += 1
            matters.add(row[13])
    starting = sum(_starts(row, after) for row in _waiting(ref))
    return Effect(count, len(matters), moved, starting, held, len(running) > MOST)


def _moves(row: Sequence[Any], after: Reference) -> bool:
    clock = clocks.Clock(row[0], row[1], row[2], row[3], Span.parse(row[4]), *row[5:13])
    rule = after.procedure(row[15], row[16]).clocks.get(clock.rule)
    term = term_of(rule, after.terms_of(row[14]), urgent=row[17]) if rule else None
    if rule is None or term is None:
        return False
    return clocks.moved(clock, rule, term, after.calendars) != clock


def _waiting(ref: Reference) -> list[Any]:
    """(matter, category, procedure, version, opened_at, rule, urgent) of clocks that should run and do not."""
    keys = [(p.id, c.id, stage) for p in ref.declared.latest.values() for c in p.clocks.values() for stage in c.starts]
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, [[k[0] for k in keys], [k[1] for k in keys], [k[2] for k in keys], MOST])
        rows: list[Any] = cursor.fetchall()
    return rows


def _starts(row: Sequence[Any], after: Reference) -> bool:
    rule = after.procedure(row[2], row[3]).clocks.get(row[5])
    term = term_of(rule, after.terms_of(row[1]), urgent=row[6]) if rule else None
    if rule is None or term is None:
        return False
    try:
        clocks.start(rule, term, after.calendars, row[4], 1)
    except (YearMissing, KeyError):
        return False
    return True


def waiting() -> int:
    """How many open matters wait for a year's table: a clock of theirs cannot start. One query."""
    return len({row[0] for row in _waiting(reference.current())})
