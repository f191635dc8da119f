"""Open event streams end as soon as the server is asked to stop, and the server's own handler still hears of it."""

import asyncio
import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from linli.channels import live
from linli.core.ids import uuid7
from linli.parties.access import NOBODY

NUMBERS = (signal.SIGINT, signal.SIGTERM)


@pytest.fixture(autouse=True)
def _handlers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    held = {number: signal.getsignal(number) for number in NUMBERS}
    monkeypatch.setattr(live, "_watched", False)
    monkeypatch.setattr(live, "_stopping", None)
    yield
    for number, handler in held.items():
        signal.signal(number, handler)


def test_streams_end_with_the_signal() -> None:
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(60)
        return {"type": "http.disconnect"}

    def stream() -> "asyncio.Task[None]":
        one = live.Subscriber({}, NOBODY, uuid7(), asyncio.Queue())
        return asyncio.create_task(live._serve(one, receive, send))

    async def run() -> None:
        live._stopping = asyncio.Event()
        asked = asyncio.Event()
        for number in NUMBERS:  # what the server does after the start of its applications
            asyncio.get_running_loop().add_signal_handler(number, asked.set)
        streams = [stream() for _ in range(5)]
        await asyncio.sleep(0.05)
        assert not any(one.done() for one in streams)
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(asyncio.gather(*streams), 1)
        assert asked.is_set()
        await asyncio.wait_for(stream(), 1)  # one that comes too late ends at once

    asyncio.run(run())
    assert sum(m["type"] == "http.response.start" for m in sent) == 6
    assert sum(m.get("more_body") is None and "body" in m for m in sent) == 6
