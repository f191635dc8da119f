"""The server with a planted defect (``LINLI_TEST_DEFECT``): the checks must find it, or they are worth nothing."""

import asyncio
import os
from dataclasses import replace
from typing import Any

from linli.site.asgi import application  # noqa: F401 (what uvicorn serves; first, it sets Django up)

# isort: split

from linli.channels import group, intake_door
from linli.matters.intake import Draft, Receipt

DEFECT = os.environ.get("LINLI_TEST_DEFECT", "")
_whole = group.Writer.submit
_kept: set[Any] = set()


def _early(self: group.Writer, draft: Draft) -> "asyncio.Future[group.Answer]":
    """Answers before anything is written, and writes a little later."""

    async def later() -> None:
        await asyncio.sleep(0.3)
        await _whole(self, draft)

    task = asyncio.get_running_loop().create_task(later())
    _kept.add(task)
    task.add_done_callback(_kept.discard)
    done: asyncio.Future[group.Answer] = asyncio.get_running_loop().create_future()
    done.set_result(Receipt(draft.bundle, tuple(replace(item, code="early") for item in draft.items), draft.reading))
    return done


def _keyless(self: group.Writer, draft: Draft) -> "asyncio.Future[group.Answer]":
    """Forgets the idempotency key."""
    rows = draft.rows | {"m": [row | {"key": None, "scope": None} for row in draft.rows["m"]]}
    return _whole(self, replace(draft, key="", rows=rows))


def _shedding(self: group.Writer, draft: Draft) -> "asyncio.Future[group.Answer]":
    """Says yes to what it has no room for, and drops it."""
    if len(self._waiting) >= 2:
        done: asyncio.Future[group.Answer] = asyncio.get_running_loop().create_future()
        done.set_result(
            Receipt(draft.bundle, tuple(replace(item, code="dropped") for item in draft.items), draft.reading)
        )
        return done
    return _whole(self, draft)


def _small(self: group.Writer, draft: Draft) -> "asyncio.Future[group.Answer]":
    """No defect: a queue that is soon full."""
    self._most = 8
    return _whole(self, draft)


_DEFECTS = {"small": _small, "ack_early": _early, "no_keys": _keyless, "drop": _shedding}
if DEFECT:
    group.Writer.submit = _DEFECTS[DEFECT]  # type: ignore[method-assign]
    assert intake_door.Writer is group.Writer
