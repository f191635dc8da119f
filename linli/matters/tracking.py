"""The private code with which a resident finds a matter again: derived from its id and the site's secret, kept
nowhere."""

import hashlib
from functools import cache, lru_cache
from uuid import UUID

from django.conf import settings

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # without 0, 1, I and O
LENGTH = 12  # 60 bits
PAIRS = [a + b for b in ALPHABET for a in ALPHABET]


@cache
def _key() -> bytes:
    return hashlib.sha256(b"linli tracking " + settings.SECRET_KEY.encode()).digest()


@lru_cache(1024)
def tracking_code(matter: UUID) -> str:
    """The code of a matter, such as ``7K3M9PXQ2RWT``."""
    value = int.from_bytes(hashlib.blake2b(matter.bytes, digest_size=8, key=_key()).digest(), "big")
    return "".join([PAIRS[value >> at & 1023] for at in range(0, 5 * LENGTH, 10)])


def tracking_digest(code: str) -> bytes:
    """What the database holds of a code: 16 bytes."""
    return hashlib.sha256(b"linli tracking code " + normal(code).encode()).digest()[:16]


def normal(code: str) -> str:
    """A code as typed: blanks and dashes gone, in capitals."""
    return "".join(c for c in code.upper()[:40] if c in ALPHABET)
