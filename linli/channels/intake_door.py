"""The intake door: ``POST /api/v1/matters`` answered in the event loop, before Django, with group commits.

Understanding, routing and clocks are computed here from reference data in memory; the database is met once. Tokens
are checked
against a book that a background task keeps within half a second of the database, and again whenever it changes.
"""

import asyncio
import gc
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any, Final, Literal

import orjson
from django.db import connection
from psycopg.conninfo import make_conninfo
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from linli.channels import answers
from linli.channels.group import Writer
from linli.channels.problems import MEDIA_TYPE, language_of, problem_bytes
from linli.channels.throttle import Throttle
from linli.core.refusals import Refusal, Refused
from linli.core.snapshot import Actor
from linli.kernel import clock, postgres, settings
from linli.matters import reference
from linli.matters.drafting import RESIDENT, Request, count, draft
from linli.parties.access import Viewer
from linli.parties.tokens import TokenBook

log = logging.getLogger("linli.intake")
LARGEST: Final = 256 * 1024
SCOPE: Final = "matters:create"

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Contact(BaseModel):
    """How to reach the sender; every part is optional."""

    model_config = ConfigDict(extra="forbid")
    name: Annotated[str, Field(max_length=60)] = ""
    phone: Annotated[str, Field(max_length=30)] = ""
    email: Annotated[str, Field(max_length=120)] = ""


class NewMatter(BaseModel):
    """The body of an intake. ``lon``/``lat`` are degrees in the system ``crs``; ``near`` is the area the sender
    works in."""

    model_config = ConfigDict(extra="forbid")
    text: str
    lon: float | None = None
    lat: float | None = None
    crs: Literal["wgs84", "cgcs2000", "gcj02", "bd09"] = "wgs84"
    area: Annotated[str, Field(max_length=15)] = ""
    near: Annotated[str, Field(max_length=15)] = ""
    category: Annotated[str, Field(max_length=160)] = ""
    address: Annotated[str, Field(max_length=300)] = ""
    contact: Annotated[Contact, Field(default_factory=Contact)]
    language: Literal["zh-hans", "en"] = "zh-hans"


BODY = TypeAdapter(NewMatter)


class Door:
    """What one process keeps between requests."""

    def __init__(self) -> None:
        self.book = TokenBook()
        self.writer = Writer(make_conninfo(postgres.url(), application_name="linli intake"))
        self.throttle = Throttle(settings.current().anonymous_per_minute)
        self._refresher: asyncio.Task[None] | None = None
        self._looker = ThreadPoolExecutor(1, "linli reference")  # one thread, so one database connection that stays

    async def start(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._looker, self._look)
        await self.writer.start()
        self._refresher = asyncio.create_task(self._refresh(), name="linli reference")

    async def stop(self) -> None:
        if self._refresher is not None:
            self._refresher.cancel()
        self._looker.submit(connection.close)
        self._looker.shutdown(wait=False)
        await self.writer.stop()

    async def _refresh(self) -> None:
        while True:
            await asyncio.sleep(reference.FRESH)
            try:
                await asyncio.get_running_loop().run_in_executor(self._looker, self._look)
            except Exception:
                log.exception("reference data could not be refreshed; the last stays")

    def _look(self) -> None:
        """Runs in the thread for it; after an error the next look begins with a new connection."""
        try:
            held = reference.current(fresh=True)
            self.book.refresh(clock.now(), held.stamp.get("parties", 0))
        except Exception:
            connection.close()
            raise


_door: Door | None = None
_forms: Callable[[Scope, Receive, Send], Awaitable[None]] | None = None


def pass_on(fallback: Callable[[Scope, Receive, Send], Awaitable[None]]) -> None:
    """Called by the server: who answers what this door does not read itself."""
    global _forms
    _forms = fallback


async def startup() -> None:
    """Called by the server when its event loop begins."""
    global _door
    _door = Door()
    await _door.start()
    gc.collect()
    gc.freeze()  # places, names and declarations live as long as the process: the collector need not walk them
    gc.set_threshold(50_000, 20, 50)


async def shutdown() -> None:
    """Called by the server before its event loop ends: what was accepted is written."""
    if _door is not None:
        await _door.stop()


async def take(scope: Scope, receive: Receive, send: Send) -> None:
    """The ASGI application of the door. A form, which may bring photos, goes to the pages' threads."""
    headers = dict(scope["headers"])
    if _forms is not None and headers.get(b"content-type", b"").startswith(b"multipart/form-data"):
        await _forms(scope, receive, send)
        return
    language = language_of(headers.get(b"accept-language", b"").decode("latin-1"))
    wait = 0
    try:
        status, body = await _answer(scope, headers, receive, language)
    except Refused as refused:
        status, body = refused.refusal.status, problem_bytes(refused.refusal, language)
        wait = int(str(refused.refusal.params.get("seconds", 0)))
    except Exception:
        log.exception("an intake failed")
        refusal = Refusal("not_stored")
        status, body = refusal.status, problem_bytes(refusal, language)
    await _send(send, status, body, wait)


async def _answer(scope: Scope, headers: dict[bytes, bytes], receive: Receive, language: str) -> tuple[int, bytes]:
    door = _door
    ref = reference.held()
    if door is None or ref is None:
        raise Refused("busy", seconds=2)
    viewer = _viewer(door, headers, scope)
    body = await _body(headers, receive)
    made = draft(_request(body, headers, viewer), ref, clock.now(), _actor(viewer))
    count(made, ref)
    answer = await door.writer.submit(made)
    if isinstance(answer, Refusal):
        raise Refused(answer)
    return 200 if answer.repeated else 201, orjson.dumps(answers.receipt(answer, ref, language))


def _viewer(door: Door, headers: dict[bytes, bytes], scope: Scope) -> Viewer | None:
    """The token's viewer; None for a resident without a token, who is slowed down by address."""
    given = headers.get(b"authorization", b"").decode("latin-1")
    if not given:
        wait = door.throttle.wait((scope.get("client") or ("",))[0], clock.monotonic())
        if wait:
            raise Refused("too_many", seconds=wait)
        return None
    kind, _, secret = given.partition(" ")
    viewer = door.book.viewer(secret.strip()) if kind.lower() == "bearer" else None
    if viewer is None:
        raise Refused("token_unknown")
    if SCOPE not in viewer.scopes:
        raise Refused("scope_missing", scope=SCOPE)
    return viewer


def _actor(viewer: Viewer | None) -> Actor:
    return RESIDENT if viewer is None else Actor("token", viewer.id, viewer.name, frozenset())


async def _body(headers: dict[bytes, bytes], receive: Receive) -> bytes:
    kind = headers.get(b"content-type", b"application/json").split(b";")[0].strip().lower()
    if kind != b"application/json":
        raise Refused("content_type", kind=kind.decode("latin-1"), wanted="application/json, multipart/form-data")
    chunks, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refused("bad_json", why="the connection ended")
        size += len(message.get("body", b""))
        if size > LARGEST:
            raise Refused("body_too_large", limit=f"{LARGEST // 1024} KB")
        chunks.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(chunks)


def _request(body: bytes, headers: dict[bytes, bytes], viewer: Viewer | None) -> Request:
    try:
        given = BODY.validate_json(body)
    except ValidationError as error:
        raise Refused(_invalid(error)) from error
    key = headers.get(b"idempotency-key", b"").decode("latin-1")
    if b"idempotency-key" in headers and not (1 <= len(key) <= 120 and key.isascii() and key.isprintable()):
        raise Refused("key_wrong")
    scope = viewer.actor_id if viewer else "resident"
    return Request(
        given.text,
        "api",
        given.lon,
        given.lat,
        given.crs,
        given.area,
        given.near or (viewer.area if viewer else ""),
        given.category,
        given.contact.name,
        given.contact.phone,
        given.contact.email,
        given.address,
        given.language,
        scope,
        key,
        body,
    )


def _invalid(error: ValidationError) -> Refusal:
    """The first thing wrong, with its field."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    field = ".".join(str(part) for part in first["loc"])
    if first["type"] == "json_invalid":
        return Refusal("bad_json", {"why": first["msg"]})
    if first["type"] == "missing":
        return Refusal("field_missing", {"field": field}, field)
    return Refusal("field_wrong", {"field": field or "body", "why": first["msg"]}, field)


async def _send(send: Send, status: int, body: bytes, wait: int = 0) -> None:
    kind = b"application/json" if status < 400 else MEDIA_TYPE.encode()
    headers = [
        (b"content-type", kind),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]
    if wait:
        headers.append((b"retry-after", str(wait).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


NATIVE_ROUTES = (("POST", "/api/v1/matters", take),)
