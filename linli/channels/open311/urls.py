"""Addresses of GeoReport v2. The format is the ending; without one it is XML."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, re_path

from linli.channels.open311 import views

END = r"(?:\.(?P<format_>xml|json))?$"


def _at(route: str, view: Callable[..., HttpResponseBase], name: str) -> URLPattern:
    def inner(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        return view(request, **{key: value for key, value in kwargs.items() if value is not None})

    inner.csrf_exempt = True  # type: ignore[attr-defined]
    return re_path(rf"^open311/{route}{END}", inner, name=f"open311-{name}")


def patterns() -> list[URLPattern]:
    """All addresses below ``/open311/``; what is not there answers as a GeoReport error."""
    return [
        _at(r"(?:v2/)?discovery", views.discovery, "discovery"),
        _at(r"v2/services", views.services, "services"),
        _at(r"v2/services/(?P<code>[^/]+?)", views.service, "service"),
        _at(r"v2/requests", views.requests, "requests"),
        _at(r"v2/requests/(?P<ident>[^/]+?)/updates", views.updates, "updates"),
        _at(r"v2/requests/(?P<ids>[^/]+?)", views.one, "request"),
        _at(r"v2/tokens/(?P<ident>[^/]+?)", views.token, "token"),
        re_path(r"^open311/[\s\S]*$", views.nothing, name="open311-none"),
    ]
