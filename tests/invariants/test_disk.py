# ruff: noqa: E501
"""Invariant 13: a full disk and I/O errors are survived: nothing acknowledged is lost, the error is clear, it goes on with space."""

import contextlib
import os
import resource
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from linli.kernel.postgres import Cluster
from tests.invariants.harness import History
from tests.invariants.house import BUILD, House, ask
from tests.invariants.test_acknowledged import Clients, check, stored

if TYPE_CHECKING:
    from tests.matters.town import Town

SIZE = 220  # MB: the cluster with the town takes about 120


@contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    """A file system of its own in memory; skips with the reason where mounting is not allowed."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small file system needs root")
    with tempfile.TemporaryDirectory(prefix="ll-disk-") as name:
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "tmpfs", name],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            pytest.skip(f"mounting is not allowed here: {done.stderr.strip()}")
        try:
            yield Path(name)
        finally:
            subprocess.run(["umount", "-l", name], check=True)


def fill(disk: Path, left: int) -> Path:
    """Take all space but *left* bytes."""
    ballast = disk / "ballast"
    space = os.statvfs(disk)
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as out:  # others write at the same time
        for _ in range(max(0, space.f_bavail * space.f_frsize - left) // 65536):
            out.write(b"\0" * 65536)
    return ballast


def code_of(port: int, mark: str) -> tuple[int, str, dict[str, str]]:
    """One more request: status, code of the problem, headers."""
    body = {"text": "路灯不亮" * 2000, "area": "990102001001001", "address": mark}
    status, headers, answer = ask(port, "POST", "/api/v1/matters", body, timeout=20)
    return status, answer.get("code", "") if isinstance(answer, dict) else "", headers


@pytest.mark.timeout(0)
def test_a_full_disk_is_survived(tmp_path: Path) -> None:
    with small_disk(SIZE) as disk:
        house = House(disk, Cluster(disk))
        try:
            house.cluster.ensure()
            house.run("-m", "linli", "migrate")
            house.run("-c", BUILD)
            server = house.serve()
            house.ready(server)
            history = History(tmp_path / "history")
            with Clients(server.port, history) as clients:
                while clients.acked < 200:
                    clients.over.wait(0.05)
                ballast = fill(disk, 256 * 1024)
                seen = set()
                for number in range(400):
                    status, code, headers = code_of(server.port, f"full{number}")
                    history.note(mark=f"full{number}", saw="begun")
                    if status == 201:
                        continue
                    seen.add((status, code))
                    if code in ("no_room", "busy", "not_known"):
                        assert headers.get("retry-after")
                        break
                before = clients.acked
                ballast.unlink()
                house.settled(60).close()
                house.ready(server)
                for _ in range(600):
                    if clients.acked > before + 100:
                        break
                    clients.over.wait(0.1)
                again = clients.acked - before
            print(f"\nfull: {seen}; {again} acknowledged after space came back")
            assert seen
            assert seen <= {(503, "no_room"), (429, "busy"), (503, "not_known")}
            assert again > 100
            server.kill()
            rows = [row for row in stored(house) if not row[0].startswith("full")]
            assert check(history.read(), rows) == []
        finally:
            house.end_all()
            house.cluster.stop()


def test_a_lost_row_would_be_noticed(tmp_path: Path) -> None:
    """Planted: an acknowledged request whose row is not there; a refused one that is."""
    lines = [
        {"mark": "a", "saw": "begun"}, {"mark": "a", "saw": "acked", "id": "1", "code": "x"},
        {"mark": "b", "saw": "begun"}, {"mark": "b", "saw": "refused", "code": "no_room"},
    ]  # fmt: skip
    assert check(lines, [("a", "1", "x")]) == []
    assert check(lines, []) != []
    assert check(lines, [("a", "1", "x"), ("b", "2", "y")]) != []


@pytest.mark.django_db
def test_a_photo_that_does_not_fit_leaves_nothing(town: "Town", tmp_path: Path, settings: Any) -> None:
    """The limit of a file's size stands for a full disk below the media store: an error, no half file; then it works."""
    import io
    import signal

    from PIL import Image

    from linli.matters import media

    settings.MEDIA_ROOT = str(tmp_path)
    out = io.BytesIO()
    Image.effect_noise((600, 600), 90).convert("RGB").save(out, "JPEG", quality=95)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    held = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
        with pytest.raises(OSError):
            media.store(out.getvalue())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, held)
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []
    kept = media.store(out.getvalue())
    assert media.path(kept.sha256).stat().st_size == kept.size


def test_an_unwritable_database_is_said_clearly(house: House) -> None:
    """A database that only reads (a standby, a broken disk) refuses in words, and takes again afterwards."""
    house.wipe()
    server = house.serve()
    house.ready(server)
    with house.settled() as own:
        own.execute("ALTER DATABASE linli SET default_transaction_read_only = on")
        own.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = 'linli'"
        )
    status, code, _ = code_of(server.port, "ro")
    while code == "busy" or status == 201:
        status, code, _ = code_of(server.port, "ro")
    assert status in (500, 503)
    assert code in ("not_stored", "not_known", "no_room")
    with psycopg.connect(house.cluster.url("postgres"), autocommit=True) as other:
        other.execute("ALTER DATABASE linli RESET default_transaction_read_only")
        other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'linli'")
    for _ in range(100):
        status, code, _ = code_of(server.port, "rw")
        if status == 201:
            break
    assert status == 201
    server.kill()
