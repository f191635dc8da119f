"""The first page: one box, one button. Works without scripts; the same words and photos sent twice are one request."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from linli.channels import limits
from linli.core.refusals import Refusal, Refused
from linli.kernel import clock, settings
from linli.matters import intake, likeness_asking
from linli.matters.drafting import File
from linli.matters.tracking import tracking_code
from linli.parties.access import Viewer
from linli.web import typed
from linli.web.resident import alike, photos
from linli.web.resident.examples import examples

SCOPE = "page"
WINDOW = 60  # s in which posts of one address are counted


@dataclass(frozen=True, slots=True)
class Said:
    """What the form held; kept and shown again when it is refused."""

    text: str = ""
    lon: str = ""
    lat: str = ""
    name: str = ""
    phone: str = ""
    key: str = ""

    @classmethod
    def of(cls, request: HttpRequest) -> "Said":
        """The form of *request*, as typed."""
        short = {name: typed.field(request, name) for name in ("lon", "lat", "name", "phone")}
        return cls(request.POST.get("text", ""), **short, key=typed.key(request) or uuid4().hex)

    @property
    def sender(self) -> Viewer:
        """Whoever fills in this form: photos kept for it are good for no other."""
        return Viewer("resident", self.key, "")

    def body(self, files: Sequence[File]) -> bytes:
        """What the idempotency key stands for."""
        held = [self.text.strip(), self.lon, self.lat, self.name, self.phone]
        return typed.body([*held, *(file.sha256 for file in files)])


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def first(request: HttpRequest) -> HttpResponse:
    """Show the box; take what was said. Whoever sends too often keeps what was written."""
    if request.method != "POST":
        return _form(request, Said(key=uuid4().hex))
    said = Said.of(request)
    try:
        limits.guard("say", request, most=settings.current().page_per_minute, seconds=WINDOW)
    except Refused as refused:
        return _form(request, said, refused.refusal, photos.untouched(request, said.sender))
    limits.strike("say", request, seconds=WINDOW)
    came = photos.of(request, said.sender)
    others = alike.of_form(request) if request.POST.get("join") == "1" else None
    try:
        return HttpResponseRedirect(reverse("answer", args=[_receive(said, came.files, others)]))
    except Refused as refused:
        return _form(request, said, refused.refusal, came)


def _form(
    request: HttpRequest, said: Said, refusal: Refusal | None = None, came: photos.Came = photos.NONE
) -> HttpResponse:
    context = {
        "said": said,
        "refusal": refusal,
        "came": came,
        "most": photos.MOST,
        "example": next(iter(examples()), ""),
    }
    response = render(request, "resident/first.html", context, status=refusal.status if refusal else 200)
    if refusal and "seconds" in refusal.params:
        response.headers["Retry-After"] = str(refusal.params["seconds"])
    return response


def _receive(said: Said, files: tuple[File, ...], others: likeness_asking.Others | None) -> str:
    """Take the request; the tracking code of its first part. Raises Refused.

    The key is the form's and the body's together: pressing twice, or sending again after a broken line, gives the same
    request; going back and writing something else gives a new one.
    """
    lon, lat = _degrees(said)
    body = said.body(files)
    key = f"{said.key}:{hashlib.sha256(body).hexdigest()[:24]}"
    asked = intake.Request(
        text=said.text,
        channel="page",
        lon=lon,
        lat=lat,
        contact_name=said.name,
        contact_phone=said.phone,
        language=get_language() or "zh-hans",
        scope=SCOPE,
        key=key,
        body=body,
        files=files,
    )
    with transaction.atomic():
        receipt = intake.receive(asked, at=clock.now())
    if others and not receipt.repeated:
        likeness_asking.join(receipt.items[0].id, others, clock.now())
    first_id = receipt.known[0].id if receipt.repeated else receipt.items[0].id
    return tracking_code(first_id)


def _degrees(said: Said) -> tuple[float | None, float | None]:
    """The pin, or nothing. Raises Refused for what is no number."""
    if not said.lon or not said.lat:
        return None, None
    try:
        return float(said.lon), float(said.lat)
    except ValueError:
        raise Refused("bad_coordinates", about="lon", why=f"{said.lon}, {said.lat}") from None
