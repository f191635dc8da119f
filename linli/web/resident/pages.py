"""Short pages, the picture of the tracking address, and a resident's own copy."""

import io

import orjson
import segno
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from linli.core.words import Words
from linli.matters.models import Evidence, Matter
from linli.matters.tracking import tracking_code
from linli.web.resident import showing, track
from linli.web.resident.examples import examples


@require_safe
def helping(request: HttpRequest) -> HttpResponse:
    """How it works."""
    return render(request, "resident/help.html", {"examples": examples()})


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """What becomes of personal data."""
    return render(request, "resident/privacy.html")


@require_safe
@track.with_matter
def qr(request: HttpRequest, matter: Matter) -> HttpResponse:
    """The tracking address as a QR code."""
    address = request.build_absolute_uri(reverse("track", args=[tracking_code(matter.pk)]))
    out = io.BytesIO()
    segno.make(address, error="m").save(out, kind="svg", scale=4, border=4, dark="#000", light="#fff")
    return HttpResponse(out.getvalue(), content_type="image/svg+xml")


def _said(text: Words | str) -> str:
    return text.said(get_language() or "zh-hans") if isinstance(text, Words) else text


def _address(request: HttpRequest, code: str, photo: Evidence) -> str:
    return request.build_absolute_uri(reverse("track-file", args=[code, photo.sha256]))


@require_safe
@track.with_matter
def copy(request: HttpRequest, matter: Matter) -> HttpResponse:
    """Everything held about this matter and its resident, as a JSON file."""
    sheet = showing.sheet(matter)
    statement = matter.statement
    held = {
        "code": matter.code,
        "tracking": sheet.code,
        "opened_at": matter.opened_at,
        "closed_at": matter.closed_at,
        "stage": _said(sheet.stage.labels),
        "category": _said(sheet.category),
        "place": sheet.place,
        "holder": {"name": sheet.holder.name, "unit": _said(sheet.holder.unit)} if sheet.holder else None,
        "rating": matter.rating,
        "said": {
            "text": statement.text,
            "contact_name": statement.contact_name,
            "contact_phone": statement.contact_phone,
            "contact_email": statement.contact_email,
            "address": statement.address,
            "lon": statement.lon,
            "lat": statement.lat,
            "understood": statement.reading,
        },
        "clocks": [
            {"name": _said(shown.name), "state": shown.clock.state, "due_at": shown.clock.due_at}
            for shown in sheet.clocks
        ],
        "history": [
            {"at": line.at, "who": line.who, "what": _said(line.what), "details": line.details}
            | {"files": [_address(request, sheet.code, photo) for photo in line.photos if photo.erased_at is None]}
            for line in reversed(showing.lines(matter, sheet.snap.procedure))
        ],
        "opened_by": [{"at": seen.at, "who": seen.who} for seen in showing.viewers(matter)],
    }
    response = HttpResponse(orjson.dumps(held, option=orjson.OPT_INDENT_2), content_type="application/json")
    response.headers["Content-Disposition"] = f'attachment; filename="linli-{matter.code}.json"'
    return response
