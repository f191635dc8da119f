"""The outbox: what is to be sent or done is written in the caller's transaction and leaves after its commit.

At least once: lease, send, mark. A worker that dies loses its lease after a while, and another takes the message.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from linli.core.ids import uuid7
from linli.kernel.models import Outbox

LEASE = timedelta(seconds=60)
LONGEST_WAIT = timedelta(hours=1)
MOST_ATTEMPTS = 20

# Taking a lease moves available_at to its end, so that one partial index serves due, waiting and leased messages.
_LEASE_SQL = """
UPDATE kernel_outbox SET attempts = attempts + 1, leased_until = %(until)s, available_at = %(until)s
 WHERE id IN (
       SELECT id FROM kernel_outbox
        WHERE done_at IS NULL AND failed_at IS NULL AND available_at <= %(at)s
          AND (%(topics)s::text[] IS NULL OR topic = ANY(%(topics)s::text[]))
        ORDER BY available_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
RETURNING id, topic, key, payload::text, attempts
"""


@dataclass(frozen=True, slots=True)
class Message:
    """A leased message. *attempts* counts this one and tells its lease from a later one."""

    id: UUID
    topic: str
    key: str
    payload: Any
    attempts: int


@dataclass(frozen=True, slots=True)
class Draft:
    """A message to be put: each (topic, key) is sent once however often it is put."""

    topic: str
    key: str
    payload: Any
    available_at: datetime


def put(topic: str, key: str, payload: Any, at: datetime) -> None:
    """Put one message, to be sent from *at* on, in the caller's transaction. One query.

    A message with the same topic and key that stands already is left as it is.
    """
    put_many([Draft(topic, key, payload, at)])


def put_many(drafts: Iterable[Draft]) -> None:
    """Put several messages with one query."""
    rows = [
        Outbox(id=uuid7(), topic=draft.topic, key=draft.key, payload=draft.payload, available_at=draft.available_at)
        for draft in drafts
    ]
    Outbox.objects.bulk_create(rows, ignore_conflicts=True)


def lease(limit: int, *, at: datetime, topics: Sequence[str] | None = None, length: timedelta = LEASE) -> list[Message]:
    """Take up to *limit* due messages for *length*, oldest first; nobody else gets them meanwhile. One query.

    Call it outside a transaction: the lease must be committed before anything is sent.
    """
    import orjson

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            _LEASE_SQL,
            {"until": at + length, "at": at, "limit": limit, "topics": None if topics is None else list(topics)},
        )
        rows = cursor.fetchall()
    taken = [Message(row[0], row[1], row[2], orjson.loads(row[3]), row[4]) for row in rows]
    return sorted(taken, key=lambda message: message.id)


def done(messages: Iterable[Message], *, at: datetime) -> int:
    """Mark messages as sent; returns how many were not marked before. One query."""
    ids = [message.id for message in messages]
    return Outbox.objects.filter(id__in=ids, done_at=None).update(done_at=at, leased_until=None, error="")


def failed(message: Message, error: str, *, at: datetime, permanent: bool = False) -> bool:
    """Note that sending failed: for good, or to be tried again after a wait that doubles (1 s to 1 h). One query.

    After MOST_ATTEMPTS tries it fails for good. False when the lease had passed to someone else meanwhile.
    """
    mine = Outbox.objects.filter(id=message.id, attempts=message.attempts, done_at=None, failed_at=None)
    if permanent or message.attempts >= MOST_ATTEMPTS:
        return bool(mine.update(failed_at=at, leased_until=None, error=error[:2000]))
    return bool(mine.update(available_at=at + wait(message.attempts), leased_until=None, error=error[:2000]))


def wait(attempts: int) -> timedelta:
    """How long to wait after that many failed attempts."""
    return min(timedelta(seconds=2 ** (min(attempts, 20) - 1)), LONGEST_WAIT)


def waiting(at: datetime) -> tuple[int, float]:
    """How many messages are due and unsent, and the age of the oldest in seconds. One query on the partial index."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), coalesce(extract(epoch FROM %s - min(available_at)), 0) FROM kernel_outbox"
            " WHERE done_at IS NULL AND failed_at IS NULL AND available_at <= %s",
            [at, at],
        )
        count, age = cursor.fetchone()
    return count, float(age)


def purge(before: datetime) -> int:
    """Delete messages sent before that instant; failed ones stay until a person decides."""
    return Outbox.objects.filter(done_at__lt=before).delete()[0]
