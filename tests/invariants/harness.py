# ruff: noqa: E501
"""What the invariants share: a history that outlives everybody, threads with connections of their own, the database as one value.

Each test is ``run(system) -> history`` and ``check(history) -> violations``; the same check is run on a system with a planted
defect and must then find something (invariant 25).
"""

import json
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import psycopg

Result = TypeVar("Result")
Given = TypeVar("Given")


class History:
    """What the clients saw, one JSON line each, on the disk before the client goes on."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._file = path.open("a", encoding="utf-8")

    def note(self, **what: object) -> None:
        """Write one line; durable when this returns."""
        line = json.dumps(what, ensure_ascii=False, default=str)
        with self._lock:
            self._file.write(line + "\n")
            self._file.flush()
            os.fsync(self._file.fileno())

    def read(self) -> list[dict[str, Any]]:
        """All lines so far."""
        return [json.loads(line) for line in self.path.read_text("utf-8").splitlines()]


def race(jobs: Sequence[Given], work: Callable[[Given], Result]) -> list[Result | BaseException]:
    """Run *work* on every job at the same moment, each in a thread with a database connection of its own."""
    from django.db import connections

    start = threading.Barrier(len(jobs))

    def one(job: Given) -> Result | BaseException:
        try:
            connections["default"].ensure_connection()
            start.wait(30)
            return work(job)
        except BaseException as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(one, jobs))


class Pulled(Exception):
    """Raised by ``fails_after`` in the middle of a write."""


@contextmanager
def fails_after(count: int) -> Iterator[list[str]]:
    """Let *count* writing statements of this thread through, then raise Pulled after the last one.

    Yields the list of the statements that ran, so that the caller knows when there were fewer.
    """
    ran: list[str] = []
    whole, many = psycopg.Cursor.execute, psycopg.Cursor.executemany
    me = threading.get_ident()

    def counted(sql: object) -> None:
        if threading.get_ident() != me:
            return
        ran.append(str(sql)[:200])
        if len(ran) == count:
            raise Pulled(str(sql)[:80])

    def execute(self: Any, query: Any, *args: Any, **kwargs: Any) -> Any:
        result = whole(self, query, *args, **kwargs)
        counted(query)
        return result

    def executemany(self: Any, query: Any, *args: Any, **kwargs: Any) -> Any:
        result = many(self, query, *args, **kwargs)
        counted(query)
        return result

    psycopg.Cursor.execute, psycopg.Cursor.executemany = execute, executemany  # type: ignore[assignment,method-assign]
    try:
        yield ran
    finally:
        psycopg.Cursor.execute, psycopg.Cursor.executemany = whole, many  # type: ignore[method-assign]


def contents(skip: Iterable[str] = ()) -> dict[str, str]:
    """The whole database as a digest per table, read on a connection of its own: only what is committed."""
    from django.db import connection

    settings = connection.settings_dict
    with psycopg.connect(
        dbname=settings["NAME"], user=settings["USER"], host=settings["HOST"], port=settings["PORT"] or None
    ) as own:
        tables = own.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        each = [
            f"SELECT '{table}', count(*) || md5(coalesce(string_agg(md5(t::text), '' ORDER BY md5(t::text)), '')) FROM \"{table}\" t"
            for (table,) in tables
            if table not in skip
        ]
        return dict(own.execute(" UNION ALL ".join(each)).fetchall())  # type: ignore[arg-type]
