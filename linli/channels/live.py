"""Live events: ``GET /live`` is a stream of server-sent events, fed by LISTEN/NOTIFY, each only to whom it may concern.

An event says which matter moved, never what is in it; the page asks for that with its ordinary rights.
"""

import asyncio
import logging
import signal
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any, Final
from urllib.parse import parse_qs
from uuid import UUID

import orjson
import psycopg
from django.conf import settings as django_settings
from django.contrib.auth import get_user
from django.db import connection
from django.http import HttpRequest
from django.utils.module_loading import import_string
from prometheus_client import Gauge

from linli.kernel import postgres
from linli.matters import queries, reference
from linli.matters.relations import sees
from linli.parties.access import NOBODY, Viewer
from linli.parties.gate import viewer_of

log = logging.getLogger("linli.live")
CHANNEL: Final = "linli_matters"
BEAT: Final = 15.0
MOST_WAITING: Final = 200
STREAMS = Gauge("linli_live_streams", "Open event streams")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


@dataclass(eq=False)
class Subscriber:
    """One open page. *matter* limits a resident's stream to their own matter."""

    cookies: dict[str, str]
    viewer: Viewer
    matter: UUID | None
    queue: "asyncio.Queue[bytes]"

    def wants(self, told: "Told") -> bool:
        if self.matter is not None:
            return told.matter == self.matter
        return sees(self.viewer, told.area, told.post, told.unit)


@dataclass(frozen=True, slots=True)
class Told:
    """What a NOTIFY said."""

    matter: UUID
    area: str
    stage: str
    seq: int
    post: UUID | None
    unit: UUID | None

    @classmethod
    def read(cls, line: str) -> "Told":
        matter, area, stage, seq, post, unit = line.split("|")
        return cls(UUID(matter), area, stage, int(seq), UUID(post) if post else None, UUID(unit) if unit else None)

    def event(self) -> bytes:
        body = {"id": str(self.matter), "area": self.area, "stage": self.stage, "seq": self.seq}
        return b"event: matter\ndata: " + orjson.dumps(body) + b"\n\n"


_subscribers: set[Subscriber] = set()
_tasks: list[asyncio.Task[None]] = []
_stopping: asyncio.Event | None = None
_watched = False


async def startup() -> None:
    """Begin to listen."""
    global _stopping
    _stopping = asyncio.Event()
    _tasks.append(asyncio.create_task(_listen(), name="linli live listen"))
    _tasks.append(asyncio.create_task(_recheck(), name="linli live rights"))


async def shutdown() -> None:
    """End every stream."""
    for task in _tasks:
        task.cancel()
    end_streams()


def end_streams() -> None:
    """No new streams, and every open one ends now."""
    if _stopping is not None:
        _stopping.set()
    for subscriber in list(_subscribers):
        subscriber.queue.put_nowait(b"")


def _end_with_the_server() -> None:
    """End the streams as soon as the server is asked to stop: it waits for open answers before it says so itself.

    The server's own handler stays: it reads the signal from the loop's wake-up channel, which every handler set in
    Python leaves alone. Set with the first stream, for the server sets its own after ``startup``.
    """
    global _watched
    if _watched or threading.current_thread() is not threading.main_thread():
        return
    _watched = True
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(end_streams))


async def _listen() -> None:
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(postgres.url(), autocommit=True) as listening:
                await listening.execute(f"LISTEN {CHANNEL}")
                _spread(b"event: reload\ndata: {}\n\n")  # what happened before we listened is read anew
                async for notify in listening.notifies():
                    _tell(notify.payload)
        except (psycopg.Error, OSError, ValueError):
            log.exception("listening ended; it begins again")
            await asyncio.sleep(1)


def _tell(payload: str) -> None:
    """Pass on what a NOTIFY said: one line for each matter that moved."""
    if not _subscribers:
        return
    for line in payload.split("\n"):
        told = Told.read(line)
        event = told.event()
        for subscriber in _subscribers:
            if subscriber.wants(told):
                _put(subscriber, event)


def _spread(event: bytes) -> None:
    for subscriber in _subscribers:
        _put(subscriber, event)


def _put(subscriber: Subscriber, event: bytes) -> None:
    """A page that does not read fast enough is told to reload instead of being flooded."""
    if subscriber.queue.qsize() >= MOST_WAITING:
        while not subscriber.queue.empty():
            subscriber.queue.get_nowait()
        event = b"event: reload\ndata: {}\n\n"
    subscriber.queue.put_nowait(event)


async def _recheck() -> None:
    """When posts changed, everybody's rights are read again; who has none left is closed."""
    seen = -1
    while True:
        await asyncio.sleep(reference.FRESH)
        held = reference.held()
        stamp = held.stamp.get("parties", 0) if held else seen
        if stamp == seen:
            continue
        seen = stamp
        for subscriber in list(_subscribers):
            if subscriber.matter is None:
                subscriber.viewer = await asyncio.to_thread(_viewer, subscriber.cookies)
                if subscriber.viewer is NOBODY:
                    subscriber.queue.put_nowait(b"")


def _viewer(cookies: dict[str, str]) -> Viewer:
    """The staff behind a session cookie, with both factors passed and a post; in a thread."""
    try:
        request = HttpRequest()
        request.COOKIES.update(cookies)
        engine = import_string(django_settings.SESSION_ENGINE + ".SessionStore")
        request.session = engine(cookies.get(django_settings.SESSION_COOKIE_NAME))
        request.user = get_user(request)
        viewer = viewer_of(request)
        return viewer if viewer.posts else NOBODY
    finally:
        connection.close()


def _matter(tracking: str) -> UUID | None:
    try:
        found = queries.by_tracking(tracking)
        return found.pk if found else None
    finally:
        connection.close()


async def stream(scope: Scope, receive: Receive, send: Send) -> None:
    """The ASGI application of the stream; ``?t=CODE`` follows one matter by its tracking code."""
    headers = dict(scope["headers"])
    cookies = {k: m.value for k, m in SimpleCookie(headers.get(b"cookie", b"").decode("latin-1")).items()}
    tracking = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("t", [""])[0]
    viewer, matter = NOBODY, None
    if tracking:
        matter = await asyncio.to_thread(_matter, tracking)
    else:
        viewer = await asyncio.to_thread(_viewer, cookies)
    if viewer is NOBODY and matter is None:
        await send({"type": "http.response.start", "status": 403, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})
        return
    await _serve(Subscriber(cookies, viewer, matter, asyncio.Queue()), receive, send)


async def _serve(subscriber: Subscriber, receive: Receive, send: Send) -> None:
    _end_with_the_server()
    headers = [
        (b"content-type", b"text/event-stream; charset=utf-8"),
        (b"cache-control", b"no-store"),
        (b"x-accel-buffering", b"no"),
        (b"x-content-type-options", b"nosniff"),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    gone = asyncio.create_task(_gone(receive))
    _subscribers.add(subscriber)
    if _stopping is not None and _stopping.is_set():
        subscriber.queue.put_nowait(b"")
    STREAMS.inc()
    try:
        await send({"type": "http.response.body", "body": b"retry: 2000\n\n", "more_body": True})
        while not gone.done():
            event = await _next(subscriber, gone)
            if event == b"":
                break
            await send({"type": "http.response.body", "body": event or b": beat\n\n", "more_body": True})
    except (OSError, RuntimeError):
        log.debug("a stream's page went away")
    finally:
        _subscribers.discard(subscriber)
        STREAMS.dec()
        gone.cancel()
    if not gone.done() or gone.cancelled():
        await send({"type": "http.response.body", "body": b""})


async def _next(subscriber: Subscriber, gone: "asyncio.Task[None]") -> bytes | None:
    """The next event; None when it is time for a beat; empty when the stream ends."""
    waiting = asyncio.ensure_future(subscriber.queue.get())
    done, _ = await asyncio.wait({waiting, gone}, timeout=BEAT, return_when=asyncio.FIRST_COMPLETED)
    if waiting in done:
        return waiting.result()
    waiting.cancel()
    return b"" if gone in done else None


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue


NATIVE_ROUTES = (("GET", "/live", stream),)
