"""The gate of the pages: who looks, whether their second factor was passed, and what a view asks for.

Rights are read from posts once per request and never kept in the session, so a post that ends is gone at the next one.
"""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from linli.kernel import clock
from linli.parties.access import NOBODY, Viewer, viewer_for
from linli.parties.models import Person

_Rest = ParamSpec("_Rest")
_View = Callable[Concatenate[HttpRequest, _Rest], HttpResponseBase]
SETUP = "mfa_index"  # the page where a second factor is set up


def has_session(request: HttpRequest) -> bool:
    """Whether somebody signed in in this session; without the cookie no query is made."""
    return settings.SESSION_COOKIE_NAME in request.COOKIES and SESSION_KEY in request.session


def second_factor_passed(request: HttpRequest) -> bool:
    """Whether the signed-in person passed (or set up) a second factor in this session."""
    if not has_session(request) or not request.user.is_authenticated:
        return False
    return any(entry.get("method") == "mfa" for entry in get_authentication_records(request, request.user))


def half_signed_in(request: HttpRequest) -> bool:
    """Whether somebody has given the password in this session, but not yet the second factor."""
    return has_session(request) and request.user.is_authenticated and not second_factor_passed(request)


def viewer_of(request: HttpRequest) -> Viewer:
    """The viewer of *request*: a person who passed both factors, with the posts held now; else nobody.

    One query for the posts, once per request.
    """
    known = getattr(request, "linli_viewer", None)
    if known is None:
        passed = second_factor_passed(request)
        known = viewer_for(cast(Person, request.user), clock.now()) if passed else NOBODY
        request.linli_viewer = known  # type: ignore[attr-defined]
    return cast(Viewer, known)


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """Send the caller to sign in, and back here afterwards; htmx is told to move the whole page."""
    back = request.get_full_path() if request.method in ("GET", "HEAD") else ""
    address = reverse("account_login") + (f"?{urlencode({'next': back})}" if back else "")
    if request.headers.get("HX-Request"):
        return HttpResponse(status=401, headers={"HX-Redirect": reverse("account_login")})
    return HttpResponseRedirect(address)


def staff(*, roles: Iterable[str] = ()) -> Callable[[_View[_Rest]], _View[_Rest]]:
    """Only for people who hold one of *roles* (any post, when none is named) and passed both factors.

    Not signed in: to the sign-in page and back. Second factor missing: to its set-up. No such post: the 403 page.
    """
    wanted = frozenset(roles)

    def decorate(view: _View[_Rest]) -> _View[_Rest]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: _Rest.args, **kwargs: _Rest.kwargs) -> HttpResponseBase:
            viewer = viewer_of(request)
            if viewer.kind != "person":
                signed_in = has_session(request) and request.user.is_authenticated
                return HttpResponseRedirect(reverse(SETUP)) if signed_in else to_sign_in(request)
            if not (viewer.has(*wanted) if wanted else viewer.posts):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        cast(Any, guarded).staff_roles = wanted
        return cast(_View[_Rest], guarded)

    return decorate
