"""Group commit: intakes that arrive while a commit runs go out together in the next statement.

Order is kept, each caller gets its own answer, a poisoned draft fails alone, a full queue is said at once.
"""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import psycopg
from prometheus_client import Histogram

from linli.core.refusals import Refusal
from linli.kernel import clock, failpoints
from linli.matters.intake import REPEATED_SQL, SQL, Draft, Receipt, answers, keys_of, payload

log = logging.getLogger("linli.intake")
MOST_WAITING: Final = 2000
MOST_TOGETHER: Final = 64
BUSY: Final = Refusal("busy", {"seconds": 2})
SIZE = Histogram("linli_intake_group_size", "Requests written by one statement", buckets=(1, 2, 4, 8, 16, 32, 64))

Answer = Receipt | Refusal


class Writer:
    """One database connection and one task that empties the queue. Lives in one event loop."""

    def __init__(self, conninfo: str, *, most_waiting: int = MOST_WAITING) -> None:
        self._conninfo = conninfo
        self._most = most_waiting
        self._waiting: list[tuple[Draft, asyncio.Future[Answer]]] = []
        self._wake = asyncio.Event()
        self._connection: psycopg.AsyncConnection[Any] | None = None
        self._task: asyncio.Task[None] | None = None
        self._stopping = False

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="linli intake writer")

    async def stop(self) -> None:
        """Write what is waiting, then end."""
        self._stopping = True
        self._wake.set()
        if self._task is not None:
            await self._task
        if self._connection is not None:
            await self._connection.close()

    def submit(self, draft: Draft) -> "asyncio.Future[Answer]":
        """Queue a draft; the future ends when it is committed, or with a refusal and nothing written."""
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        if len(self._waiting) >= self._most or self._stopping:
            future.set_result(BUSY)
            return future
        self._waiting.append((draft, future))
        self._wake.set()
        return future

    async def _run(self) -> None:
        while True:
            if not self._waiting:
                if self._stopping:
                    return
                self._wake.clear()
                await self._wake.wait()
                continue
            taken, self._waiting = self._waiting[:MOST_TOGETHER], self._waiting[MOST_TOGETHER:]
            SIZE.observe(len(taken))
            await self._write(taken)

    async def _write(self, taken: Sequence[tuple[Draft, "asyncio.Future[Answer]"]]) -> None:
        try:
            found = await self._store([draft for draft, _ in taken])
        except psycopg.OperationalError:
            log.exception("the database is away; %d requests were not written", len(taken))
            await self._drop()
            found = [BUSY] * len(taken)
        except Exception:
            log.exception("a group of %d failed", len(taken))
            if len(taken) > 1:
                for one in taken:
                    await self._write([one])
                return
            found = [Refusal("not_stored")]
        for (_, future), answer in zip(taken, found, strict=True):
            if not future.done():
                future.set_result(answer)

    async def _store(self, drafts: Sequence[Draft]) -> list[Answer]:
        at = clock.now()
        failpoints.hit("intake.before_commit")
        codes: dict[UUID, str] = dict(await self._query(SQL, payload(drafts, at)))
        failpoints.hit("intake.after_commit")
        missing = [d for d in drafts if d.items[0].id not in codes]
        rows = await self._query(REPEATED_SQL, keys_of(missing)) if missing else []
        return answers(drafts, codes, rows)

    async def _query(self, sql: str, argument: bytes) -> list[Any]:
        if self._connection is None or self._connection.closed:
            self._connection = await psycopg.AsyncConnection.connect(
                self._conninfo,
                autocommit=True,
                prepare_threshold=0,
                cursor_factory=psycopg.AsyncRawCursor,
                options="-c jit=off -c plan_cache_mode=force_generic_plan",
            )
        cursor = await self._connection.execute(sql, [argument.decode()], prepare=True)
        return await cursor.fetchall()

    async def _drop(self) -> None:
        if self._connection is not None:
            try:
                await self._connection.close()
            except psycopg.Error:
                log.debug("the lost connection did not close cleanly")
        self._connection = None
