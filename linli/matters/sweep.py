"""The sweeper: fires what is due. Any number may run; a kill at any moment loses nothing and repeats nothing.

One pass is one transaction: take due clocks nobody else holds, decide, write clock, firing, event, matter and
notices together.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event as Signal

from django.db import close_old_connections, connection, transaction
from prometheus_client import Counter, Gauge, Histogram

from linli.core.decide import fire
from linli.core.snapshot import Actor
from linli.kernel import clock, failpoints
from linli.matters import changes, reference, standing, timeguard
from linli.matters.apply import Write, run, write
from linli.matters.timeguard import TimeGuard

log = logging.getLogger("linli.sweep")
BATCH = 500
PAUSE = 0.2  # seconds between looks when nothing is due: a clock is at most this late

DUE_SQL = """
SELECT c.id, c.matter_id FROM matters_clock c JOIN matters_matter m ON m.id = c.matter_id
 WHERE c.state = 'open' AND c.next_at <= ($1::json->>'at')::timestamptz
 ORDER BY c.next_at LIMIT ($1::json->>'limit')::int FOR NO KEY UPDATE OF c, m SKIP LOCKED
"""
FIRED = Counter("linli_clock_firings", "Thresholds of clocks that were handled", ["threshold", "late"])
LATENESS = Histogram(
    "linli_clock_lateness_seconds",
    "How long after its instant a threshold was handled",
    buckets=(0.1, 0.25, 0.5, 1, 2, 5, 10, 60, 600),
)
HELD = Gauge("linli_clocks_held", "1 while the system's time is not trusted and no clock fires")


@dataclass(frozen=True, slots=True)
class Pass:
    """What one pass did: how many it fired, how many were due, and the greatest lateness in seconds."""

    fired: int
    found: int
    latest: float


def sweep_once(at: datetime, *, limit: int = BATCH) -> Pass:
    """Fire up to *limit* due clocks, at most one of each matter, in one transaction. Three queries; one when nothing
    is due."""
    with transaction.atomic():
        due = run(DUE_SQL, {"at": at.isoformat(), "limit": limit})
        first = {matter: ident for ident, matter in reversed(due)}
        if not first:
            return Pass(0, 0, 0.0)
        failpoints.hit("sweep.after_read")
        ref = reference.current()
        writes, latest = [], 0.0
        for matter, was in standing.read(list(first), ref).items():
            due_clock = next(c for c in was.snap.clocks if c.id == first[matter])
            if due_clock.next_at is None or due_clock.next_at > at:
                continue
            decision = fire(was.snap, due_clock, at)
            writes.append(Write(was, decision, Actor("clock", due_clock.rule, "", frozenset({"clock"})), at))
            latest = max(latest, (at - due_clock.next_at).total_seconds())
        write(writes)
        for one in writes:
            if one.decision.also:
                snap = one.was.snap
                scene = changes.Scene(snap.matter, snap.procedure, snap.area, one.was.seq + 1, at, ref.zone)
                changes.apply(scene, one.decision.also)
        failpoints.hit("sweep.before_commit")
    failpoints.hit("sweep.after_commit")
    _measure(writes)
    return Pass(len(writes), len(due), latest)


def _measure(writes: list[Write]) -> None:
    for one in writes:
        if one.decision.fired is not None:
            ident, threshold, late = one.decision.fired
            was = next(c for c in one.was.snap.clocks if c.id == ident)
            FIRED.labels(threshold.partition(":")[0], str(late).lower()).inc()
            if was.next_at is not None:
                LATENESS.observe((one.at - was.next_at).total_seconds())


def loop(stop: Signal, guard: TimeGuard | None = None, beat: Callable[[], None] = lambda: None) -> None:
    """Sweep until *stop* is set. Survives a database that goes away; holds still while the time is not trusted."""
    guard = guard or timeguard.of_process()
    while not stop.is_set():
        wait = PAUSE
        try:
            at = clock.now()
            trusted = guard.trusted(at, clock.monotonic())
            HELD.set(0 if trusted else 1)
            if trusted and sweep_once(at).found >= BATCH:
                wait = 0.0
            beat()
        except Exception:
            log.exception("a sweep failed; it is tried again")
            connection.close()
            wait = 1.0
        close_old_connections()
        stop.wait(wait)


def overdue(at: datetime, by: timedelta = timedelta(seconds=10)) -> int:
    """How many open clocks should have fired more than *by* ago: zero while a sweeper runs. One query."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM matters_clock WHERE state = 'open' AND next_at < %s", [at - by])
        return int(cursor.fetchone()[0])
