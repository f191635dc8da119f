"""The hash chain of a matter's events, and the seal over the heads of all chains.

Each event's hash covers the one before it, so an edit, a deletion or a reordering breaks the chain. A cut tail, or a
chain rewritten as a whole, shows against the head kept with the matter and against the published seal.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from linli.core.words import Words

GENESIS: Final = bytes(32)
"""What stands before the first event of a matter."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICRO = timedelta(microseconds=1)
_encode = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"), check_circular=False
).encode
_sha256 = hashlib.sha256
_SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a matter's history as it is stored; ``seq`` counts from 1."""

    matter: UUID
    seq: int
    at: datetime
    actor_kind: str
    actor: str
    step: str
    data: Mapping[str, Any]
    prev: bytes
    hash: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """The last event of a matter's chain."""

    seq: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Problem:
    """Where a chain does not hold: ``order``, ``link``, ``content``, ``mixed`` or ``head``."""

    kind: str
    seq: int
    words: Words


def digest(
    prev: bytes, matter: UUID, seq: int, at: datetime, actor_kind: str, actor: str, step: str, data: Mapping[str, Any]
) -> bytes:
    """The SHA-256 of an event after *prev*, over canonical JSON with the instant in microseconds.

    *data* is JSON with text keys; it hashes the same after PostgreSQL's jsonb has held it. Raises TypeError or
    ValueError for what is no JSON, and for an instant without a zone.
    """
    if at.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    micro = (at - _EPOCH) // _MICRO
    text = _encode((matter.hex, seq, micro, actor_kind, actor, step, data))
    if "e+" in text or "-0.0" in text:
        text = _encode((matter.hex, seq, micro, actor_kind, actor, step, _as_kept(data)))
    return _sha256(prev + text.encode()).digest()


def _as_kept(value: Any) -> Any:
    """Numbers as jsonb gives them back: 1e22 as an integer, -0.0 as 0.0."""
    if isinstance(value, Mapping):
        return {key: _as_kept(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_as_kept(item) for item in value]
    if isinstance(value, float) and "e+" in repr(value):
        return int(repr(value).partition("e")[0].replace(".", "")) * 10 ** _zeros(repr(value))
    return 0.0 if isinstance(value, float) and value == 0 else value


def _zeros(written: str) -> int:
    mantissa, _, exponent = written.partition("e+")
    return int(exponent) - len(mantissa.partition(".")[2])


def verify(events: Sequence[Event], head: Head | None = None) -> list[Problem]:
    """What is wrong with one matter's events, in the order they are stored; empty when all is well.

    Without the *head* that was kept elsewhere, a cut tail can't be seen.
    """
    problems: list[Problem] = []
    prev, matter = GENESIS, events[0].matter if events else None
    for place, event in enumerate(events, start=1):
        if event.seq != place:
            problems.append(_problem("order", event.seq, f"应为第{place}条", f"number {place} was expected"))
        if event.matter != matter:
            problems.append(_problem("mixed", event.seq, "属于另一事项", "it belongs to another matter"))
        if event.prev != prev:
            problems.append(_problem("link", event.seq, "与前一条不相接", "it does not follow the one before"))
        if not _holds(event):
            problems.append(_problem("content", event.seq, "内容与其校验值不符", "its content does not fit its hash"))
        prev = event.hash
    if head is not None and (len(events) != head.seq or prev != (head.hash if head.seq else GENESIS)):
        zh, en = f"末条应为第{head.seq}条", f"the history should end with number {head.seq} and its hash"
        problems.append(_problem("head", len(events), zh, en))
    return problems


def _holds(event: Event) -> bool:
    try:
        found = digest(
            event.prev, event.matter, event.seq, event.at, event.actor_kind, event.actor, event.step, event.data
        )
    except (TypeError, ValueError):
        return False
    return hmac.compare_digest(found, event.hash)


def _problem(kind: str, seq: int, zh: str, en: str) -> Problem:
    return Problem(kind, seq, Words(f"第{seq}条记录：{zh}", f"Event {seq}: {en}"))


def seal(previous: bytes, heads: Iterable[tuple[UUID, int, bytes]]) -> bytes:
    """One hash over the head of every chain (in any order) and the seal before it, to be published."""
    total = _sha256(previous)
    for matter, seq, hashed in sorted(heads, key=lambda head: head[0].int):
        total.update(matter.bytes + seq.to_bytes(8, "big") + hashed)
    return total.digest()


def personal_digest(salt: bytes, text: str) -> str:
    """What an event holds instead of personal text: once the salt (at least 16 bytes) is erased it says nothing."""
    if len(salt) < _SALT_BYTES:
        raise ValueError(f"a salt has at least {_SALT_BYTES} bytes")
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=32, key=salt[:64]).hexdigest()
