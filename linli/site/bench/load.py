"""A small HTTP load generator: keeps N connections busy with intakes for some seconds. Run as a process of its own.

``python -m linli.site.bench.load HOST PORT TOKEN CONNECTIONS SECONDS LON LAT``; prints one line of JSON.
"""

import asyncio
import json
import random
import sys
import time
from typing import cast

TEXTS = (
    "门口垃圾成堆没人清运，请尽快处理",
    "路灯不亮，晚上走路害怕",
    "楼上夜里噪音扰民睡不着",
    "井盖缺了一块很危险",
    "小区停水两天了没有通知",
    "路面有个大坑，下雨天积水看不见",
)


class Client(asyncio.Protocol):
    """One connection: sends, waits for the whole answer, sends again."""

    def __init__(self, bodies: list[bytes], until: float, times: list[float], done: "asyncio.Future[None]") -> None:
        self._bodies, self._until, self._times, self._done = bodies, until, times, done
        self._got = b""
        self.refused = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._send()

    def _send(self) -> None:
        self._sent = time.perf_counter()
        self._transport.write(random.choice(self._bodies))

    def data_received(self, data: bytes) -> None:
        self._got += data
        end = self._got.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._got[:end].lower()
        at = head.index(b"content-length:") + 15
        size = int(head[at : (head + b"\r\n").index(b"\r\n", at)])
        if len(self._got) < end + 4 + size:
            return
        now = time.perf_counter()
        if b" 201" in head[:14]:
            self._times.append(now - self._sent)
        else:
            self.refused += 1
        self._got = b""
        if now < self._until:
            self._send()
        elif not self._done.done():
            self._done.set_result(None)

    def connection_lost(self, error: Exception | None) -> None:
        if not self._done.done():
            self._done.set_exception(error or ConnectionError("the server closed the connection"))


def bodies(token: str, lon: float, lat: float) -> list[bytes]:
    """A few hundred requests, ready to be sent."""
    made = []
    for _ in range(300):
        point = {"lon": lon + random.uniform(-0.01, 0.01), "lat": lat + random.uniform(-0.01, 0.01)}
        body = json.dumps({"text": random.choice(TEXTS), **point}, ensure_ascii=False).encode()
        head = (
            f"POST /api/v1/matters HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        made.append(head.encode() + body)
    return made


async def run(host: str, port: int, sent: list[bytes], connections: int, seconds: float) -> dict[str, float]:
    """Load for *seconds*; rate in requests per second, p50 and p99 in milliseconds, refusals."""
    loop = asyncio.get_running_loop()
    times: list[float] = []
    begun = time.perf_counter()
    clients, waits = [], []
    for _ in range(connections):
        done: asyncio.Future[None] = loop.create_future()
        client = Client(sent, begun + seconds, times, done)
        await loop.create_connection(lambda c=client: c, host, port)  # type: ignore[misc]
        clients.append(client)
        waits.append(done)
    await asyncio.gather(*waits)
    took = time.perf_counter() - begun
    times.sort()
    refused = sum(c.refused for c in clients)
    if not times:
        return {"rate": 0.0, "p50": 0.0, "p99": 0.0, "refused": refused}
    return {
        "rate": len(times) / took,
        "p50": times[len(times) // 2] * 1000,
        "p99": times[min(len(times) - 1, int(len(times) * 0.99))] * 1000,
        "refused": refused,
    }


def main() -> None:
    """The process."""
    import uvloop

    host, port, token, connections, seconds, lon, lat = sys.argv[1:]
    sent = bodies(token, float(lon), float(lat))
    print(json.dumps(uvloop.run(run(host, int(port), sent, int(connections), float(seconds)))))


if __name__ == "__main__":
    main()
