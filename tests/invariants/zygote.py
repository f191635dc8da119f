# ruff: noqa: E501
"""A process that has Linli loaded and forks: starting a sweeper or a sender costs milliseconds instead of seconds.

One JSON line in for each child (argv, env, log), one pid out; a child's exit code is written beside its log (``.rc``). A child
is a process of its own in every way that matters here: its own session, its own connections, killed by its own pid.
"""

import importlib
import json
import os
import runpy
import select
import signal
import sys
from pathlib import Path
from typing import Any

import django

PRELOADED = (
    "linli.site.cli", "linli.site.sweep", "linli.site.health", "linli.matters.sweep", "linli.matters.seals", "linli.channels.notify",
    "linli.matters.intake",
)  # fmt: skip


def child(job: dict[str, Any]) -> None:
    """Become the wanted program. Does not return."""
    from linli.kernel import failpoints

    code = 1
    try:
        os.setsid()
        out = os.open(job["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(out, 1)
        os.dup2(out, 2)
        os.environ.update(job["env"])
        if armed := job["env"].get(failpoints.VARIABLE):
            failpoints.hit = failpoints._armed(armed)  # type: ignore[misc]
        sys.argv = job["argv"]
        if sys.argv[0] == "-c":
            exec(sys.argv[1], {"__name__": "__main__"})
        elif sys.argv[0] == "linli":
            importlib.import_module("linli.site.cli").main()
        else:
            runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=False)
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def reap(logs: dict[int, str]) -> None:
    """Note how children ended."""
    while logs:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        if pid in logs:
            Path(logs.pop(pid) + ".rc").write_text(str(os.waitstatus_to_exitcode(status)))


def main() -> None:
    django.setup()
    for name in PRELOADED:
        importlib.import_module(name)
    from django.urls import get_resolver  # noqa: F401 (loaded for the children)

    logs: dict[int, str] = {}
    print("ready", flush=True)
    while True:
        waiting, _, _ = select.select([sys.stdin], [], [], 0.02)
        reap(logs)
        if not waiting:
            continue
        line = sys.stdin.readline()
        if not line:
            break
        job = json.loads(line)
        pid = os.fork()
        if pid == 0:
            child(job)
        logs[pid] = job["log"]
        print(pid, flush=True)
    for pid in logs:
        os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
