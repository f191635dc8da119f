"""The methods of GeoReport v2."""

from datetime import UTC, datetime
from functools import cache
from importlib import resources
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from linli.channels import limits
from linli.channels.open311 import asking, creating, shapes
from linli.channels.open311.asking import param
from linli.channels.open311.formats import JSON, XML, errors, method, said
from linli.channels.problems import language_of
from linli.channels.rest.callers import key_of
from linli.core.procedure import Procedure
from linli.core.refusals import Refusal, Refused
from linli.kernel import clock, declarations
from linli.matters import queries, reference
from linli.matters.models import Event

LARGEST: Final = 256 * 1024
SPECIFICATION: Final = "http://wiki.open311.org/GeoReport_v2"
FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data", "")
GUESSES: Final = 20
WINDOW: Final = 600  # seconds


@method("GET")
def discovery(request: HttpRequest, format_: str, language: str) -> HttpResponseBase:
    """Where the interface is and what it speaks; the changeset moves with the catalogue."""
    changeset = shapes.w3(_changed())
    endpoint = {
        "specification": SPECIFICATION,
        "url": request.build_absolute_uri("/open311/v2"),
        "changeset": changeset,
        "type": "production",
        "formats": ["text/xml", "application/json"],
    }
    contact = "Governance centre · 12345" if language == "en" else "市综治中心 · 12345"
    key = (
        "Ask the city's security administrator for a token with the scope matters:create; it is the api_key."
        if language == "en"
        else "请向本市安全管理员申请具有 matters:create 权限的接口令牌，即 api_key。"
    )
    body = {"changeset": changeset, "contact": contact, "key_service": key, "endpoints": [endpoint]}
    return said(format_, "discovery", body)


def _changed() -> datetime:
    """When the catalogue last changed: a publication, or else the release that is installed. One query."""
    published = [d.published_at for d in declarations.current("category")]
    return max([*published, _shipped()])


@cache
def _shipped() -> datetime:
    folder = resources.files("linli.procedures").joinpath("catalogue")
    with resources.as_file(folder) as path:
        stamps = [entry.stat().st_mtime for entry in path.iterdir()]
    return min(datetime.fromtimestamp(max(stamps), UTC), clock.now())


@method("GET")
def services(request: HttpRequest, format_: str, language: str) -> HttpResponseBase:
    """GET services."""
    ref = reference.current()
    asking.jurisdiction(request, request.GET, ref)
    return said(format_, "services", shapes.services(ref.catalogue, language))


@method("GET")
def service(request: HttpRequest, format_: str, language: str, code: str) -> HttpResponseBase:
    """GET services/{code}."""
    ref = reference.current()
    asking.jurisdiction(request, request.GET, ref)
    if code != shapes.OTHER and code not in ref.terms:
        raise Refused("category_unknown", about="service_code", category=code[:80])
    return said(format_, "service_definition", shapes.definition(code))


@method("GET", "POST")
def requests(request: HttpRequest, format_: str, language: str) -> HttpResponseBase:
    """GET requests and POST requests."""
    ref = reference.current()
    if request.method == "POST":
        return _create(request, format_, language)
    asking.jurisdiction(request, request.GET, ref)
    found = asking.rows(request.GET, ref, clock.now())
    return said(format_, "service_requests", [shapes.request(row, ref, language) for row in found])


@method("GET")
def one(request: HttpRequest, format_: str, language: str, ids: str) -> HttpResponseBase:
    """GET requests/{id}; several ids with commas between."""
    ref = reference.current()
    asking.jurisdiction(request, request.GET, ref)
    found = asking.one(_ids(ids))
    if not found:
        raise Refused("not_yours")
    return said(format_, "service_requests", [shapes.request(row, ref, language) for row in found])


@method("GET")
def updates(request: HttpRequest, format_: str, language: str, ident: str) -> HttpResponseBase:
    """GET requests/{id}/updates, an extension: what happened, without anybody's words."""
    ref = reference.current()
    asking.jurisdiction(request, request.GET, ref)
    row, events = asking.history(next(iter(_ids(ident)), ""))
    procedure = ref.procedure(row["procedure"], row["procedure_version"])
    told: list[dict[str, Any]] = []
    status = "open"
    for event in events:
        status = _status(event, procedure, status)
        if text := _told(event, procedure, language):
            told.append(
                {
                    "update_id": f"{row['code']}-{event.seq}",
                    "service_request_id": row["code"],
                    "status": status,
                    "updated_datetime": shapes.w3(event.at),
                    "description": text,
                }
            )
    return said(format_, "service_request_updates", told)


def _ids(text: str) -> list[str]:
    return [part.strip().upper() for part in text.replace("\x00", "").split(",") if part.strip()]


def _status(event: Event, procedure: Procedure, before: str) -> str:
    stage = procedure.stages.get(str(event.data.get("to", "")))
    return before if stage is None else "closed" if stage.kind == "done" else "open"


def _told(event: Event, procedure: Procedure, language: str) -> str:
    if event.step == "open":
        return "Received" if language == "en" else "已收到"
    step = procedure.steps.get(event.step)
    return step.labels.said(language) if step is not None and step.tells.zh else ""


@method("GET")
def token(request: HttpRequest, format_: str, language: str, ident: str) -> HttpResponseBase:
    """GET tokens/{id}: requests have their id at once, so the only tokens are the private codes of residents."""
    ref = reference.current()
    asking.jurisdiction(request, request.GET, ref)
    limits.guard("track", request, most=GUESSES, seconds=WINDOW)
    matter = queries.by_tracking(ident) if len(ident) <= 40 else None
    if matter is None:
        limits.strike("track", request, seconds=WINDOW)
        raise Refused("not_yours")
    return said(format_, "service_requests", [{"service_request_id": matter.code, "token": ident}])


def _create(request: HttpRequest, format_: str, language: str) -> HttpResponse:
    at = clock.now()
    if request.content_type not in FORMS:
        raise Refused("content_type", kind=request.content_type or "–", wanted=FORMS[0])
    body = request.body
    if len(body) > LARGEST:
        raise Refused("body_too_large", limit=f"{LARGEST // 1024} KB")
    form = request.POST
    viewer = creating.caller(param(form, "api_key") or param(request.GET, "api_key"), at)
    asking.jurisdiction(request, form, reference.current())
    got = creating.take(form, viewer, key_of(request), body, at, language)
    codes = [item.code for item in (got.known if got.repeated else got.items)]
    account = param(form, "account_id")[:120] or None
    rows = [{"service_request_id": code, "service_notice": _notice(language), "account_id": account} for code in codes]
    return said(format_, "service_requests", rows, 200 if got.repeated else 201)


def _notice(language: str) -> str:
    if language == "en":
        return "Received. Somebody responsible answers within five minutes."
    return "已收到，负责人将在五分钟内响应。"


def nothing(request: HttpRequest, rest: str = "") -> HttpResponse:
    """An address that is not there."""
    format_ = JSON if request.path.endswith(".json") else XML
    return errors(format_, [Refusal("no_such_address")], language_of(request.headers.get("Accept-Language", "")))


nothing.csrf_exempt = True  # type: ignore[attr-defined]
