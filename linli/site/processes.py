"""Child processes: they end when the one who started them ends, however that happens."""

import ctypes
import os
import platform
import signal
import threading

SUPERVISED = "LINLI_SUPERVISED"
_PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """In a supervised process: be killed when the parent dies (nothing is lost: commits are in the database)."""
    if os.environ.get(SUPERVISED) != "1":
        return
    parent = os.getppid()
    if platform.system() == "Linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent or parent == 1:
            os._exit(1)
        return
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    """Where the kernel has no such signal: look once a second."""
    pause = threading.Event()
    while os.getppid() == parent:
        pause.wait(1)
    os._exit(1)
