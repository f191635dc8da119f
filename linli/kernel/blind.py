"""A blind index: whether two contacts are the same can be told without keeping or comparing them in the clear."""

import hashlib
import hmac
from functools import cache

from django.conf import settings


@cache
def _key() -> bytes:
    return hashlib.sha256(b"linli blind index " + settings.SECRET_KEY.encode()).digest()


def digest(kind: str, value: str) -> int:
    """63 bits of a keyed digest of *value*; the same contact gives the same number on this site and no other."""
    raw = hmac.digest(_key(), f"{kind}:{value}".encode(), "sha256")
    return int.from_bytes(raw[:8], "big") >> 1


def phone(text: str) -> str:
    """A telephone number as it is compared: its last eleven digits; empty for what is too short to be one."""
    digits = "".join(c for c in text if c.isascii() and c.isdigit())[-11:]
    return digits if len(digits) >= 7 else ""
