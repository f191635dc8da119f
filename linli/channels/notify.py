"""The sender: takes messages from the outbox and delivers them, at least once; what is shown is shown once.

Topics: ``notice`` (somebody's inbox), ``post_ended`` (matters are handed on), ``recompute`` (deadlines move). Each
handler may be repeated harmlessly; the message is marked only after it succeeded.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from threading import Event as Signal
from typing import Any, Final
from uuid import UUID

from django.db import close_old_connections, connection
from prometheus_client import Counter

from linli.kernel import clock, failpoints, outbox
from linli.matters import handover, recompute, reference
from linli.matters.models import Notice

log = logging.getLogger("linli.notify")
BATCH: Final = 200
PAUSE: Final = 0.3
SENT = Counter("linli_outbox_sent", "Messages that left the outbox", ["topic"])


def send_once(at: datetime) -> int:
    """Deliver up to a batch of due messages; how many were taken."""
    messages = outbox.lease(BATCH, at=at)
    if messages:
        failpoints.hit("outbox.leased")
    notices = [m for m in messages if m.topic == "notice"]
    _guarded(notices, _notices, at)
    for message in messages:
        if message.topic != "notice":
            _guarded([message], HANDLERS.get(message.topic, _unknown), at)
    return len(messages)


def _guarded(
    messages: list[outbox.Message], handle: Callable[[list[outbox.Message], datetime], None], at: datetime
) -> None:
    if not messages:
        return
    try:
        handle(messages, at)
        failpoints.hit("outbox.sent")
        outbox.done(messages, at=at)
    except Exception as error:
        log.exception("%d message(s) of %s failed", len(messages), messages[0].topic)
        for message in messages:
            outbox.failed(message, repr(error), at=at, permanent=isinstance(error, LookupError))
    else:
        SENT.labels(messages[0].topic).inc(len(messages))


def _notices(messages: list[outbox.Message], at: datetime) -> None:
    """Into the inboxes: one row per post and message; the key lets a repeated delivery show once. One query."""
    ref = reference.current()
    rows = []
    for message in messages:
        body: dict[str, Any] = message.payload
        for post in _posts(body, ref, at):
            key = f"{message.key}:{post}"
            rows.append(
                Notice(key=key[:120], post_id=post, matter_id=body["matter"], kind=body["kind"], data=body, at=at)
            )
    Notice.objects.bulk_create(rows, ignore_conflicts=True)


def _posts(body: dict[str, Any], ref: reference.Reference, at: datetime) -> list[UUID]:
    """Whose inbox: the named post, or the centre's at the responsible level, or above it while nobody is there.

    Residents look at their page.
    """
    if body["to"] in ("holder", "previous"):
        return [UUID(body["post"])] if body.get("post") else []
    if body["to"] == "level":
        seats, _level = ref.roster.listeners(body["area"], body["level"], at)
        return [seat.post for seat in seats]
    return []


def _post_ended(messages: list[outbox.Message], at: datetime) -> None:
    for message in messages:
        handover.hand_on(UUID(message.key.partition(":")[0]), at=at)


def _recompute(messages: list[outbox.Message], at: datetime) -> None:
    for message in messages:
        recompute.recompute(why=message.payload["why"], actor=message.payload["actor"], at=at)


def _unknown(messages: list[outbox.Message], at: datetime) -> None:
    raise LookupError(f"nobody handles the topic {messages[0].topic!r}")


HANDLERS: Final[dict[str, Callable[[list[outbox.Message], datetime], None]]] = {
    "post_ended": _post_ended,
    "recompute": _recompute,
}


def loop(stop: Signal) -> None:
    """Send until *stop* is set; survives a database that goes away."""
    while not stop.is_set():
        wait = PAUSE
        try:
            if send_once(clock.now()) >= BATCH:
                wait = 0.0
        except Exception:
            log.exception("the outbox could not be read; it is tried again")
            connection.close()
            wait = 1.0
        close_old_connections()
        stop.wait(wait)
