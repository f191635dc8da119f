"""Session limits and the headers Django has no setting for."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth import logout as sign_out
from django.http import HttpRequest, HttpResponse

from linli.kernel import clock

Handler = Callable[[HttpRequest], HttpResponse]
_BEGAN = "linli_began"
_SEEN = "linli_seen"
_WRITE_EVERY = 60  # seconds between two notes of being seen: not a write for every request


class SessionLimits:
    """Ends a staff session after idle minutes without a request, and some hours after its start at the latest."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        self.idle = settings.LINLI.idle_minutes * 60
        self.longest = settings.LINLI.session_hours * 3600

    def __call__(self, request: HttpRequest) -> HttpResponse:
        session = request.session
        if settings.SESSION_COOKIE_NAME in request.COOKIES and SESSION_KEY in session:
            at = clock.now().timestamp()
            began, seen = session.get(_BEGAN, at), session.get(_SEEN, at)
            if at - began > self.longest or at - seen > self.idle:
                sign_out(request)
            elif _SEEN not in session or at - seen > _WRITE_EVERY:
                session[_BEGAN], session[_SEEN] = began, at
        return self.get_response(request)


class Headers:
    """Browser features nobody needs are off; the place and the camera only for our own pages."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault(
            "Permissions-Policy", "geolocation=(self), camera=(self), microphone=(self), payment=(), usb=()"
        )
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response
