"""``linli up``: database, structure, demo city, web server and sweepers in one command, and all of it stopped again."""

import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import click

from linli.core.words import Words
from linli.kernel import clock, postgres
from linli.kernel import settings as kernel_settings
from linli.site import bootstrap, messages, prepared, rooms
from linli.site.bootstrap import NotReady
from linli.site.commands import COMMANDS
from linli.site.processes import SUPERVISED
from linli.site.supervisor import Child, Supervisor


@click.command()
def command() -> None:
    """启动数据库、网页、清扫进程，直到 Ctrl-C。Start everything, until Ctrl-C."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _leave)
    held = kernel_settings.current()
    held.data.mkdir(parents=True, exist_ok=True)
    try:
        with _alone(held), postgres.using() as address:
            _prepare(held, address)
            supervisor = Supervisor(_children(held, address), held.host, held.port, lambda: _greeting(held))
            supervisor.run(meanwhile=bootstrap.django_ready)
    except Leaving:
        pass
    click.echo("已停止 Stopped.")


class Leaving(BaseException):
    """A signal asked us to stop before the supervisor was running."""


def _leave(number: int, frame: FrameType | None) -> None:
    raise Leaving


@contextmanager
def _alone(held: kernel_settings.Settings) -> Iterator[None]:
    """One ``up`` per data folder, on a free port. Raises NotReady."""
    with (held.data / "up.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            running = json.loads(lock.read() or "{}")
            pid, url = running.get("pid", "?"), running.get("url", "?")
            raise NotReady(
                Words(
                    f"邻里已经在数据文件夹 {held.data} 上运行（进程 {pid}，{url}）。请直接打开该地址，或先停止它。",
                    f"Linli already runs on the data folder {held.data} (process {pid}, {url}). "
                    f"Open that address, or stop it first.",
                )
            ) from None
        _check_port(held)
        lock.truncate(0)
        json.dump({"pid": os.getpid(), "url": _url(held)}, lock)
        lock.flush()
        yield


def _check_port(held: kernel_settings.Settings) -> None:
    with socket.socket(socket.AF_INET6 if ":" in held.host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((held.host, held.port))
        except OSError as error:
            raise NotReady(
                Words(
                    f"地址 {held.host}:{held.port} 不能监听：{error.strerror}。请换端口，例如 make run PORT=8080。",
                    f"Cannot listen on {held.host}:{held.port} ({error.strerror}). "
                    f"Choose another port, such as make run PORT=8080.",
                )
            ) from None


def _url(held: kernel_settings.Settings) -> str:
    host = "127.0.0.1" if held.host in {"0.0.0.0", "::"} else held.host  # noqa: S104 (compared, not bound)
    return f"http://{host}:{held.port}"


def _environment(held: kernel_settings.Settings, address: str) -> dict[str, str]:
    counters = held.data.resolve() / "metrics"
    return os.environ | {
        "LINLI_DATABASE_URL": address,
        "LINLI_DATA": str(held.data.resolve()),
        "PROMETHEUS_MULTIPROC_DIR": str(counters),
        "PYTHONUNBUFFERED": "1",
        SUPERVISED: "1",
    }


def _prepare(held: kernel_settings.Settings, address: str) -> None:
    """Everything that must be there before the first request."""
    counters = held.data.resolve() / "metrics"
    shutil.rmtree(counters, ignore_errors=True)
    counters.mkdir()
    messages.compile_all()
    if prepared.already(held):
        return
    bootstrap.django_ready()
    from django.db import connection

    from linli.site import assets, health

    if health.unapplied():
        click.echo("正在建立数据库结构 Preparing the database …")
        bootstrap.migrate(verbosity=0)
    if held.city != "empty" and _has("demo") and not _has_places():
        connection.close()
        click.echo(f"正在生成演示城市 Making the demo city ({held.city}) …")
        subprocess.run(
            [sys.executable, "-m", "linli", "demo", "--size", held.city],
            env=_environment(held, address) | {SUPERVISED: "0"},
            check=True,
        )
    connection.close()
    assets.gather()
    prepared.note(held)


def _has(name: str) -> bool:
    return any(entry.name == name and rooms.exists(entry.module) for entry in COMMANDS)


def _has_places() -> bool:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM places_place)")
        return bool(cursor.fetchone()[0])


def _children(held: kernel_settings.Settings, address: str) -> list[Child]:
    environment = _environment(held, address)
    linli = [sys.executable, "-m", "linli"]
    children = [Child("web", [*linli, "serve"], environment)]
    if _has("sweep"):
        children += [Child(f"sweep{n + 1}", [*linli, "sweep"], environment) for n in range(held.sweepers)]
    return children


def _greeting(held: kernel_settings.Settings) -> str:
    """What is printed once everything answers."""
    url = _url(held)
    lines = [
        "",
        "  邻里已就绪 Linli is ready",
        f"  居民 Residents      {url}/",
        f"  工作人员 Staff      {url}/accounts/login/",
    ]
    if rooms.exists("linli.parties.demo"):
        from django.db import connection

        sign_ins = rooms.find("linli.parties.demo:demo_sign_ins")(clock.now())
        connection.close()
        if sign_ins:
            lines += ["", "  演示登录（点开即可） Demo sign-ins (just open)"]
            lines += [f"  {entry.name}　{entry.role.zh} {entry.role.en}\n      {url}{entry.path}" for entry in sign_ins]
    lines += ["", f"  数据 Data {Path(held.data).resolve()}　Ctrl-C 停止 stops everything", ""]
    return "\n".join(lines)
