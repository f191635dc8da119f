"""Deadlines that move: after a calendar or a category's term has changed, running clocks are computed anew, on the record."""

import logging
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.db import transaction

from linli.core import clocks
from linli.core.calendars import YearMissing
from linli.core.effects import term_of
from linli.core.snapshot import Actor, Decision, Entry, Notice
from linli.matters import reference, standing
from linli.matters.apply import Standing, Write, run, write

log = logging.getLogger("linli.recompute")
BATCH = 200
OPEN_SQL = """
SELECT DISTINCT c.matter_id FROM matters_clock c
 WHERE c.state = 'open' AND c.matter_id > ($1::json->>'after')::uuid
   AND ($1::json->>'calendar' IS NULL OR c.calendar = $1::json->>'calendar')
 ORDER BY 1 LIMIT ($1::json->>'limit')::int
"""
_FIRST = UUID(int=0)


def recompute(*, why: str, actor: str, at: datetime, calendar: str | None = None) -> int:
    """Compute the open clocks anew (those on *calendar*, or all), a batch to a transaction; how many matters moved.

    May be run again at any time: what has moved already does not move twice.
    """
    moved = 0
    for ids in _batches(calendar):
        with transaction.atomic():
            standing.lock(ids)
            found = standing.read(ids, reference.current(fresh=True))
            writes = [w for was in found.values() if (w := _write(was, why, actor, at)) is not None]
            write(writes)
            moved += len(writes)
    log.info("%d matters' deadlines moved: %s", moved, why)
    return moved


def _batches(calendar: str | None) -> Iterator[list[UUID]]:
    after = _FIRST
    while True:
        rows = run(OPEN_SQL, {"after": str(after), "calendar": calendar, "limit": BATCH})
        if not rows:
            return
        ids = [row[0] for row in rows]
        after = ids[-1]
        yield ids


def _write(was: Standing, why: str, actor: str, at: datetime) -> Write | None:
    snap = was.snap
    changed, lines = [], []
    for clock in snap.clocks:
        rule = snap.procedure.clocks.get(clock.rule)
        term = term_of(rule, snap.terms) if rule else None
        if rule is None or term is None:
            continue
        try:
            after = clocks.moved(clock, rule, term, snap.calendars)
        except YearMissing as missing:
            log.error("%s: the clock %s stays: %s", was.code, clock.rule, missing)
            continue
        if after != clock:
            changed.append(after)
            lines.append({"clock": clock.rule, "was": clock.due_at.isoformat(), "due": after.due_at.isoformat()})
    if not changed:
        return None
    entry = Entry("clock.moved", {"moved": lines, "why": why})
    decision = Decision(snap.stage, (entry,), tuple(changed), notices=(Notice("holder", "clock_moved"),))
    kind, _, ident = actor.partition(":")
    return Write(was, decision, Actor(kind, ident, "", frozenset()), at)
