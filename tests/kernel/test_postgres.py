"""The embedded PostgreSQL: durable, private, re-attached after a killed client, stopped by its last user."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from linli.kernel.postgres import Cluster, PostgresError, check_server

CLIENT = """
import sys, pathlib, psycopg
from linli.kernel.postgres import Cluster
with Cluster(pathlib.Path(sys.argv[1])).using() as url:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (n int)")
        connection.execute("INSERT INTO kept VALUES (1)")
        print("written", flush=True)
        sys.stdin.read()
"""


@pytest.fixture
def cluster(scratch: Path) -> Iterator[Cluster]:
    made = Cluster(scratch / "data")
    yield made
    made.stop()


def _client(cluster: Cluster) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", CLIENT, str(cluster.data)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "written\n"
    return process


def test_survives_a_killed_client_and_is_taken_over(cluster: Cluster) -> None:
    client = _client(cluster)
    first = cluster.pid()
    assert first is not None
    client.send_signal(signal.SIGKILL)
    client.communicate()
    assert cluster.pid() == first
    with cluster.using() as url, psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (1,)
        assert cluster.pid() == first
    assert cluster.pid() is None  # the killed one does not count as a user


def test_only_the_last_user_stops_it(cluster: Cluster) -> None:
    client = _client(cluster)
    with cluster.using():
        pass
    assert cluster.pid() is not None
    client.communicate("")
    assert cluster.pid() is None


def test_recovers_after_the_server_itself_was_killed(cluster: Cluster) -> None:
    client = _client(cluster)
    pid = cluster.pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    client.kill()
    client.communicate()
    with cluster.using() as url, psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (1,)


def test_durable_private_utf8_many_connections(cluster: Cluster) -> None:
    with cluster.using() as url, psycopg.connect(url) as connection:
        held = {
            name: connection.execute("SELECT current_setting(%s)", [name]).fetchone()
            for name in ("fsync", "synchronous_commit", "full_page_writes", "server_encoding", "listen_addresses")
        }
        assert held == {
            "fsync": ("on",),
            "synchronous_commit": ("on",),
            "full_page_writes": ("on",),
            "server_encoding": ("UTF8",),
            "listen_addresses": ("",),
        }
        assert connection.execute("SELECT current_setting('max_connections')::int >= 100").fetchone() == (True,)
        assert connection.execute("SELECT '511102004' < '5111~' COLLATE \"C\"").fetchone() == (True,)
        assert stat.S_IMODE(cluster.folder.stat().st_mode) == 0o700


def test_other_major_version_is_refused_with_a_way_out(cluster: Cluster) -> None:
    folder = cluster.data / "postgres"
    folder.mkdir(parents=True)
    (folder / "PG_VERSION").write_text("16\n")
    with pytest.raises(PostgresError, match="pg_dump") as caught:
        cluster.ensure()
    assert "16" in caught.value.words.zh
    assert (folder / "PG_VERSION").read_text() == "16\n"


def test_long_folder_names_get_a_short_socket(scratch: Path) -> None:
    cluster = Cluster(scratch / ("x" * 100) / "data")
    with cluster.using() as url, psycopg.connect(url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
        assert stat.S_IMODE(cluster.socket_folder.stat().st_mode) == 0o700
    cluster.socket_folder.rmdir()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has folders that its database user cannot reach")
def test_data_under_a_root_only_folder(scratch: Path) -> None:
    hidden = scratch / "hidden"
    hidden.mkdir(mode=0o700)
    cluster = Cluster(hidden / "data")
    with cluster.using() as url, psycopg.connect(url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert (hidden / "data" / "postgres").is_symlink()
    assert stat.S_IMODE(hidden.stat().st_mode) == 0o700  # nobody else's folder was opened up
    subprocess.run(["rm", "-r", str(cluster.folder.parent)], check=True)


def test_given_server_that_does_not_answer() -> None:
    with pytest.raises(PostgresError, match="LINLI_DATABASE_URL"):
        check_server("postgresql://nobody@127.0.0.1:1/none?connect_timeout=2")
