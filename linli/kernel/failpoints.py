"""Failpoints: named places where a test may pull the plug, such as just before or just after a commit.

``LINLI_FAILPOINT="intake.before_commit:3"`` kills the process (SIGKILL) when it passes that place for the third time.
Without the variable a place costs one call of an empty function. All names stand in NAMES; a test visits each.
"""

import os
import signal
import threading
from collections.abc import Callable
from typing import Final

VARIABLE: Final = "LINLI_FAILPOINT"
NAMES: Final = (
    "intake.before_commit",
    "intake.after_commit",
    "sweep.after_read",
    "sweep.before_commit",
    "sweep.after_commit",
    "outbox.leased",
    "outbox.sent",
)


def _nothing(name: str) -> None:
    """A place that is not armed."""


def _armed(setting: str) -> Callable[[str], None]:
    """The function that counts and kills. Raises ValueError for a name or a count that cannot be."""
    wanted, _, times = setting.partition(":")
    if wanted not in NAMES:
        raise ValueError(f"{VARIABLE}: there is no failpoint {wanted!r}; there are {', '.join(NAMES)}")
    left = int(times or 1)
    lock = threading.Lock()

    def passed(name: str) -> None:
        nonlocal left
        if name != wanted:
            return
        with lock:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    return passed


hit: Final[Callable[[str], None]] = _armed(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else _nothing
