"""UUIDv7 keys (RFC 9562): they sort by time, so that indexes grow at one end."""

import os
import time
import uuid


def uuid7(at_ms: int | None = None) -> uuid.UUID:
    """A new UUIDv7.

    *at_ms* is Unix time in milliseconds; history that is generated or imported passes its own,
    otherwise the key is stamped with the system's time (a key's order is no business fact).
    """
    stamp = int(time.time() * 1000) if at_ms is None else at_ms
    value = (stamp & 0xFFFF_FFFF_FFFF) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return uuid.UUID(int=value)
