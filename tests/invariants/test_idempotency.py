# ruff: noqa: E501
"""Invariant 2: one idempotency key, one request, through the door with a network that drops replies, and below it."""

import asyncio
import contextlib
import http.client
import random
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Self

import pytest

from tests.invariants.harness import race
from tests.invariants.house import House, ask, free_port
from tests.matters.town import GRID

if TYPE_CHECKING:
    from tests.matters.town import Town

RACERS = 32


class Dropping:
    """A proxy that loses a third of the replies, and a tenth of the requests, on the way."""

    def __init__(self, to: int) -> None:
        self.to, self.port = to, free_port()
        self.chance = random.Random(9)
        self.loop = asyncio.new_event_loop()
        self.ready = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self.thread.start()
        assert self.ready.wait(10)
        return self

    def __exit__(self, *exc: object) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", self.port))
        self.ready.set()
        self.loop.run_forever()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request a connection: forwarded, or not; answered, or not."""
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, ValueError):
            head = await reader.readuntil(b"\r\n\r\n")
            size = next(
                int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")
            )
            body = await reader.readexactly(size)
            lost = self.chance.random()
            if lost > 0.1:
                there, out = await asyncio.open_connection("127.0.0.1", self.to)
                out.write(head.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n") + body)
                if lost > 0.25:  # else the sender hangs up while it is being worked on
                    answer = await asyncio.wait_for(there.read(), 20)
                    if lost > 0.45:
                        writer.write(answer)
                        await writer.drain()
                else:
                    await out.drain()
                    await asyncio.sleep(self.chance.random() * 0.01)
                out.close()
        writer.close()


def say(port: int, key: str, number: int, tries: int = 60) -> tuple[str, str]:
    """Post with this key until there is an answer; (key, id of the matter)."""
    body = {"text": "路灯不亮", "area": GRID, "address": f"i{number}"}
    for _ in range(tries):
        with contextlib.suppress(OSError, http.client.HTTPException):
            status, _, answer = ask(port, "POST", "/api/v1/matters", body, {"Idempotency-Key": key})
            if status in (200, 201):
                return key, answer["id"]
            if status not in (429, 503):
                return key, f"status {status}"
    return key, "no answer"


def run(house: House, keys: int, defect: str = "") -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Clients that retry through the dropping proxy, and racers who use one key at once; the answers, and what is stored."""
    house.wipe()
    server = house.serve(defect=defect)
    house.ready(server)
    raced = max(3, keys // 20)
    with Dropping(server.port) as proxy, ThreadPoolExecutor(RACERS) as pool:
        answers = list(pool.map(lambda n: say(proxy.port, f"k{n}", n), range(keys)))
        for number in range(raced):
            answers += pool.map(lambda _, n=number: say(server.port, f"r{n}", 10**6 + n), range(RACERS))  # type: ignore[misc]
    statuses = [
        ask(server.port, "POST", "/api/v1/matters", {"text": "别的事", "area": GRID}, {"Idempotency-Key": f"k{n}"})[0]
        for n in range(0, keys, max(1, keys // 20))
    ]
    if not defect:
        assert set(statuses) == {409}
    server.kill()
    with house.settled() as own:
        rows = own.execute(
            "SELECT CASE WHEN s.address LIKE 'i1______' THEN 'r' || (substr(s.address, 2)::int - 1000000) ELSE 'k' || substr(s.address, 2)"
            " END, m.id::text FROM matters_matter m JOIN matters_statement s ON s.matter_id = m.id"
        ).fetchall()
    return answers, rows


def check(seen: tuple[list[tuple[str, str]], list[tuple[str, str]]]) -> list[str]:
    """Each key made one matter, and everybody who used it was told of that one."""
    answers, rows = seen
    times = Counter(key for key, _ in rows)
    made = dict(rows)
    wrong = [f"{key} made {n} matters" for key, n in times.items() if n != 1]
    return wrong + [f"{key}: told of {ident}" for key, ident in answers if made.get(key) != ident]


@pytest.mark.timeout(0)
def test_one_key_one_request_through_the_door(house: House, scale: float) -> None:
    seen = run(house, 10_000 if scale == 1 else 400)
    print(f"\n{len(seen[0])} answers, {len(seen[1])} matters")
    assert len(seen[1]) > len(set(seen[0])) * 0.9
    assert check(seen) == []


def test_a_forgotten_key_is_noticed(house: House) -> None:
    """Planted: the door forgets the keys."""
    assert any("made" in wrong for wrong in check(run(house, 20, "no_keys")))


def _below(number: int, racers: int) -> tuple[list[Any], int]:
    """*racers* give the same request with the same key to ``receive`` at once; what they got, and the matters there are."""
    from django.db import transaction

    from linli.kernel import clock
    from linli.matters.intake import Request, receive
    from linli.matters.models import Matter

    def one(_: int) -> Any:
        with transaction.atomic():
            got = receive(
                Request("路灯不亮", "page", area=GRID, scope="s", key=f"b{number}", body=b"x"), at=clock.now()
            )
        return got.known[0].id if got.repeated else got.items[0].id

    before = Matter.objects.count()
    return race(range(racers), one), Matter.objects.count() - before


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(0)
def test_one_key_one_request_below_the_door(town: "Town", scale: float) -> None:
    for number in range(2000 if scale == 1 else 8):
        results, made = _below(number, RACERS)
        assert made == 1
        assert len(set(map(str, results))) == 1, results


@pytest.mark.django_db(transaction=True)
def test_a_key_that_is_not_unique_is_noticed(town: "Town", monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: each use of the key counts as another."""
    from linli.matters import intake

    whole = intake.payload
    turns = iter(range(10**6))

    def payload(drafts: Any, at: Any) -> list[str]:
        return [part.replace('"key":"b', f'"key":"{next(turns)}') for part in whole(drafts, at)]

    monkeypatch.setattr(intake, "payload", payload)
    _, made = _below(0, 4)
    assert made > 1
