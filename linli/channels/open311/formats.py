"""XML and JSON by the Spark convention, and errors in the format of GeoReport v2.

A list becomes an element per entry, named by the plural's table; a mapping becomes elements; None is an empty element.
"""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any, Final
from xml.etree.ElementTree import Element, SubElement, tostring

import orjson
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from linli.channels.problems import UNREADABLE, language_of, unreadable
from linli.core.refusals import Refusal, Refused

XML: Final = "xml"
JSON: Final = "json"
TYPES: Final = {XML: "text/xml; charset=utf-8", JSON: "application/json; charset=utf-8"}
HEADERS: Final = {
    "Cache-Control": "no-store",
    # what is told here is public and no cookie counts, so that pages of others may read it too
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
HEAD: Final = b'<?xml version="1.0" encoding="utf-8"?>\n'
SINGULAR: Final = {
    "services": "service",
    "service_requests": "request",
    "service_request_updates": "request_update",
    "attributes": "attribute",
    "values": "value",
    "errors": "error",
    "endpoints": "endpoint",
    "formats": "format",
}
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def said(format_: str, root: str, body: Any, status: int = 200) -> HttpResponse:
    """*body* in XML under *root*, or in JSON, where a list stands bare."""
    if format_ == JSON:
        data = orjson.dumps(body, default=str)
    else:
        data = HEAD + tostring(_element(root, body), encoding="utf-8")
    return HttpResponse(data, status=status, content_type=TYPES[format_], headers=HEADERS)


def _element(name: str, value: Any) -> Element:
    top = Element(name)
    _fill(top, name, value)
    return top


def _fill(node: Element, name: str, value: Any) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            _fill(SubElement(node, key), key, inner)
    elif isinstance(value, list):
        for inner in value:
            _fill(SubElement(node, SINGULAR[name]), SINGULAR[name], inner)
    elif isinstance(value, bool):
        node.text = "true" if value else "false"
    elif value is not None:
        node.text = _NOT_XML.sub("", str(value))


def status_of(refusal: Refusal) -> int:
    """GeoReport v2 knows 400, 403 for keys and 404 for what is not there; 429 and 5xx stay what they are."""
    if refusal.code in ("api_key_wrong", "token_unknown", "scope_missing", "not_signed_in"):
        return 403
    if refusal.status in (404, 429) or refusal.status >= 500:
        return refusal.status
    return 404 if refusal.code == "category_unknown" else 400


def errors(format_: str, refusals: list[Refusal], language: str) -> HttpResponse:
    """Refusals as GeoReport errors; several may be said at once."""
    status = status_of(refusals[0])
    body = [{"code": status_of(r), "description": r.words.said(language)} for r in refusals]
    response = said(format_, "errors", body, status)
    if status == 429:
        response["Retry-After"] = str(refusals[0].params.get("seconds", 2))
    return response


class Several(Exception):
    """More than one thing is wrong."""

    def __init__(self, refusals: list[Refusal]) -> None:
        super().__init__(len(refusals))
        self.refusals = refusals


View = Callable[..., HttpResponseBase]


def method(*methods: str) -> Callable[[View], View]:
    """A view of the interface: its methods, its format, its errors. The format is the last path parameter."""

    def decorate(view: View) -> View:
        @wraps(view)
        def inner(request: HttpRequest, *, format_: str = XML, **kwargs: Any) -> HttpResponseBase:
            language = language_of(request.headers.get("Accept-Language", ""))
            try:
                if request.method not in (*methods, "HEAD"):
                    allowed = ", ".join(methods)
                    raise Refused("method_wrong", method=request.method or "", allowed=allowed)
                return view(request, format_, language, **kwargs)
            except Several as several:
                return errors(format_, several.refusals, language)
            except Refused as refused:
                return errors(format_, [refused.refusal], language)
            except UNREADABLE as error:
                return errors(format_, [unreadable(error)], language)

        inner.csrf_exempt = True  # type: ignore[attr-defined]
        return inner

    return decorate
