"""Session limits, the largest bodies, and the headers Django has no setting for."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth import logout as sign_out
from django.http import HttpRequest, HttpResponse

from linli.channels import limits
from linli.channels.rest import api
from linli.core.refusals import Refusal, Refused
from linli.kernel import clock
from linli.matters import media
from linli.web import acting, errors
from linli.web.admin import importing
from linli.web.resident import photos

Handler = Callable[[HttpRequest], HttpResponse]
_BEGAN = "linli_began"
_SEEN = "linli_seen"
SMALL = 2**20  # bytes of a form that is always read
_ROOM = 2**20  # for the words beside the files
RESIDENT_BODY = photos.MOST * media.LIMIT + _ROOM
STAFF_BODY = max(acting.MOST * media.LIMIT, importing.LARGEST) + _ROOM
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


class Bodies:
    """Refuses forms with files before anything of them is read: too large for their address, or too many of them.

    Django reads a whole form, files and all, to find the token against forgery; without this, whoever has none could
    make the server take in gigabytes. Small forms pass, so that a refused one keeps its words.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if request.method != "POST" or not length.isdigit() or int(length) <= SMALL:
            return self.get_response(request)
        if request.content_type != "multipart/form-data":
            return self.get_response(request)  # read into memory up to DATA_UPLOAD_MAX_MEMORY_SIZE only
        known = settings.SESSION_COOKIE_NAME in request.COOKIES or "Authorization" in request.headers
        most = STAFF_BODY if known else RESIDENT_BODY
        try:
            if int(length) > most:
                raise Refused("body_too_large", limit=f"{most // 2**20} MB")
            if not known:
                limits.guard("body", request, most=settings.LINLI.page_per_minute, seconds=60)
                limits.strike("body", request, seconds=60)
        except Refused as refused:
            return _refused(request, refused.refusal)
        return self.get_response(request)


def _refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    if request.path.startswith("/api/"):
        return api.refused(request, refusal)
    return errors.refused(request, refusal)


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
