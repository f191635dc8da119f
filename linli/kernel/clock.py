"""The one caller of the system clock.

Everything that needs the time takes an instant as an argument; what starts a request, a sweep or a command asks here.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime


def _system() -> datetime:
    return datetime.now(UTC)


_source: Callable[[], datetime] = _system


def now() -> datetime:
    """The present instant, aware, UTC."""
    return _source()


def monotonic() -> float:
    """Seconds on a clock that never jumps; only differences mean something."""
    return time.monotonic()


def set_source(source: Callable[[], datetime] | None) -> None:
    """Take the time from *source* (aware instants) in this process; ``None`` returns to the system clock."""
    global _source
    _source = source or _system


@contextmanager
def at(instant: datetime) -> Iterator[None]:
    """Hold the clock of this process at *instant* inside the ``with`` block.

    Raises ValueError for a naive instant.
    """
    if instant.tzinfo is None:
        raise ValueError("the clock needs an aware instant")
    fixed = instant.astimezone(UTC)
    before = _source
    set_source(lambda: fixed)
    try:
        yield
    finally:
        set_source(before)
