"""Keeping topics up to date beside the sweeper: new requests in, changed groups out. Never on intake's path.

Of any number of these loops one works (an advisory lock) and the others stand by. It holds at most HELD requests of the
last DAYS days in memory, reads a few at a time and pauses in between, so that clocks beside it are not kept waiting.
"""

import logging
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from threading import Event as Signal
from typing import Any, Final
from uuid import UUID

from django.db import close_old_connections, connection, transaction

from linli.core.ids import uuid7
from linli.indicators.models import TopicMember
from linli.kernel import clock
from linli.matters import reference
from linli.matters.models import Matter
from linli.understanding.hotspots import Message, Stream

log = logging.getLogger("linli.topics")
DAYS: Final = 90
HELD: Final = 12_000
BATCH: Final = 200
PAUSE: Final = 0.5  # s between two batches
EVERY: Final = 20.0  # s between two looks when nothing waits
SETTLED: Final = timedelta(seconds=10)  # a request may be committed after one with a later key
AGAIN: Final = timedelta(hours=12)  # then all is read anew: what was erased leaves the memory
SUBJECT: Final = 48  # characters of a first sentence that stand for a subject line
_LOCK: Final = 7_205_759_403_792_871
_FIRST = re.compile(r"[^\n。！？!?；;]{4,48}(?=[\n。！？!?；;，,]|$)")
_KIND = re.compile(r"(?:街道|社区|网格|村|镇|乡|新区|区|县|市)$")
COLUMNS: Final = (
    *("id", "opened_at", "area", "bundle", "code"),
    *("statement__text", "statement__part", "statement__contact_phone", "statement__erased_at"),
)


def message_of(row: Sequence[Any]) -> Message:
    """One matter as a message of the stream, from COLUMNS. The first sentence stands for a subject line."""
    ident, at, area, bundle, _code, text, part, phone, erased = row
    said = "" if erased else (part or text)
    match = _FIRST.match(said)
    subject = match[0] if match else said[:SUBJECT]
    return Message(str(ident), subject, said[len(subject) :], at, phone or str(bundle), place=area)


class Follower:
    """The stream in memory and what the table says."""

    def __init__(self, at: datetime) -> None:
        """Read the table and find where to begin. Two queries."""
        self.began = at
        self.stream = Stream(official(entry.name for entry in reference.current().index.walk()))
        self.stored: dict[UUID, UUID] = dict(TopicMember.objects.values_list("matter", "topic"))
        newest = Matter.objects.filter(procedure="request").order_by("-pk").values_list("pk", flat=True)
        full = list(newest[HELD * 3 // 4 : HELD * 3 // 4 + 1])
        self.last = max([_key(at - timedelta(days=DAYS)), *full])

    def read(self, at: datetime) -> int:
        """Take in the next batch; how many were read. One query."""
        rows = list(
            Matter.objects.filter(pk__gt=self.last, pk__lt=_key(at - SETTLED), procedure="request", sealed="")
            .order_by("pk")
            .values_list(*COLUMNS)[:BATCH]
        )
        self.stream.add_all(message_of(row) for row in rows if row[-1] is None)
        if rows:
            self.last = rows[-1][0]
        return len(rows)

    def write(self) -> int:
        """Store what changed in the groups; how many rows. At most two queries."""
        wanted = named([[UUID(one) for one in group] for group in self.stream.groups()], self.stored)
        changed = [TopicMember(matter_id=m, topic=t) for m, t in wanted.items() if self.stored.get(m) != t]
        gone = [m for m in self.stored if m not in wanted]
        with transaction.atomic():
            if changed:
                TopicMember.objects.bulk_create(
                    changed, update_conflicts=True, unique_fields=["matter"], update_fields=["topic"], batch_size=2000
                )
            if gone:
                TopicMember.objects.filter(pk__in=gone).delete()
        self.stored = wanted
        return len(changed) + len(gone)


def named(groups: Iterable[Sequence[UUID]], before: Mapping[UUID, UUID]) -> dict[UUID, UUID]:
    """Matter → topic. A group keeps the name that most of its matters had, the largest first; else its earliest."""
    wanted: dict[UUID, UUID] = {}
    taken: set[UUID] = set()
    for group in sorted(groups, key=lambda one: (-len(one), min(one))):
        had = Counter(before[m] for m in group if m in before and before[m] not in taken)
        name = max(had, key=lambda topic: (had[topic], topic), default=min(group))
        if name in taken:
            name = next(m for m in sorted(group) if m not in taken)
        taken.add(name)
        wanted.update(dict.fromkeys(group, name))
    return wanted


def official(names: Iterable[str]) -> Iterator[str]:
    """The names of a city's own places, also without what they are: they say where, not what a message is about."""
    for name in names:
        yield name
        yield _KIND.sub("", name)


def _key(at: datetime) -> UUID:
    return uuid7(int(at.timestamp() * 1000))


def loop(stop: Signal) -> None:
    """Keep topics up to date until *stop* is set."""
    while not stop.is_set():
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
                mine = bool(cursor.fetchone()[0])
            if mine:
                _work(stop)
        except Exception:
            log.exception("topics wait for the database")
            close_old_connections()
        stop.wait(EVERY)


def _work(stop: Signal) -> None:
    follower, stale = Follower(clock.now()), False
    while not stop.is_set():
        got = follower.read(clock.now())
        stale = stale or got > 0
        if not got and stale:
            follower.write()
            stale = False
        at = clock.now()
        if len(follower.stream) > HELD or at - follower.began > AGAIN:
            follower = Follower(at)
        stop.wait(PAUSE if got else EVERY)
