"""Deadlines that move: after a calendar or a category's term has changed, running clocks are computed anew, on the
record."""

import logging
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.db import transaction

from linli.core import clocks
from linli.core.beginning import begun, term_of
from linli.core.calendars import YearMissing
from linli.core.snapshot import Actor, Decision, Entry, Notice
from linli.matters import reference, standing
from linli.matters.apply import Standing, Write, run, write

log = logging.getLogger("linli.recompute")
BATCH = 200
OPEN_SQL = """
SELECT m.id FROM matters_matter m WHERE m.closed_at IS NULL AND m.id > ($1::json->>'after')::uuid
 ORDER BY 1 LIMIT ($1::json->>'limit')::int
"""
_FIRST = UUID(int=0)


def recompute(*, why: str, actor: str, at: datetime) -> int:
    """Compute the clocks of all open matters anew, a batch to a transaction; how many matters moved.

    Clocks that waited for a year's table start now. May be run again at any time: what has moved does not move twice.
    """
    moved = 0
    for ids in _batches():
        with transaction.atomic():
            standing.lock(ids)
            found = standing.read(ids, reference.current(fresh=True))
            writes = [w for was in found.values() if (w := _write(was, why, actor, at)) is not None]
            write(writes)
            moved += len(writes)
    log.info("%d matters' deadlines moved: %s", moved, why)
    return moved


def _batches() -> Iterator[list[UUID]]:
    after = _FIRST
    while True:
        rows = run(OPEN_SQL, {"after": str(after), "limit": BATCH})
        if not rows:
            return
        ids = [row[0] for row in rows]
        after = ids[-1]
        yield ids


def _write(was: Standing, why: str, actor: str, at: datetime) -> Write | None:
    changed, lines = [], []
    for clock, after in [*_moves(was), *_starts(was)]:
        changed.append(after)
        before = clock.due_at.isoformat() if clock else None
        lines.append({"clock": after.rule, "was": before, "due": after.due_at.isoformat()})
    if not changed:
        return None
    entry = Entry("clock.moved", {"moved": lines, "why": why})
    decision = Decision(was.snap.stage, (entry,), tuple(changed), notices=(Notice("holder", "clock_moved"),))
    kind, _, ident = actor.partition(":")
    return Write(was, decision, Actor(kind, ident, "", frozenset()), at)


def _moves(was: Standing) -> Iterator[tuple[clocks.Clock | None, clocks.Clock]]:
    """Running clocks whose instants change."""
    snap = was.snap
    for clock in snap.clocks:
        rule = snap.procedure.clocks.get(clock.rule)
        term = term_of(rule, snap.terms, urgent=snap.urgent) if rule else None
        if rule is None or term is None:
            continue
        try:
            after = clocks.moved(clock, rule, term, snap.calendars)
        except (YearMissing, clocks.CalendarMissing) as missing:
            log.warning("%s: the clock %s stays: %s", was.code, clock.rule, missing)
            continue
        if after != clock:
            yield clock, after


def _starts(was: Standing) -> Iterator[tuple[clocks.Clock | None, clocks.Clock]]:
    """Clocks of this stage that waited for a table: they count from when they should have begun."""
    snap = was.snap
    for rule in snap.procedure.starting(snap.stage):
        cycles = [c.cycle for c in snap.clocks if c.rule == rule.id]
        if any(c.rule == rule.id and c.state != clocks.STOPPED for c in snap.clocks):
            continue
        since = max((c.started_at for c in snap.clocks), default=snap.opened_at) if cycles else snap.opened_at
        try:
            cycle = max(cycles, default=0) + 1
            values = snap.known.values
            clock = begun(rule, snap.terms, snap.calendars, values, since, cycle, urgent=snap.urgent)
        except (YearMissing, clocks.CalendarMissing):
            continue
        if clock is not None:
            yield None, clock
