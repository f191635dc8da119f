"""API tokens: who a caller is. Only digests are kept; the secret is shown once, when it is made.

A secret is ``linli_`` and 43 characters from 256 random bits, so a plain SHA-256 is enough: there is nothing to guess.
"""

import hashlib
import hmac
import secrets
from datetime import datetime
from threading import Lock
from uuid import UUID

from linli.kernel import stamps
from linli.parties.access import Viewer
from linli.parties.models import Token
from linli.parties.roles import STAMP

PREFIX = "linli_"
_LONGEST = 200  # characters of a secret that are looked at; longer ones are no token of ours
_COLUMNS = ("digest", "id", "name", "scopes", "unit_id", "area")
_Row = tuple[str, UUID, str, list[str], UUID | None, str]


def new_secret() -> str:
    """A new secret."""
    return PREFIX + secrets.token_urlsafe(32)


def digest_of(secret: str) -> str:
    """What is kept of *secret*: its SHA-256 in hex."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _looks_right(secret: str) -> bool:
    return secret.startswith(PREFIX) and len(secret) <= _LONGEST


def _viewer(row: _Row) -> Viewer:
    _, ident, name, scopes, unit, area = row
    return Viewer("token", str(ident), name, scopes=frozenset(scopes), area=area, unit=unit)


def viewer_for_token(secret: str, at: datetime) -> Viewer | None:
    """The rights of the token *secret* at *at*, or None when it is unknown or ended. One SQL query, never cached.

    The look-up goes by digest, so its time tells nothing about the secret; the digests are compared once more in
    constant time.
    """
    if not _looks_right(secret):
        return None
    digest = digest_of(secret)
    row = Token.objects.filter(digest=digest).values_list(*_COLUMNS, "ended_at").first()
    if row is None or not hmac.compare_digest(row[0], digest) or (row[-1] is not None and row[-1] <= at):
        return None
    return _viewer(row[:-1])


class TokenBook:
    """All live tokens in memory, for the intake door. Safe to use from several threads.

    The door calls ``refresh(at)`` when the stamp moved: at a NOTIFY or with each group commit, so that an ended token
    is refused from the next group on.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._stamp = -1
        self._viewers: dict[str, Viewer] = {}

    def __len__(self) -> int:
        return len(self._viewers)

    def refresh(self, at: datetime, stamp: int | None = None) -> bool:
        """Read the live tokens again if the stamp (asked for unless given) moved. One or two SQL queries."""
        seen = stamps.read().get(STAMP, 0) if stamp is None else stamp
        with self._lock:
            if seen == self._stamp:
                return False
            rows = Token.objects.filter(ended_at__isnull=True).values_list(*_COLUMNS)
            self._viewers = {row[0]: _viewer(row) for row in rows}
            self._stamp = seen
        return True

    def viewer(self, secret: str) -> Viewer | None:
        """The viewer of *secret* as of the last refresh. No SQL."""
        return self._viewers.get(digest_of(secret)) if _looks_right(secret) else None
