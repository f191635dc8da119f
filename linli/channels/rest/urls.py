"""Addresses of the REST interface. Rooms above add theirs with ``mount`` before the addresses are read."""

from functools import cache

import orjson
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, re_path
from ninja import Router

from linli.channels.rest import cases, matters, reference
from linli.channels.rest.api import api, guarded, no_such_address

api.add_router("", matters.router)
api.add_router("", cases.router)
api.add_router("", reference.router)


def mount(router: Router) -> None:
    """Add a room's router, such as ``indicators/{id}``; its paths are relative to ``/api/v1/``."""
    api.add_router("", router)


@cache
def _document() -> bytes:
    return orjson.dumps(api.get_openapi_schema(path_prefix="/api/v1/"), option=orjson.OPT_NON_STR_KEYS)


def openapi(request: HttpRequest) -> HttpResponse:
    """The OpenAPI 3.1 document."""
    return HttpResponse(_document(), content_type="application/json")


def patterns() -> list[URLPattern]:
    """All addresses below ``/api/``; what is not there answers as a problem."""
    found = [path("api/v1/openapi.json", guarded(openapi), name="openapi")]
    for pattern in api.urls[0]:
        if isinstance(pattern, URLPattern) and pattern.name != "api-root":
            route = f"api/v1/{pattern.pattern}"
            found.append(path(route, guarded(pattern.callback), name=f"api-{pattern.name}"))
    return [*found, re_path(r"^api/[\s\S]*$", guarded(no_such_address), name="api-none")]
