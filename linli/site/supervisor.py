"""Keeps child processes running: prefixes their lines, starts a dead one again, stops all of them."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import FrameType

from linli.kernel import clock, postgres
from linli.kernel import settings as kernel_settings

GRACE = 5.0  # seconds from SIGTERM to SIGKILL
LONGEST_PAUSE = 30.0
STEADY = 60.0  # seconds after which a child counts as healthy again


@dataclass
class Child:
    """One process to keep running."""

    name: str
    arguments: list[str]
    environment: Mapping[str, str]
    process: subprocess.Popen[str] | None = None
    started: float = 0.0
    pause: float = 0.5
    start_at: float = 0.0
    reader: threading.Thread | None = field(default=None, repr=False)

    def start(self) -> None:
        """Start it; its lines are printed under its name."""
        self.started = clock.monotonic()
        self.process = subprocess.Popen(
            self.arguments,
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,  # the terminal's Ctrl-C reaches the supervisor only
        )
        self.reader = threading.Thread(target=self._read, args=(self.process,), daemon=True)
        self.reader.start()

    def _read(self, process: subprocess.Popen[str]) -> None:
        if process.stdout is not None:
            for line in process.stdout:
                say(f"{self.name:<7}| {line.rstrip()}")

    def signal(self, number: int) -> None:
        """Send a signal to it and to what it started."""
        if self.process is not None and self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)


def say(line: str) -> None:
    """One line on standard output, at once; a closed terminal is no reason to die."""
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


class Supervisor:
    """Runs the children until SIGINT or SIGTERM."""

    def __init__(self, children: list[Child], host: str, port: int, greeting: Callable[[], str]) -> None:
        self.children = children
        self.probe = f"http://{'127.0.0.1' if host in {'0.0.0.0', '::'} else host}:{port}/readyz"  # noqa: S104
        self.greeting = greeting
        self.stopping = threading.Event()
        self.ready = False

    def run(self, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Start all, watch them, stop all; *meanwhile* runs once while they start. A second signal kills at once."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._asked)
        try:
            for child in self.children:
                child.start()
            meanwhile()
            while not self.stopping.wait(0.1 if not self.ready else 0.5):
                self._look()
        finally:
            self._stop()

    def _asked(self, number: int, frame: FrameType | None) -> None:
        if self.stopping.is_set():
            for child in self.children:
                child.signal(signal.SIGKILL)
        self.stopping.set()

    def _look(self) -> None:
        """One round: dead children, a dead database, readiness."""
        now = clock.monotonic()
        if kernel_settings.current().embedded and postgres.cluster().pid() is None:
            say("linli  | 内置数据库停了，正在重新启动 the embedded database is down, starting it again")
            postgres.ensure()
        for child in self.children:
            self._look_after(child, now)
        if not self.ready and self._answers():
            self.ready = True
            say(self.greeting())

    def _look_after(self, child: Child, now: float) -> None:
        process = child.process
        if process is None:
            if now >= child.start_at:
                child.start()
            return
        code = process.poll()
        if code is None:
            return
        if now - child.started > STEADY:
            child.pause = 0.5
        with contextlib.suppress(ProcessLookupError):  # what it may have left behind
            os.killpg(process.pid, signal.SIGKILL)
        say(
            f"linli  | {child.name} 退出（{code}），{child.pause:g} 秒后重启 ended, starting again in {child.pause:g} s"
        )
        child.process, child.start_at = None, now + child.pause
        child.pause = min(child.pause * 2, LONGEST_PAUSE)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(self.probe, timeout=2) as answer:  # noqa: S310 (always http)
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def _stop(self) -> None:
        self.stopping.set()
        for child in self.children:
            child.signal(signal.SIGTERM)
        end = clock.monotonic() + GRACE
        for child in self.children:
            if child.process is not None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.process.wait(max(0.0, end - clock.monotonic()))
                child.signal(signal.SIGKILL)
                child.process.wait()
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(child.process.pid, signal.SIGKILL)
