"""Asking a model outside about matters that wait for a person, after they were stored and never on their way in.

Off unless the operator of the machine sets LINLI_ADVICE_URL. The address comes from the environment alone; redirects
are not followed, proxies not used, an answer has two seconds and a size. An outage or nonsense changes nothing.
"""

import http.client
import json
import logging
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol
from urllib.parse import urlsplit
from uuid import UUID

from django.db import close_old_connections, connection

from linli.core.catalogue import Catalogue
from linli.kernel import clock, settings
from linli.matters import corrections, reference
from linli.matters.learning_models import Advice
from linli.matters.models import Matter
from linli.understanding import outside
from linli.understanding.outside import Answer, BadAnswer

log = logging.getLogger("linli.advice")
TIMEOUT: Final = 2.0  # s for a whole answer
LIMIT: Final = 65_536  # bytes of an answer
VECTORS: Final = 4_194_304  # bytes of an answer with vectors
BATCH: Final = 10
AT_ONCE: Final = 16  # descriptions in one request for vectors
PAUSE: Final = 2.0  # s between two looks
REST: Final = 60.0  # s without asking after it could not be reached
TRIES: Final = 3  # after that many failures the matter is left, so that one bad text does not hold up the others
YOUNG: Final = timedelta(hours=1)  # an older matter has been sorted, or a suggestion comes too late


class Unreachable(Exception):
    """No answer to judge: it could not be reached, was too slow, too large or no 200. The argument is a code."""


class Signal(Protocol):
    """What ends a loop: threading.Event."""

    def is_set(self) -> bool: ...
    def wait(self, timeout: float | None = None) -> bool: ...


@dataclass(frozen=True, slots=True)
class Outside:
    """The model to ask, as the environment gives it."""

    address: str
    kind: str
    model: str
    key: str = ""

    @classmethod
    def configured(cls) -> "Outside | None":
        """The one of this machine's environment; None when none is set."""
        held = settings.current()
        if not held.advice_url:
            return None
        return cls(held.advice_url, held.advice_kind, held.advice_model, held.advice_key)

    @property
    def shown(self) -> str:
        """Scheme, host and port: what pages say of it."""
        parts = urlsplit(self.address)
        return f"{parts.scheme}://{parts.netloc}"[:200]


def post(asked: Outside, path: str, body: Mapping[str, Any], limit: int = LIMIT) -> bytes:
    """Send *body* and return what came back with status 200 within TIMEOUT. Raises Unreachable."""
    made = _connection(asked)
    late = threading.Event()
    held: list[socket.socket] = []  # the connection lets go of its socket before the answer is read

    def end() -> None:
        late.set()
        for one in held:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    alarm = threading.Timer(TIMEOUT, end)  # a sender that drips byte by byte would never meet the socket's own timeout
    alarm.daemon = True
    alarm.start()
    try:
        made.connect()
        held.append(made.sock)
        to = urlsplit(asked.address).path + path
        made.request("POST", to, json.dumps(body, ensure_ascii=False).encode(), _headers(asked))
        response = made.getresponse()
        if 300 <= response.status < 400:
            raise Unreachable("redirect")
        if response.status != 200:
            raise Unreachable(f"status_{response.status}")
        found = response.read(limit + 1)
    except (OSError, http.client.HTTPException, ValueError) as error:
        slow = late.is_set() or isinstance(error, TimeoutError)
        raise Unreachable("too_slow" if slow else "no_connection") from error
    finally:
        alarm.cancel()
        made.close()
    if late.is_set():
        raise Unreachable("too_slow")
    if len(found) > limit:
        raise Unreachable("too_large")
    return found


def _connection(asked: Outside) -> http.client.HTTPConnection:
    parts = urlsplit(asked.address)
    if parts.scheme == "https":
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(parts.hostname or "", parts.port, timeout=TIMEOUT, context=context)
    return http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=TIMEOUT)


def _headers(asked: Outside) -> dict[str, str]:
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    return headers | ({"Authorization": f"Bearer {asked.key}"} if asked.key else {})


class Asker:
    """Asks one model; keeps the vectors of the catalogue's descriptions between questions."""

    def __init__(self, asked: Outside) -> None:
        self.asked = asked
        self.table: dict[str, list[float]] = {}
        self.of: str = ""
        self.failures: dict[UUID, int] = {}

    def ask(self, text: str, catalogue: Catalogue) -> Answer:
        """What the model says of *text*, which is masked. Raises Unreachable and BadAnswer."""
        if self.asked.kind == "embedding":
            self._learn(catalogue)
            return outside.nearest(self._vectors([text])[0], self.table)
        body = outside.chat_request(self.asked.model, text, catalogue)
        return outside.chat_answer(post(self.asked, "/chat/completions", body), catalogue.by_code)

    def _learn(self, catalogue: Catalogue) -> None:
        if self.of == catalogue.version:
            return
        told = outside.descriptions(catalogue)
        codes, found = list(told), dict[str, list[float]]()
        for start in range(0, len(codes), AT_ONCE):
            some = codes[start : start + AT_ONCE]
            found.update(zip(some, self._vectors([told[code] for code in some]), strict=True))
        self.table, self.of = found, catalogue.version

    def _vectors(self, texts: list[str]) -> list[list[float]]:
        body = outside.embedding_request(self.asked.model, texts)
        return outside.embedding_answer(post(self.asked, "/embeddings", body, VECTORS), len(texts))


def waiting(at: datetime) -> list[Matter]:
    """Young matters that wait to be sorted and were not asked about yet. One query."""
    since = UUID(int=max(0, int((at - YOUNG).timestamp() * 1000)) << 80)  # keys begin with their milliseconds
    found = Matter.objects.filter(pk__gte=since, sure=False, closed_at__isnull=True, advice__isnull=True)
    return list(found.filter(statement__erased_at__isnull=True).select_related("statement").order_by("pk")[:BATCH])


def advise_once(asker: Asker, at: datetime) -> int:
    """Ask about what waits, and keep each answer beside its matter; how many were asked about.

    Raises Unreachable when nothing can be asked now: nothing is kept then, and it is asked again while still young.
    """
    count = 0
    for matter in waiting(at):
        before = clock.monotonic()
        kept: dict[str, Any] = {"category": "", "error": ""}
        try:
            said = asker.ask(corrections.training_text(matter.statement), reference.current().catalogue)
            kept |= {"category": said.category, "confidence": said.confidence}
        except BadAnswer as bad:
            kept["error"] = str(bad)[:30]
            log.warning("%s gave no answer of the asked form: %s", asker.asked.shown, bad)
        except Unreachable as gone:
            tried = asker.failures[matter.pk] = asker.failures.get(matter.pk, 0) + 1
            if tried < TRIES:
                raise
            kept["error"] = str(gone)[:30]
        took = int((clock.monotonic() - before) * 1000)
        _keep(matter, asker.asked, kept, took, at)
        asker.failures.pop(matter.pk, None)
        count += 1
    return count


def _keep(matter: Matter, asked: Outside, kept: Mapping[str, Any], took: int, at: datetime) -> None:
    """Once per matter; pages that show it are told to look again."""
    own = {"at": at, "address": asked.shown, "model": asked.model[:100], "took_ms": took, **kept}
    _row, new = Advice.objects.get_or_create(matter=matter, defaults=own)
    if new and kept["category"]:
        told = (
            matter.pk,
            matter.area,
            matter.stage,
            matter.seq,
            matter.holder_post_id or "",
            matter.holder_unit_id or "",
        )
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify('linli_matters', %s)", ["|".join(map(str, told))])


def loop(stop: Signal) -> None:
    """Ask until *stop* is set; without a configured model only wait."""
    asked = Outside.configured()
    if asked is None:
        stop.wait()
        return
    asker = Asker(asked)
    while not stop.is_set():
        wait = PAUSE
        try:
            if advise_once(asker, clock.now()) >= BATCH:
                wait = 0.0
        except Unreachable as gone:
            log.warning("%s can't be asked now: %s", asked.shown, gone)
            wait = REST
        except Exception:
            log.exception("asking outside failed; it is tried again")
            connection.close()
            wait = REST
        close_old_connections()
        stop.wait(wait)
