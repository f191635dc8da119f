# ruff: noqa: E501
"""Linli as real processes on a durable database, made to be killed."""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import psycopg

from linli.kernel.postgres import Cluster

ROOT = Path(__file__).resolve().parents[2]
BUILD = "import django; django.setup(); from tests.matters.town import build_town; build_town()"
KEPT = ("parties_", "places_", "kernel_declaration", "kernel_stamp", "django_", "kernel_cache", "auth_")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Forked:
    """A child of the zygote, spoken to as to a ``Popen``."""

    def __init__(self, pid: int, log: Path) -> None:
        self.pid, self.code_file = pid, Path(f"{log}.rc")
        self.returncode: int | None = None

    def poll(self) -> int | None:
        if self.returncode is None and self.code_file.exists() and (said := self.code_file.read_text()):
            self.returncode = int(said)
        return self.returncode

    def wait(self, timeout: float = 60) -> int:
        end = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > end:
                raise subprocess.TimeoutExpired("forked", timeout)
            time.sleep(0.01)
        return code

    def terminate(self) -> None:
        os.kill(self.pid, signal.SIGTERM)


@dataclass
class Process:
    """One started process with all it starts."""

    popen: "subprocess.Popen[bytes] | Forked"
    port: int
    log: Path

    def workers(self) -> list[psutil.Process]:
        """The processes below it that serve."""
        with contextlib.suppress(psutil.Error):
            below = psutil.Process(self.popen.pid).children(recursive=True)
            return [p for p in below if "resource_tracker" not in " ".join(p.cmdline())]
        return []

    def kill(self) -> None:
        """SIGKILL to it and everything it started."""
        for process in self.workers():
            with contextlib.suppress(psutil.Error):
                process.kill()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.popen.pid, signal.SIGKILL)
        self.popen.wait(10)

    def stop(self) -> None:
        """Ask it to end, and insist after a while."""
        with contextlib.suppress(ProcessLookupError):
            self.popen.terminate()
        try:
            self.popen.wait(8)
        except subprocess.TimeoutExpired:
            pass
        self.kill()


@dataclass
class House:
    """The database cluster, and the processes that run on it."""

    data: Path
    cluster: Cluster
    started: list[Process] = field(default_factory=list)
    zygote: "subprocess.Popen[str] | None" = None
    forks: int = 0

    @classmethod
    @contextmanager
    def prepared(cls) -> "Iterator[House]":
        """A house with its structure and the small town; nothing is left behind."""
        with tempfile.TemporaryDirectory(prefix="ll-inv-") as name:
            data = Path(name)
            data.chmod(0o755)
            made = cls(data, Cluster(data))
            try:
                made.cluster.ensure()
                made.run("-m", "linli", "migrate")
                made.run("-c", BUILD)
                yield made
            finally:
                made.end_all()
                if made.zygote is not None:
                    made.zygote.kill()
                    made.zygote.wait(10)
                made.cluster.stop()

    @property
    def environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("LINLI_", "PYTEST_"))}
        return kept | {
            "LINLI_DATA": str(self.data),
            "LINLI_DATABASE_URL": self.cluster.url(),
            "LINLI_SECRET_KEY": "x" * 40,
            "LINLI_ANONYMOUS_PER_MINUTE": "1000000",
            "LINLI_LOG_LEVEL": "error",
            "LINLI_SUPERVISED": "1",
            "DJANGO_SETTINGS_MODULE": "linli.site.settings",
        }

    def run(self, *arguments: str, **extra: str) -> "subprocess.CompletedProcess[str]":
        """Python with *arguments*, to its end. Raises when it fails."""
        done = subprocess.run(
            [sys.executable, *arguments], env=self.environment | extra, cwd=ROOT, capture_output=True, text=True, timeout=180, check=False
        )  # fmt: skip
        if done.returncode > 0:
            raise AssertionError(done.stdout[-2000:] + done.stderr[-4000:])
        return done

    def start(self, *arguments: str, port: int = 0, **extra: str) -> Process:
        """Start Python with *arguments* and go on."""
        log = self.data / f"log-{len(self.started)}.txt"
        with log.open("w") as output:
            popen = subprocess.Popen(
                [sys.executable, *arguments], env=self.environment | extra | ({"LINLI_PORT": str(port)} if port else {}), cwd=ROOT,
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        made = Process(popen, port, log)
        self.started.append(made)
        return made

    def fork(self, *argv: str, **extra: str) -> Process:
        """Start ``linli …`` or a module of these tests as a process of its own, quickly."""
        if self.zygote is None:
            self.zygote = subprocess.Popen(
                [sys.executable, "-m", "tests.invariants.zygote"], env=self.environment, cwd=ROOT, text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            )  # fmt: skip
            assert self.zygote.stdout is not None
            assert self.zygote.stdout.readline() == "ready\n"
        assert self.zygote.stdin is not None
        assert self.zygote.stdout is not None
        self.forks += 1
        log = self.data / f"fork-{self.forks}.txt"
        self.zygote.stdin.write(json.dumps({"argv": argv, "env": extra, "log": str(log)}) + "\n")
        self.zygote.stdin.flush()
        made = Process(Forked(int(self.zygote.stdout.readline()), log), 0, log)
        self.started.append(made)
        return made

    def forked(self, *argv: str, **extra: str) -> int:
        """``fork`` and wait for its end: the exit code, negative for a signal. Raises when it failed otherwise."""
        made = self.fork(*argv, **extra)
        code = made.popen.wait(180)
        self.started.remove(made)
        if code > 0:
            raise AssertionError(made.log.read_text()[-4000:])
        return code

    def script(self, code: str) -> str:
        """Run a few lines of Python in the house, quickly; what they print."""
        made = self.fork("-c", code)
        assert made.popen.wait(120) == 0, made.log.read_text()[-4000:]
        self.started.remove(made)
        return made.log.read_text()

    def serve(self, *, port: int = 0, defect: str = "", **extra: str) -> Process:
        """The web server; *defect*: one of ``tests.invariants.broken``."""
        port = port or free_port()
        if defect:
            target = ["-m", "uvicorn", "--ws", "none", "--port", str(port), "tests.invariants.broken:application"]
            return self.start(*target, port=port, LINLI_TEST_DEFECT=defect, **extra)
        return self.start("-m", "linli", "serve", port=port, **extra)

    def ready(self, process: Process, seconds: float = 40) -> float:
        """Wait until *process* takes requests; how long it took."""
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            if process.popen.poll() is not None:
                break
            with contextlib.suppress(OSError, http.client.HTTPException):
                if ask(process.port, "GET", "/readyz", timeout=2)[0] == 200:
                    return time.monotonic() - began
            time.sleep(0.05)
        raise AssertionError("not ready:\n" + process.log.read_text()[-4000:])

    def end_all(self) -> None:
        for process in self.started:
            process.kill()
        self.started.clear()

    def crash_database(self) -> None:
        """SIGKILL to the postmaster and everything below it, as if the plug were pulled on PostgreSQL."""
        pid = self.cluster.pid()
        assert pid is not None
        children = psutil.Process(pid).children()
        os.kill(pid, signal.SIGKILL)
        for child in children:
            with contextlib.suppress(psutil.Error):
                child.kill()

    def crash_backend(self, application: str = "linli intake") -> bool:
        """SIGKILL to one backend: PostgreSQL then ends all others and recovers."""
        with contextlib.suppress(psycopg.Error), self.connect() as own:
            row = own.execute("SELECT pid FROM pg_stat_activity WHERE application_name = %s", [application]).fetchone()
            if row:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(row[0], signal.SIGKILL)
                return True
        return False

    def connect(self) -> "psycopg.Connection[Any]":
        """A connection of our own, committing at once."""
        return psycopg.connect(self.cluster.url(), autocommit=True, connect_timeout=10)

    def settled(self, seconds: float = 30) -> "psycopg.Connection[Any]":
        """The database after whatever happened to it: started again if need be."""
        end = time.monotonic() + seconds
        while True:
            try:
                self.cluster.ensure()
                return self.connect()
            except Exception:
                if time.monotonic() > end:
                    raise
                time.sleep(0.3)

    def wipe(self) -> None:
        """Forget all matters; the town stays."""
        with self.settled() as own, own.transaction():
            own.execute("SET LOCAL session_replication_role = replica")
            tables = own.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
            gone = [f'"{t}"' for (t,) in tables if not t.startswith(KEPT)]
            own.execute(f"TRUNCATE {', '.join(gone)}")


def ask(
    port: int, method: str, path: str, body: object = None, headers: dict[str, str] | None = None, timeout: float = 8
) -> tuple[int, dict[str, str], Any]:
    """One request on a connection of its own: status, headers, JSON or bytes. Raises OSError, HTTPException."""
    made = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        return send(made, method, path, body, headers)
    finally:
        made.close()


def send(
    made: http.client.HTTPConnection, method: str, path: str, body: object = None, headers: dict[str, str] | None = None
) -> tuple[int, dict[str, str], Any]:
    """One request on a connection that is kept."""
    data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
    made.request(method, path, data, {"Content-Type": "application/json", **(headers or {})})
    answer = made.getresponse()
    raw = answer.read()
    kind = answer.headers.get_content_type()
    told = {k.lower(): v for k, v in answer.getheaders()}
    return answer.status, told, json.loads(raw) if raw and kind.endswith("json") else raw
