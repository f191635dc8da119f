"""Group commit: intakes that arrive while a commit runs go out together in the next statement.

Order is kept, each caller gets its own answer, a poisoned draft fails alone, a full queue is said at once.
"""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import orjson
import psycopg
from prometheus_client import Histogram

from linli.core.refusals import Refusal
from linli.kernel import clock, failpoints
from linli.matters.intake import REPEATED_SQL, SQL, Draft, Receipt, answers, keys_of, payload

log = logging.getLogger("linli.intake")
MOST_WAITING: Final = 2000
MOST_TOGETHER: Final = 64
FEW: Final = 2
BUSY: Final = Refusal("busy", {"seconds": 2})
UNKNOWN: Final = Refusal("not_known", {"seconds": 5})
FULL: Final = Refusal("no_room", {"seconds": 30})
NO_ROOM: Final = ("53100", "53000")
ASK_AGAIN: Final = (0.3, 0.7, 1.0, 2.0, 4.0)  # seconds between looks for what a broken connection left behind
WRITTEN_SQL: Final = (
    "SELECT id, code FROM matters_matter WHERE id IN (SELECT value::uuid FROM json_array_elements_text($1::json))"
)
SIZE = Histogram("linli_intake_group_size", "Requests written by one statement", buckets=(1, 2, 4, 8, 16, 32, 64))

Answer = Receipt | Refusal


def _undone(error: psycopg.OperationalError) -> Refusal | None:
    """What to say when the server said that the statement failed; a shutdown (57P…) or a broken line leaves it open."""
    state = error.sqlstate or ""
    if state in NO_ROOM:
        return FULL
    return BUSY if state and not state.startswith(("57P", "08", "58")) else None


def group_size(waiting: int) -> int:
    """How many go out together. Not all at once: while one half is written the next are being understood, so that both
    processors have work; in one large group they would wait for each other in turn."""
    return min(MOST_TOGETHER, max(FEW, waiting // 2))


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
        self._sent = False

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
            size = group_size(len(self._waiting))
            taken, self._waiting = self._waiting[:size], self._waiting[size:]
            SIZE.observe(len(taken))
            await self._write(taken)

    async def _write(self, taken: Sequence[tuple[Draft, "asyncio.Future[Answer]"]]) -> None:
        try:
            found = await self._store([draft for draft, _ in taken])
        except psycopg.OperationalError as error:
            log.exception("the database did not answer for %d requests", len(taken))
            await self._drop()
            found = await self._asked([draft for draft, _ in taken], _undone(error))
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
        self._sent = False
        await self._connected()
        self._sent = True  # from here on a broken connection leaves open whether it was written
        failpoints.hit("intake.before_commit")
        codes: dict[UUID, str] = dict(await self._query(SQL, payload(drafts, at)))
        failpoints.hit("intake.after_commit")
        missing = [d for d in drafts if d.items[0].id not in codes]
        rows = await self._query(REPEATED_SQL, keys_of(missing)) if missing else []
        return answers(drafts, codes, rows)

    async def _asked(self, drafts: Sequence[Draft], refusal: Refusal | None) -> list[Answer]:
        """After a broken connection: what was written before it broke is answered as written, the rest as not.

        *refusal*: the database itself said that nothing was. While it can't be asked, the truth is that we don't know.
        """
        if refusal is not None or not self._sent:
            return [refusal or BUSY] * len(drafts)
        for pause in ASK_AGAIN:
            await asyncio.sleep(pause)
            try:
                ids = orjson.dumps([str(item.id) for draft in drafts for item in draft.items]).decode()
                codes: dict[UUID, str] = dict(await self._query(WRITTEN_SQL, [ids]))
            except psycopg.Error:
                await self._drop()
                continue
            stored = [draft for draft in drafts if draft.items[0].id in codes]
            known = iter(answers(stored, codes, ()))
            return [next(known) if draft.items[0].id in codes else BUSY for draft in drafts]
        return [UNKNOWN] * len(drafts)

    async def _query(self, sql: str, arguments: Sequence[str]) -> list[Any]:
        connection = await self._connected()
        cursor = await connection.execute(sql, arguments, prepare=True)
        return await cursor.fetchall()

    async def _connected(self) -> "psycopg.AsyncConnection[Any]":
        if self._connection is None or self._connection.closed:
            self._connection = await psycopg.AsyncConnection.connect(
                self._conninfo,
                autocommit=True,
                prepare_threshold=0,
                cursor_factory=psycopg.AsyncRawCursor,
                options="-c jit=off -c plan_cache_mode=force_generic_plan",
            )
        return self._connection

    async def _drop(self) -> None:
        if self._connection is not None:
            try:
                await self._connection.close()
            except psycopg.Error:
                log.debug("the lost connection did not close cleanly")
        self._connection = None
