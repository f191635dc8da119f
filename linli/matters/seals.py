"""Seals: from time to time a hash over the head of every chain that moved is published, so that a tail can't be cut
unnoticed.

Work grows with what changed since the last seal. Each seal is a row, a line in the log, and a line in
``DATA/seals.log``
that an auditor copies elsewhere.
"""

import logging
import os
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event as Signal
from typing import Any
from uuid import UUID

from django.db import close_old_connections, connection, transaction

from linli.core import chain
from linli.kernel import clock, settings
from linli.matters import proof, timeguard
from linli.matters.models import Event, Matter, Seal
from linli.matters.proof import Fault

log = logging.getLogger("linli.seals")
EVERY = 300.0  # seconds
LAG = timedelta(minutes=2)  # longer than any transaction that writes events may take
LOCK = 7_205_759_403_792_794
HEADS_SQL = """
SELECT DISTINCT ON (matter_id) matter_id, seq, hash FROM matters_event
 WHERE recorded_at > %s AND recorded_at <= %s ORDER BY matter_id, seq DESC
"""
ORPHANS_SQL = """
SELECT e.matter_id, count(*) FROM matters_event e
 WHERE NOT EXISTS (SELECT 1 FROM matters_matter m WHERE m.id = e.matter_id) GROUP BY 1
"""
GAPS_SQL = """
SELECT coalesce(c.area, m.area), coalesce(c.day, m.day), coalesce(c.n, 0), coalesce(m.n, 0) FROM matters_counter c
  FULL JOIN (SELECT split_part(code, '-', 1) AS area, split_part(code, '-', 2) AS day, count(*) AS n
               FROM matters_matter GROUP BY 1, 2) m
    ON m.area = c.area AND m.day = c.day
 WHERE c.n IS DISTINCT FROM m.n
"""
_BEGINNING = datetime.fromisoformat("2000-01-01T00:00:00+00:00")


def seal_once(at: datetime) -> Seal | None:
    """Seal what was recorded since the last seal; None when nothing was, or another process is at it."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return None
        last = Seal.objects.order_by("-number").first()
        since, until = last.until if last else _BEGINNING, at - LAG
        heads = _heads(cursor, since, until)
        if not heads:
            return None
        hashed = chain.seal(bytes(last.hash) if last else chain.GENESIS, heads)
        number = last.number + 1 if last else 1
        made = Seal.objects.create(number=number, at=at, until=until, count=len(heads), hash=hashed)
    _publish(made)
    return made


def _heads(cursor: Any, since: datetime, until: datetime) -> list[tuple[UUID, int, bytes]]:
    cursor.execute(HEADS_SQL, [since, until])
    return [(matter, seq, bytes(hashed)) for matter, seq, hashed in cursor.fetchall()]


def log_path() -> Path:
    """Where seals are published: an auditor copies this file elsewhere."""
    return settings.current().data / "seals.log"


def _publish(made: Seal) -> None:
    """Append the seal, and those before it that a process killed after its commit could not."""
    known = proof.published(log_path())
    missing = Seal.objects.filter(number__gt=max(known, default=0), number__lte=made.number).order_by("number")
    with log_path().open("a", encoding="ascii") as file:
        for one in missing:
            log.info("seal %s", proof.line(one))
            file.write(proof.line(one) + "\n")
        file.flush()
        os.fsync(file.fileno())


def loop(stop: Signal) -> None:
    """Seal every five minutes until *stop* is set; not in a time that is not trusted: a seal over the future would
    leave out what is recorded until then."""
    while not stop.wait(EVERY):
        try:
            if not timeguard.held():
                seal_once(clock.now())
        except Exception:
            log.exception("sealing failed; it is tried again")
            connection.close()
        close_old_connections()


def verify(since: datetime | None = None, looked: Callable[[int], None] = lambda n: None) -> Iterator[Fault]:
    """Check every chain against its events, its texts and its kept head, then every seal. Yields what is wrong.

    *since*: only matters that moved after it, but always all seals. *looked* is told how many matters were checked.
    Reads in batches of 1,000 matters.
    """
    matters = Matter.objects.order_by("pk")
    if since is not None:
        matters = matters.filter(updated_at__gte=since)
    batch: list[Matter] = []
    for matter in matters.only("pk", "code", "seq", "head").iterator(chunk_size=1000):
        batch.append(matter)
        if len(batch) == 1000:
            yield from _chains(batch)
            looked(len(batch))
            batch = []
    yield from _chains(batch)
    looked(len(batch))
    yield from _orphans()
    yield from _seals()
    yield from proof.against_published(log_path())


def _chains(batch: list[Matter]) -> Iterator[Fault]:
    events: dict[UUID, list[chain.Event]] = {m.pk: [] for m in batch}
    rows = Event.objects.filter(matter__in=list(events)).order_by("matter_id", "seq")
    for r in rows.iterator(chunk_size=2000):
        made = chain.Event(
            r.matter_id, r.seq, r.at, r.actor_kind, r.actor, r.step, r.data, bytes(r.prev), bytes(r.hash)
        )
        events[r.matter_id].append(made)
    for matter in batch:
        for problem in chain.verify(events[matter.pk], chain.Head(matter.seq, bytes(matter.head))):
            yield Fault(matter.code, problem.words.en)
    yield from proof.texts({m.pk: m.code for m in batch}, events)


def _orphans() -> Iterator[Fault]:
    """Events whose matter is gone, and numbers of matters that were given and are not there."""
    with connection.cursor() as cursor:
        cursor.execute(ORPHANS_SQL)
        for matter, count in cursor.fetchall():
            yield Fault(str(matter), f"its {count} events are there, the matter itself is gone")
        cursor.execute(GAPS_SQL)
        for area, day, given, there in cursor.fetchall():
            yield Fault(f"{area}-{day}", f"{given} matters were numbered on this day, {there} are there")


def _seals() -> Iterator[Fault]:
    previous, since = chain.GENESIS, _BEGINNING
    with connection.cursor() as cursor:
        for made in Seal.objects.order_by("number"):
            if chain.seal(previous, _heads(cursor, since, made.until)) != bytes(made.hash):
                yield Fault(f"seal {made.number}", "the events recorded before it are not the ones it was made over")
            previous, since = bytes(made.hash), made.until
