"""Matters over REST: the list, one matter, steps, files, the resident's private code, and understanding alone."""

import logging
from typing import Annotated, Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from ninja import File as FileParam
from ninja import Header, Query, Router, UploadedFile

from linli.channels import intake_door, limits
from linli.channels.answers import receipt
from linli.channels.rest import files, forms, listing, telling
from linli.channels.rest.api import PROBLEMS, answer, language
from linli.channels.rest.callers import Needs, bearer, key_of, known_only, viewer_in
from linli.channels.rest.listing import Filters
from linli.channels.rest.reference import area_at
from linli.channels.rest.shapes import Detail, Page, ReadIn, ReadOut, Receipt, Take, Tracked, Uploaded
from linli.channels.throttle import Throttle
from linli.core.refusals import Refused
from linli.kernel import clock, idempotency, settings
from linli.matters import actions, media, queries, reference
from linli.matters.drafting import LIMIT, File, Request
from linli.matters.intake import receive
from linli.matters.models import Matter
from linli.parties.access import Viewer
from linli.understanding.reading import Hints

log = logging.getLogger("linli.api")
router = Router(tags=["matters"])
anonymous = Throttle(settings.current().anonymous_per_minute)
GUESSES, UPLOADS, WINDOW = 20, forms.UPLOADS, forms.WINDOW  # wrong private codes, uploads: from one address
Key = Annotated[str | None, Header(None, alias="Idempotency-Key", description="1–120 visible ASCII characters")]


@router.get("matters", response={200: Page, **PROBLEMS}, auth=Needs("matters:read"), summary="List matters")
def list_matters(request: HttpRequest, given: Annotated[Filters, Query()]) -> HttpResponse:
    """Matters that the caller may read, newest first. Two queries."""
    known_only(request, Filters.model_fields)
    ref = reference.current()
    return answer(listing.page(viewer_in(request), given, ref, language(request), clock.now()))


@router.post("matters", response={200: Receipt, 201: Receipt, **PROBLEMS}, auth=None, summary="Say what is wrong")
def new_matter(request: HttpRequest, key: Key) -> HttpResponse:
    """One message; each problem in it becomes a matter. Residents need no token. 200: the key was used before.

    JSON, or a form with the same fields (``contact`` as JSON) and photos or PDFs as ``files``."""
    viewer = bearer(request)
    if viewer is None:
        _slow_down(request)
    elif intake_door.SCOPE not in viewer.scopes:
        raise Refused("scope_missing", scope=intake_door.SCOPE)
    asked = _asked(request, {b"idempotency-key": key_of(request).encode()} if key is not None else {}, viewer)
    with transaction.atomic():
        got = receive(asked, at=clock.now(), actor=intake_door._actor(viewer))
    body = receipt(got, reference.current(), language(request))
    return answer(body, 200 if got.repeated else 201)


def _asked(request: HttpRequest, headers: dict[bytes, bytes], viewer: Viewer | None) -> Request:
    """What a JSON body or a form asks for. Raises Refused."""
    if request.content_type == forms.FORM:
        return forms.asked(request, headers, viewer)
    if request.content_type not in ("application/json", ""):
        raise Refused("content_type", kind=request.content_type or "–", wanted=f"application/json, {forms.FORM}")
    if len(request.body) > intake_door.LARGEST:
        raise Refused("body_too_large", limit=f"{intake_door.LARGEST // 1024} KB")
    return intake_door._request(request.body, headers, viewer)


@router.get(
    "matters/{uuid:ident}", response={200: Detail, **PROBLEMS}, auth=Needs("matters:read"), summary="One matter"
)
def one_matter(request: HttpRequest, ident: UUID) -> HttpResponse:
    """A matter with clocks, history and the steps that the caller may take. That it was read is on the record."""
    known_only(request)
    viewer = viewer_in(request)
    matter = _visible(viewer, ident)
    actions.look(matter, viewer=viewer, at=clock.now(), what="api")
    return _told(request, matter, viewer)


@router.post(
    "matters/{uuid:ident}/steps/{slug:step}",
    response={200: Detail, **PROBLEMS},
    auth=Needs("matters:step"),
    summary="Take a step",
)
def take_step(
    request: HttpRequest,
    ident: UUID,
    step: str,
    given: Take,
    key: Key,
    if_match: Annotated[str | None, Header(None, alias="If-Match", description="the matter's seq that was seen")],
) -> HttpResponse:
    """Take a step. A department's token acts for its unit; a stale If-Match is refused with 409."""
    viewer = viewer_in(request)
    matter = _visible(viewer, ident)
    taken = files.opened(given.files, viewer)
    if viewer.kind == "token" and "claim" in _effects(matter, step):
        raise Refused("not_signed_in")
    _take(request, matter, step, viewer, given.form, taken, if_match)
    return _told(request, _visible(viewer, ident), viewer)


@router.post("files", response={200: Uploaded, 201: Uploaded, **PROBLEMS}, auth=Needs("matters:step"), summary="Upload")
def upload(request: HttpRequest, file: Annotated[UploadedFile, FileParam()], key: Key) -> HttpResponse:
    """A photo or PDF for a step. Pictures are re-encoded without EXIF. The same bytes are stored once."""
    known_only(request)
    return _store(request, file, viewer_in(request))


@router.post(
    "t/{tracking}/files", response={200: Uploaded, 201: Uploaded, **PROBLEMS}, auth=None, summary="A resident's upload"
)
def track_upload(
    request: HttpRequest, tracking: str, file: Annotated[UploadedFile, FileParam()], key: Key
) -> HttpResponse:
    """A photo or PDF for a step of the matter behind a private code."""
    known_only(request)
    matter = _by_code(request, tracking)
    limits.guard("upload", request, most=UPLOADS, seconds=WINDOW)
    limits.strike("upload", request, seconds=WINDOW)
    return _store(request, file, queries.resident(matter))


def _store(request: HttpRequest, file: UploadedFile, viewer: Viewer) -> HttpResponse:
    """Keep one upload for *viewer*; 200 when its key was used before."""
    if (file.size or 0) > media.LIMIT:
        raise Refused("file_large", about="file", limit="15 MB")
    data = file.read()
    name, scope = key_of(request), f"{viewer.actor_id}:files"
    with transaction.atomic():
        before = idempotency.claim(scope, name, data, at=clock.now()) if name else None
        stored = media.store(data)
        if name and before is None:
            idempotency.settle(scope, name, stored.sha256)
    shown = {n: getattr(stored, n) for n in ("kind", "sha256", "media_type", "size", "width", "height")}
    return answer({"ref": files.reference(stored, viewer), **shown}, 201 if before is None else 200)


@router.get("t/{tracking}", response={200: Tracked, **PROBLEMS}, auth=None, summary="Follow by private code")
def track(request: HttpRequest, tracking: str) -> HttpResponse:
    """The matter behind a resident's private code. Wrong codes are counted by address."""
    known_only(request)
    matter = _by_code(request, tracking)
    told = telling.tracked(matter, reference.current(), language(request), clock.now())
    return answer(told, headers={"ETag": f'"{matter.seq}"'})


@router.post(
    "t/{tracking}/steps/{slug:step}", response={200: Tracked, **PROBLEMS}, auth=None, summary="A resident's step"
)
def track_step(
    request: HttpRequest,
    tracking: str,
    step: str,
    given: Take,
    key: Key,
    if_match: Annotated[str | None, Header(None, alias="If-Match", description="the matter's seq that was seen")],
) -> HttpResponse:
    """Solved, not solved, correct, withdraw… by whoever has the private code."""
    matter = _by_code(request, tracking)
    viewer = queries.resident(matter)
    _take(request, matter, step, viewer, given.form, files.opened(given.files, viewer), if_match)
    return track(request, tracking)


@router.post("read", response={200: ReadOut, **PROBLEMS}, auth=None, summary="Understand without storing")
def read_only(request: HttpRequest, given: ReadIn, key: Key) -> HttpResponse:
    """What would be understood from a message. Nothing is stored, so a key changes nothing."""
    key_of(request)
    viewer = bearer(request)
    if viewer is None:
        _slow_down(request)
    elif intake_door.SCOPE not in viewer.scopes:
        raise Refused("scope_missing", scope=intake_door.SCOPE)
    text = given.text.replace("\x00", "").strip()
    if not text:
        raise Refused("empty_text", about="text")
    if len(text) > LIMIT:
        raise Refused("text_too_long", about="text", limit=LIMIT, length=len(text))
    ref = reference.current()
    if given.area and ref.index.get(given.area) is None:
        raise Refused("place_unknown", about="area", area=given.area)
    pin = area_at(given.lon, given.lat, given.crs, ref) if given.lon is not None and given.lat is not None else None
    hints = Hints(None, pin or given.area or None, None, given.near or None)
    return answer(ref.read(text, hints, clock.now()).to_json())


def _slow_down(request: HttpRequest) -> None:
    wait = anonymous.wait(request.META.get("REMOTE_ADDR", ""), clock.monotonic())
    if wait:
        raise Refused("too_many", seconds=wait)


def _visible(viewer: Viewer, ident: UUID) -> Matter:
    matter = queries.get(viewer, ident)
    if matter is None:
        raise Refused("not_yours")
    return matter


def _told(request: HttpRequest, matter: Matter, viewer: Viewer) -> HttpResponse:
    told = telling.detail(matter, viewer, reference.current(), language(request), clock.now())
    return answer(told, headers={"ETag": f'"{matter.seq}"'})


def _effects(matter: Matter, step: str) -> tuple[str, ...]:
    declared = reference.current().procedure(matter.procedure, matter.procedure_version).steps.get(step)
    return declared.effects if declared else ()


def _by_code(request: HttpRequest, tracking: str) -> Matter:
    """One answer for a wrong code and for no code at all; guessing is slowed down by address."""
    limits.guard("track", request, most=GUESSES, seconds=WINDOW)
    matter = queries.by_tracking(tracking) if len(tracking) <= 40 else None
    if matter is None:
        limits.strike("track", request, seconds=WINDOW)
        raise Refused("not_yours")
    return matter


def _seen(if_match: str | None) -> int | None:
    """The seq in an If-Match header. Raises Refused("seen_wrong")."""
    if if_match is None or if_match.strip() == "*":
        return None
    text = if_match.strip().removeprefix("W/").strip('"')
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Refused("seen_wrong", about="If-Match")
    return int(text)


def _take(
    request: HttpRequest,
    matter: Matter,
    step: str,
    viewer: Viewer,
    form: dict[str, Any],
    taken: list[File],
    if_match: str | None,
) -> None:
    """The step and its key in one transaction; a key that was used before takes nothing again."""
    known_only(request)
    name, seen, at = key_of(request), _seen(if_match), clock.now()
    scope = f"{viewer.actor_id}:step"
    body = f"{matter.pk} {step} ".encode() + request.body
    with transaction.atomic():
        if name and idempotency.claim(scope, name, body, at=at) is not None:
            return
        actions.take(matter.pk, step, viewer=viewer, form=form, files=taken, at=at, seen=seen)
        if name:
            idempotency.settle(scope, name, str(matter.pk))
