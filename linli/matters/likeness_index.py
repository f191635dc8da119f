"""The likeness index of this process: filled from the database in the background, and kept at what it holds.

Filling never blocks: whoever asks before it is ready is told so. It follows the history (every change of a matter is an
event), so that new, closed, sorted-anew and erased matters take effect within a second; and what is shown is checked
against the database once more (likeness.standing_of), so that nothing erased or withdrawn is ever shown.
"""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import close_old_connections, connection

from linli.core.ids import uuid7
from linli.kernel import blind, clock
from linli.understanding import personal
from linli.understanding.likeness import Found, Index, Item

log = logging.getLogger("linli.likeness")
WINDOW: Final = timedelta(days=60)  # open matters, and those received within this
LAG: Final = timedelta(seconds=15)  # longer than a transaction that writes events usually takes
MOST: Final = 250_000  # matters held; the newest
CHUNK: Final = 500  # matters added between two pauses
PAUSE: Final = 0.02  # s of rest after a chunk: others have work to do
EVERY: Final = 1.0  # s between two looks at what changed
IDLE: Final = 60.0  # s after the last question in which the index is kept at what the database holds

_ROWS = """
SELECT m.id, coalesce(nullif(s.part, ''), s.text), m.area, m.opened_at, m.category, s.lon, s.lat, s.contact_phone,
       s.contact_email, m.bundle,
       s.erased_at IS NULL AND m.procedure = 'request' AND m.kind NOT IN ('praise', 'advertisement')
       AND m.stage NOT IN ('withdrawn', 'set_aside') AND (m.closed_at IS NULL OR m.opened_at > %(since)s) AS held
  FROM matters_matter m JOIN matters_statement s ON s.matter_id = m.id
"""
RECENT_SQL = _ROWS + " WHERE m.id > %(after)s AND m.id < %(until)s ORDER BY m.id LIMIT %(limit)s"
OLD_OPEN_SQL = (
    _ROWS + " WHERE m.closed_at IS NULL AND m.id > %(after)s AND m.id < %(until)s ORDER BY m.id LIMIT %(limit)s"
)
THESE_SQL = _ROWS + " WHERE m.id = ANY(%(ids)s)"
CHANGED_SQL = "SELECT DISTINCT matter_id FROM matters_event WHERE recorded_at > %s"
_FIRST, _LAST = UUID(int=0), UUID(int=(1 << 128) - 1)


def senders(phone: str, email: str, text: str) -> tuple[int, ...]:
    """Keyed digests of the contacts given, and of telephone numbers in the text."""
    found = [("phone", blind.phone(phone)), ("email", email.strip().lower())]
    if any(c.isdigit() for c in text):
        spans = [s for s in personal.find(text) if s.kind in ("mobile", "landline", "email")]
        for span in spans:
            said = text[span.start : span.end]
            found.append(("email", said.lower()) if span.kind == "email" else ("phone", blind.phone(said)))
    return tuple(sorted({blind.digest(kind, value) for kind, value in found if value}))


def item_of(row: Sequence[Any]) -> Item:
    """A row of the database as the index takes it."""
    ident, text, area, at, category, lon, lat, phone, email, bundle, _held = row
    return Item(ident, text, area, at.timestamp(), category, lon, lat, senders(phone, email, text), bundle)


def rows_of(ids: Sequence[UUID], at: datetime) -> list[tuple[Any, ...]]:
    """The rows of some matters. One query."""
    if not ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(THESE_SQL, {"ids": list(ids), "since": at - WINDOW})
        return list(cursor.fetchall())


class Follower:
    """An index that follows the database. ``fill`` once, then ``follow`` now and then, from one thread."""

    def __init__(self) -> None:
        self.index = Index()
        self.ready = False
        self.since: datetime | None = None

    def fill(self, at: datetime, rest: Callable[[float], object] = lambda seconds: None) -> None:
        """Read everything the index should hold, with a rest after each chunk."""
        self.since = at
        for chunk in self._all(at):
            for row in chunk:
                if row[-1]:
                    self.index.add(item_of(row))
            rest(PAUSE)
        self.ready = True

    def follow(self, at: datetime) -> list[UUID]:
        """Take in what changed; the matters that are new to the index. Two queries, one when nothing changed."""
        with connection.cursor() as cursor:
            cursor.execute(CHANGED_SQL, [(self.since or at) - LAG])
            changed = {row[0] for row in cursor.fetchall()}
        fresh = []
        for row in sorted(rows_of(sorted(changed), at)):
            ident, held = row[0], row[-1]
            if not held:
                self.index.remove(ident)
            elif ident not in self.index:
                self.index.add(item_of(row))
                fresh.append(ident)
            elif not self.index.stands(ident, row[2], row[4]):
                self.index.add(item_of(row))
        self.since = at
        if self.index.dead > max(5000, len(self.index) // 2):
            self.index = self.index.compacted()
        return fresh

    def _all(self, at: datetime) -> Iterator[list[tuple[Any, ...]]]:
        """Recent matters, then older open ones, in chunks by key."""
        begin = uuid7(int((at - WINDOW).timestamp() * 1000))
        held = 0
        for sql, first, until in ((RECENT_SQL, begin, _LAST), (OLD_OPEN_SQL, _FIRST, begin)):
            after = first
            while held < MOST:
                given: dict[str, Any] = {"after": after, "until": until, "limit": CHUNK, "since": at - WINDOW}
                with connection.cursor() as cursor:
                    cursor.execute(sql, given)
                    chunk = cursor.fetchall()
                if not chunk:
                    break
                held += len(chunk)
                after = chunk[-1][0]
                yield chunk


class Shared:
    """The index of a web process: begun by the first question, in a thread of its own."""

    def __init__(self) -> None:
        self._follower = Follower()
        self._wake = threading.Event()
        self._asked = 0.0
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    @property
    def ready(self) -> bool:
        return self._follower.ready

    def find(self, item: Item, *, most: int, floor: float) -> list[Found] | None:
        """What is like *item*; None while the index is being filled. Never waits for the database."""
        self.wanted()
        return self._follower.index.find(item, most=most, floor=floor) if self._follower.ready else None

    def wanted(self) -> None:
        """Begin filling, or keep following."""
        self._asked = clock.monotonic()
        self._wake.set()
        if self._thread is None:
            with self._lock:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._run, name="likeness", daemon=True)
                    self._thread.start()

    def _run(self) -> None:
        pause = threading.Event()
        while True:
            try:
                if not self._follower.ready:
                    follower = Follower()
                    follower.fill(clock.now(), pause.wait)
                    self._follower = follower
                self._follower.follow(clock.now())
            except Exception:
                log.exception("the likeness index could not be read; it is tried again")
                connection.close()
                pause.wait(5)
            close_old_connections()
            if clock.monotonic() - self._asked > IDLE:
                connection.close()
                self._wake.clear()
                self._wake.wait()
            pause.wait(EVERY)


shared = Shared()
