"""The client of ``linli replay``: bounded, patient, and with a log from which it goes on."""

import asyncio
import hashlib
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import httpx

from linli.kernel import clock

TRIES: Final = 8  # for connections that break and servers that fail
PATIENCE: Final = 600.0  # seconds of waiting for a door that says it is busy
LONGEST_WAIT: Final = 60.0  # seconds between two tries
TIMEOUT: Final = 30.0
SYNC_EVERY: Final = 64  # lines of the log between two fsyncs


@dataclass(frozen=True, slots=True)
class Shot:
    """One request: its key, when it came in its own time (Unix seconds), and its body."""

    key: str
    at: float
    body: dict[str, Any]

    def moved(self, at: float) -> "Shot":
        return replace(self, at=at)


class Log:
    """An append-only file of answers, one JSON line each; a broken last line (a killed run) is passed over."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._open: Any = None
        self._since = 0

    def answered(self) -> set[str]:
        """Keys that were answered for good: accepted or refused."""
        if not self.path.exists():
            return set()
        found = set()
        for line in self.path.read_text("utf-8", "replace").splitlines():
            try:
                entry = json.loads(line)
            except ValueError:
                continue
            if isinstance(entry, dict) and entry.get("what") in ("accepted", "repeated", "refused"):
                found.add(str(entry.get("key")))
        return found

    def write(self, entry: dict[str, Any]) -> None:
        if self._open is None:
            self._open = self.path.open("a", encoding="utf-8")
        self._open.write(json.dumps(entry, ensure_ascii=False) + "\n")
        self._open.flush()
        self._since += 1
        if self._since >= SYNC_EVERY:
            self.sync()

    def sync(self) -> None:
        """Make what was written durable."""
        if self._open is not None:
            os.fsync(self._open.fileno())
            self._since = 0


@dataclass(slots=True)
class Player:
    """Sends shots and counts what becomes of them."""

    url: str
    token: str
    connections: int
    log: Log
    transport: httpx.AsyncBaseTransport | None = None
    sent: int = 0
    accepted: int = 0
    repeated: int = 0
    unknown: int = 0
    retries: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    latencies: list[float] = field(default_factory=list)
    seconds: float = 0.0

    async def play(self, shots: Sequence[Shot], speed: float, tick: Callable[[], None]) -> None:
        """Send all shots, *speed* times as fast as they came; 0: as fast as the door takes them."""
        began = clock.monotonic()
        gate = asyncio.Semaphore(self.connections)
        limits = httpx.Limits(max_connections=self.connections, max_keepalive_connections=self.connections)
        first = shots[0].at if shots else 0.0
        async with httpx.AsyncClient(transport=self.transport, limits=limits, timeout=TIMEOUT) as client:
            async with asyncio.TaskGroup() as group:
                for shot in shots:
                    wait = began + (shot.at - first) / speed - clock.monotonic() if speed else 0.0
                    if wait > 0:
                        await asyncio.sleep(wait)
                    await gate.acquire()
                    group.create_task(self._one(client, shot, gate, tick))
        self.log.sync()
        self.seconds = clock.monotonic() - began

    async def _one(
        self, client: httpx.AsyncClient, shot: Shot, gate: asyncio.Semaphore, tick: Callable[[], None]
    ) -> None:
        try:
            self.sent += 1
            entry = await self._answered(client, shot)
            self.log.write({"key": shot.key} | entry)
            what = entry["what"]
            if what == "refused":
                self.refused[entry["code"]] = self.refused.get(entry["code"], 0) + 1
            else:
                setattr(self, what, getattr(self, what) + 1)
        finally:
            gate.release()
            tick()

    async def _answered(self, client: httpx.AsyncClient, shot: Shot) -> dict[str, Any]:
        """The answer to one shot. Busy doors and broken connections are tried again under the same key."""
        key = hashlib.sha256(f"replay {shot.key}".encode("utf-8", "surrogatepass")).hexdigest()[:40]
        headers = {"Idempotency-Key": key} | ({"Authorization": f"Bearer {self.token}"} if self.token else {})
        why, tries, waited = "", 0, 0.0
        while tries < TRIES and waited < PATIENCE:
            began = clock.monotonic()
            try:
                response = await client.post(f"{self.url}/api/v1/matters", json=shot.body, headers=headers)
            except httpx.HTTPError as error:
                why, tries = type(error).__name__, tries + 1
                await self._rest(2.0**tries / 8)
                continue
            if response.status_code == 429 or response.status_code >= 500:
                why, tries = str(response.status_code), tries + (response.status_code != 429)
                waited += await self._rest(_seconds(response.headers.get("retry-after"), 2.0**tries / 8))
                continue
            took = (clock.monotonic() - began) * 1000
            self.latencies.append(took)
            return _entry(response) | {"ms": round(took, 1)}
        return {"what": "unknown", "why": why}

    async def _rest(self, seconds: float) -> float:
        self.retries += 1
        wait = min(seconds, LONGEST_WAIT)
        await asyncio.sleep(wait)
        return wait


def _entry(response: httpx.Response) -> dict[str, Any]:
    """What stands in the log of an answer that is final."""
    try:
        body = response.json()
    except ValueError:
        body = {}
    if response.status_code in (200, 201):
        what = "accepted" if response.status_code == 201 else "repeated"
        return {"what": what, "id": body.get("id"), "code": body.get("code"), "matters": len(body.get("matters", ()))}
    return {"what": "refused", "code": str(body.get("code", response.status_code)), "status": response.status_code}


def _seconds(given: str | None, otherwise: float) -> float:
    try:
        return max(0.1, float(given)) if given else otherwise
    except ValueError:
        return otherwise


def percentile(ordered: Sequence[float], share: float) -> float | None:
    """The value below which *share* of the sorted values lie, in milliseconds; None of nothing."""
    if not ordered:
        return None
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))], 1)
