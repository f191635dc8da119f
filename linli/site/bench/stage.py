"""Where benchmarks happen: a database of their own with the demo city, and a server of our own on a free port."""

import json
import os
import re
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from django.db import connection

from linli.kernel import clock, postgres, stamps
from linli.matters.drafting import Request, draft
from linli.matters.reference import current
from linli.parties import tokens
from linli.parties.models import Token


@dataclass(frozen=True, slots=True)
class Stage:
    """A running server with a token, and a point in the city."""

    port: int
    token: str
    lon: float
    lat: float


def free_port() -> int:
    """A port of this machine that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving() -> Iterator[Stage]:
    """The demo city (made when it is missing), and ``linli serve`` on it until the block ends."""
    _city()
    port, secret = free_port(), tokens.new_secret()
    Token.objects.create(
        name="bench", digest=tokens.digest_of(secret), scopes=["matters:create"], created_at=clock.now()
    )
    stamps.bump("parties")
    environment = os.environ | {"LINLI_PORT": str(port), "LINLI_LOG_LEVEL": "warning"}
    server = subprocess.Popen([sys.executable, "-m", "linli", "serve"], env=environment, stdout=subprocess.DEVNULL)
    try:
        _ready(port, server)
        middle = next(e for e in current(fresh=True).index.walk(down_to="grid") if e.level == "grid" and e.lon)
        yield Stage(port, secret, float(middle.lon or 0), float(middle.lat or 0))
    finally:
        server.terminate()
        server.wait(15)


def _city() -> None:
    from linli.places.models import Place

    if not Place.objects.exists():
        subprocess.run([sys.executable, "-m", "linli", "demo", "--json"], check=True, stdout=subprocess.DEVNULL)


def _ready(port: int, server: "subprocess.Popen[bytes]") -> None:
    for _ in range(300):
        if server.poll() is not None:
            raise RuntimeError("the server under test ended at its start")
        try:
            with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError("the server under test did not answer")


def load(stage: Stage, connections: int, seconds: float) -> dict[str, float]:
    """One round of HTTP load from a process of its own."""
    arguments = ["127.0.0.1", stage.port, stage.token, connections, seconds, stage.lon, stage.lat]
    done = subprocess.run(
        [sys.executable, "-m", "linli.site.bench.load", *map(str, arguments)],
        check=True,
        capture_output=True,
        text=True,
    )
    return dict(json.loads(done.stdout))


def pgbench(script: Path, connections: int, seconds: float) -> float:
    """Statements a second of *script* with as many connections."""
    program = postgres.cluster().binaries / "pgbench"
    arguments = ["-n", "-M", "prepared", "-c", str(connections), "-j", "2", "-T", str(max(1, round(seconds)))]
    done = subprocess.run(
        [str(program), *arguments, "-f", str(script), postgres.url()], check=True, capture_output=True, text=True
    )
    found = re.search(r"tps = ([0-9.]+)", done.stdout)
    if found is None:
        raise RuntimeError(f"pgbench said something else: {done.stdout[-300:]}")
    return float(found[1])


def baseline(folder: Path) -> Path:
    """The baseline's script with values of this city: as long as those of a real intake."""
    ref = current(fresh=True)
    place = next(e for e in ref.index.walk(down_to="grid") if e.level == "grid")
    text = "门口垃圾成堆没人清运，请尽快处理"
    row = draft(Request(text, "api", area=place.area), ref, clock.now()).rows["m"][0]
    seat = next(iter(ref.roster.seats.values()))
    values = {
        "READING": json.dumps(row["reading"], ensure_ascii=False),
        "DATA": json.dumps(row["data"], ensure_ascii=False),
        "WHY": json.dumps(row["data"]["why"], ensure_ascii=False),
        "AREA": place.area,
        "POST": str(seat.post),
        "UNIT": str(seat.unit),
    }
    sql = (resources.files("linli.site.bench") / "baseline.sql").read_text("utf-8")
    for name, value in values.items():
        sql = sql.replace(f"'{name}'", "'" + value.replace("'", "''").replace(":", r":") + "'")
    path = folder / "baseline.sql"
    path.write_text(sql, encoding="utf-8")
    return path


def median(values: list[float]) -> float:
    """The middle one."""
    return statistics.median(values)


def count(table: str) -> int:
    """Rows of a table."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return int(cursor.fetchone()[0])


def execute(sql: str, *arguments: Any) -> None:
    """Run one statement."""
    with connection.cursor() as cursor:
        cursor.execute(sql, arguments)
