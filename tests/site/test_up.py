"""`linli up`: everything starts, says so, starts again when it dies, and is gone afterwards however it ends."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from linli.kernel.postgres import Cluster

pytestmark = pytest.mark.slow


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class House:
    """A running Linli in a folder of its own."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.port = _free_port()
        self.environment = {
            key: value for key, value in os.environ.items() if not key.startswith(("LINLI_", "PYTEST_"))
        }
        self.environment |= {"LINLI_DATA": str(data), "LINLI_PORT": str(self.port), "LINLI_CITY": "empty"}
        self.process: subprocess.Popen[bytes] | None = None

    def command(self, *arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
        """Run `linli …` to its end."""
        return subprocess.run(
            [sys.executable, "-m", "linli", *arguments],
            env=self.environment | extra,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def up(self) -> float:
        """Start it; seconds until it prints that it is ready."""
        began = time.monotonic()
        log = self.data.with_name(f"up-{len(list(self.data.parent.iterdir()))}.log")
        with log.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "linli", "up"], env=self.environment, stdout=output, stderr=subprocess.STDOUT
            )
        ready = f"http://127.0.0.1:{self.port}/accounts/login/"
        while time.monotonic() - began < 60 and self.process.poll() is None:
            if ready in log.read_text():
                return time.monotonic() - began
            time.sleep(0.05)
        raise AssertionError("not ready:\n" + log.read_text())

    def get(self, path: str) -> tuple[int, str]:
        """Status and body of a page; status 0 when nobody answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def ours(self) -> list[psutil.Process]:
        """Every live process of this house except its database."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.environ().get("LINLI_DATA") == str(self.data) and process.status() != "zombie":
                    found.append(process)
            except psutil.Error:
                continue
        return found


def _soon(condition: Callable[[], bool], seconds: float = 10) -> bool:
    """Whether *condition* comes true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return condition()


@pytest.fixture
def house(scratch: Path) -> Iterator[House]:
    """A house that leaves nothing behind."""
    made = House(scratch.resolve() / "data")
    yield made
    for process in made.ours():
        process.kill()
    if made.process is not None:
        made.process.wait(10)
    Cluster(made.data).stop()


def test_up_serves_and_ctrl_c_leaves_nothing(house: House) -> None:
    house.up()
    assert house.get("/healthz")[0] == 200
    status, body = house.get("/readyz")
    assert (status, json.loads(body)["status"]) == (200, "ready")
    assert house.get("/metrics")[0] == 200
    assert house.get("/accounts/login/")[0] == 200

    again = house.command("up")
    assert again.returncode == 2
    assert "already runs" in again.stderr
    assert f":{house.port}" in again.stderr

    assert len(house.ours()) >= 3
    began = time.monotonic()
    assert house.process is not None
    house.process.send_signal(signal.SIGINT)
    assert house.process.wait(15) == 0
    assert time.monotonic() - began < 8
    assert house.ours() == []
    assert Cluster(house.data).pid() is None
    assert house.get("/healthz")[0] == 0

    seconds = house.up()
    assert seconds < 20  # about 4 s on an idle machine; tests share theirs


def test_a_dead_server_and_a_dead_database_come_back(house: House) -> None:
    house.up()
    assert house.process is not None
    (server,) = [p for p in psutil.Process(house.process.pid).children() if "serve" in p.cmdline()]
    server.kill()
    assert _soon(lambda: server.pid not in psutil.pids() or server.status() == "zombie")
    assert _soon(lambda: house.get("/readyz")[0] == 200, 20)

    postmaster = Cluster(house.data).pid()
    assert postmaster is not None
    children = psutil.Process(postmaster).children()
    os.kill(postmaster, signal.SIGKILL)
    for process in children:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    assert _soon(lambda: house.get("/readyz")[0] == 200 and Cluster(house.data).pid() != postmaster, 30)


def test_killed_supervisor_leaves_no_child_and_the_next_start_takes_over(house: House) -> None:
    house.up()
    assert house.process is not None
    house.process.kill()
    house.process.wait(10)
    assert _soon(lambda: house.ours() == [])
    survivor = Cluster(house.data).pid()
    assert survivor is not None
    house.up()
    assert Cluster(house.data).pid() == survivor
    assert house.get("/readyz")[0] == 200


def test_taken_port_is_said_clearly(house: House) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", house.port))
        other.listen()
        done = house.command("up")
    assert done.returncode == 2
    assert "PORT=" in done.stderr
    assert "Traceback" not in done.stderr
    assert house.ours() == []


def test_bad_setting_and_absent_server_are_said_clearly(house: House) -> None:
    done = house.command("up", LINLI_PORT="eighty", LINLI_CITY="atlantis")
    assert done.returncode == 2
    for words in ("LINLI_PORT", "LINLI_CITY", "整数", "whole number"):
        assert words in done.stderr
    done = house.command("up", LINLI_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    assert done.returncode == 2
    assert "LINLI_DATABASE_URL" in done.stderr
    assert "Traceback" not in done.stderr
