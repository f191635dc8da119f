"""Who calls the API: a token (Bearer), or a member of staff in their session (changes need the CSRF token)."""

from collections.abc import Iterable
from typing import Any, cast

from django.http import HttpRequest
from ninja.security.base import AuthBase
from ninja.utils import check_csrf

from linli.core.refusals import Refused
from linli.kernel import clock
from linli.parties.access import Viewer
from linli.parties.gate import viewer_of
from linli.parties.tokens import viewer_for_token

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def bearer(request: HttpRequest) -> Viewer | None:
    """The viewer of the request's token; None without an Authorization header. One query, never cached.

    Raises Refused("token_unknown").
    """
    given = request.headers.get("Authorization", "")
    if not given:
        return None
    kind, _, secret = given.partition(" ")
    viewer = viewer_for_token(secret.strip(), clock.now()) if kind.lower() == "bearer" else None
    if viewer is None:
        raise Refused("token_unknown")
    return viewer


def caller(request: HttpRequest, scope: str) -> Viewer:
    """Who calls, if a token has *scope*. Raises Refused(token_unknown, scope_missing, not_signed_in)."""
    viewer = bearer(request)
    if viewer is not None:
        if scope not in viewer.scopes:
            raise Refused("scope_missing", scope=scope)
        return viewer
    person = viewer_of(request)
    if person.kind != "person" or not person.posts:
        raise Refused("not_signed_in")
    if request.method not in SAFE and check_csrf(request) is not None:
        raise Refused("csrf")
    return person


class Needs(AuthBase):
    """The check of one operation, for django-ninja; the viewer is then ``request.auth``."""

    openapi_type = "http"
    openapi_scheme = "bearer"
    openapi_name = "token"

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.scope = scope

    def __call__(self, request: HttpRequest) -> Any:
        return caller(request, self.scope)


def known_only(request: HttpRequest, names: Iterable[str] = ()) -> None:
    """Refuse query parameters that the operation does not know, and values that no database stores."""
    known = tuple(names)
    for name, values in request.GET.lists():
        if name not in known:
            raise Refused("field_unknown", about=name[:60], field=name[:60], fields=", ".join(known) or "–")
        if any("\x00" in value for value in values):
            raise Refused("field_wrong", about=name, field=name, why="NUL")


def key_of(request: HttpRequest) -> str:
    """The Idempotency-Key, "" without one. Raises Refused("key_wrong")."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return ""
    if not (1 <= len(key) <= 120 and key.isascii() and key.isprintable()):
        raise Refused("key_wrong")
    return key


def viewer_in(request: HttpRequest) -> Viewer:
    """The viewer that ``Needs`` found."""
    return cast(Viewer, request.auth)  # type: ignore[attr-defined]
