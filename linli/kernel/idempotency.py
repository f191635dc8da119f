"""One idempotency key, one effect. Claimed in the same transaction as the effect."""

import hashlib
from datetime import datetime

from django.db import connection

from linli.core.refusals import Refused
from linli.kernel.models import Idempotency

_CLAIM_SQL = """
INSERT INTO kernel_idempotency (scope, key, body_hash, target, at) VALUES (%s, %s, %s, '', %s)
ON CONFLICT (scope, key) DO NOTHING RETURNING true
"""


def digest(body: bytes) -> bytes:
    """The fingerprint of a request's body."""
    return hashlib.sha256(body).digest()


def claim(scope: str, key: str, body: bytes, *, at: datetime) -> str | None:
    """Claim *key*. None: it is new, do the work and ``settle`` it. Otherwise the target of the first time.

    A racer waits here until the first one's transaction ends. One query when new, two otherwise.
    Raises Refused("key_reused") for another body, Refused("key_wrong") for a key that is no key.
    """
    if not (1 <= len(key) <= 120 and key.isprintable()):
        raise Refused("key_wrong")
    if not connection.in_atomic_block:
        raise RuntimeError("claim a key in the transaction of its effect")
    fingerprint = digest(body)
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM_SQL, [scope, key, fingerprint, at])
        if cursor.fetchone():
            return None
    held = Idempotency.objects.only("body_hash", "target").get(scope=scope, key=key)
    if bytes(held.body_hash) != fingerprint:
        raise Refused("key_reused")
    return held.target


def settle(scope: str, key: str, target: str) -> None:
    """Note what the claimed key made. One query."""
    Idempotency.objects.filter(scope=scope, key=key).update(target=target)


def purge(before: datetime) -> int:
    """Forget keys claimed before that instant."""
    return Idempotency.objects.filter(at__lt=before).delete()[0]
