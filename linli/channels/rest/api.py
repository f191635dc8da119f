"""The NinjaAPI object: its parser, its answers to what goes wrong, and its document."""

import logging
from collections.abc import Callable
from typing import Any, Final

import orjson
from django.db import DataError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.parser import Parser

from linli.channels.problems import MEDIA_TYPE, UNREADABLE, language_of, problem, unreadable
from linli.channels.rest.shapes import Problem
from linli.core.refusals import Refusal, Refused
from linli.parties.gate import half_signed_in

log = logging.getLogger("linli.api")
ERRORS: Final = frozenset({400, 401, 403, 404, 405, 409, 413, 415, 422, 429})
NO_STORE: Final = {"Cache-Control": "no-store"}

DESCRIPTION: Final = """邻里的接口。The interface of Linli.

Errors are problem details (RFC 9457) whose `code` is stable and whose `detail` says what to do next, in the language of
`Accept-Language`. Tokens are sent as `Authorization: Bearer linli_…`; each has scopes and, for matters, an area. People
signed in to the pages may call it from their session and send `X-CSRFToken` with every change. Residents use their
private code. `Idempotency-Key` makes every POST safe to repeat: the same key with the same body acts once, with another
body it is refused. Instants are ISO 8601 with their zone. More: docs/api.md.
"""


class OrjsonParser(Parser):
    """Strict JSON, UTF-8 only."""

    def parse_body(self, request: HttpRequest) -> Any:
        return orjson.loads(request.body)


def language(request: HttpRequest) -> str:
    """``zh-hans`` or ``en``, as the caller asked."""
    return language_of(request.headers.get("Accept-Language", ""))


def answer(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> HttpResponse:
    """A JSON answer written by orjson."""
    data = orjson.dumps(body, default=str)
    return HttpResponse(data, status=status, content_type="application/json", headers=NO_STORE | (headers or {}))


def refused(request: HttpRequest, refusal: Refusal, errors: list[dict[str, str]] | None = None) -> HttpResponse:
    """A refusal as problem details."""
    body = problem(refusal, language(request))
    if errors:
        body["errors"] = errors
    response = HttpResponse(
        orjson.dumps(body, default=str), status=refusal.status, content_type=MEDIA_TYPE, headers=NO_STORE
    )
    if refusal.status == 429:
        response["Retry-After"] = str(refusal.params.get("seconds", 2))
    if refusal.status == 401:
        response["WWW-Authenticate"] = "Bearer"
    return response


class Api(NinjaAPI):
    """Describes refusals in the document as what they are."""

    def get_openapi_schema(self, *args: Any, **kwargs: Any) -> Any:
        from linli.channels.rest import document

        return document.complete(super().get_openapi_schema(*args, **kwargs))


api = Api(
    title="Linli 邻里",
    version="1",
    description=DESCRIPTION,
    urls_namespace="linli-api",
    docs_url=None,
    openapi_url=None,
    parser=OrjsonParser(),
)
PROBLEMS: Final[dict[frozenset[int], type[Problem]]] = {ERRORS: Problem}


@api.exception_handler(Refused)
def _refused(request: HttpRequest, error: Refused) -> HttpResponse:
    return refused(request, error.refusal)


@api.exception_handler(Http404)
def _missing(request: HttpRequest, error: Http404) -> HttpResponse:
    return refused(request, Refusal("not_yours"))


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """All that is wrong; the problem itself names the first."""
    errors = []
    for one in error.errors:
        place = [str(part) for part in one["loc"] if part not in ("body", "query", "path", "given", "file", "form")]
        errors.append({"field": ".".join(place) or "body", "why": str(one["msg"]), "type": str(one["type"])})
    first = errors[0]
    if first["type"] == "missing":
        return refused(request, Refusal("field_missing", {"field": first["field"]}, first["field"]), errors)
    params = {"field": first["field"], "why": first["why"]}
    return refused(request, Refusal("field_wrong", params, first["field"]), errors)


@api.exception_handler(HttpError)
def _http(request: HttpRequest, error: HttpError) -> HttpResponse:
    """What django-ninja itself refuses: a body that is no JSON, or cannot be read at all."""
    if isinstance(error.__cause__ or error.__context__, UNREADABLE):
        return refused(request, unreadable(error.__cause__ or error.__context__ or error))  # type: ignore[arg-type]
    return refused(request, Refusal("bad_json", {"why": str(error)}))


def _unreadable(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    """A body that is too large, cut off, or no form."""
    return refused(request, unreadable(error if isinstance(error, Exception) else error()))


for kind in UNREADABLE:
    api.add_exception_handler(kind, _unreadable)


@api.exception_handler(DataError)
def _data(request: HttpRequest, error: DataError) -> HttpResponse:
    """A value that no column takes."""
    return refused(request, Refusal("field_wrong", {"field": "–", "why": str(error).split("\n")[0]}))


@api.exception_handler(OperationalError)
def _away(request: HttpRequest, error: OperationalError) -> HttpResponse:
    log.error("the database is away: %s", error)
    return refused(request, Refusal("busy", {"seconds": 2}))


@api.exception_handler(Exception)
def _failed(request: HttpRequest, error: Exception) -> HttpResponse:
    log.error("%s %s failed", request.method, request.path, exc_info=error)
    return refused(request, Refusal("failed"))


def _wrong_method(request: HttpRequest, given: str, allow: str) -> HttpResponse:
    names = set(allow.replace(" ", "").split(","))
    allowed = ", ".join(sorted(names | {"HEAD"} if "GET" in names else names))
    problem = refused(request, Refusal("method_wrong", {"method": given, "allowed": allowed}))
    problem["Allow"] = allowed
    return problem


def guarded(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """*view* with HEAD wherever there is GET, refusing half-signed-in sessions and wrong methods as problems."""

    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if "Authorization" not in request.headers and half_signed_in(request):
            return refused(request, Refusal("not_signed_in"))
        head = request.method == "HEAD"
        if head:
            request.method = "GET"
        response = view(request, *args, **kwargs)
        if response.status_code == 405:
            response = _wrong_method(request, "HEAD" if head else request.method or "", response.get("Allow", ""))
        if head and isinstance(response, HttpResponse):
            length = len(response.content)
            response.content = b""
            response["Content-Length"] = str(length)
        return response

    inner.csrf_exempt = True  # type: ignore[attr-defined]
    inner.refuses_half_signed_in = True  # type: ignore[attr-defined]
    inner.__name__ = getattr(view, "__name__", "api")
    return inner


def no_such_address(request: HttpRequest, rest: str = "") -> HttpResponse:
    """What is asked below /api/ but is not there."""
    return refused(request, Refusal("no_such_address"))


no_such_address.csrf_exempt = True  # type: ignore[attr-defined]
