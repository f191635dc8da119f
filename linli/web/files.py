"""Evidence files, to those who may see the matter they belong to; and the upload of photos ahead of their step."""

from typing import cast

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_POST, require_safe

from linli.core.refusals import Refused
from linli.core.routing import HANDLERS
from linli.matters import media
from linli.matters.models import Evidence, Matter
from linli.parties import gate
from linli.web import acting, errors
from linli.web.resident import track

POLICY = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; sandbox"


def answer(matter: Matter, sha256: str, *, small: bool = False) -> HttpResponseBase:
    """The bytes of one piece of evidence of *matter*. Raises Http404. One query.

    The caller has checked that the matter may be seen; a hash that is not this matter's is not found.
    """
    if not media.is_digest(sha256):
        raise Http404
    item = Evidence.objects.filter(matter=matter, sha256=sha256, erased_at__isnull=True).first()
    if item is None:
        raise Http404
    thumb = media.thumb_path(item.sha256)
    small = small and thumb.exists()
    try:
        handle = (thumb if small else media.path(item.sha256)).open("rb")
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(handle, content_type="image/jpeg" if small else item.media_type)
    ending = {"application/pdf": "pdf", "image/png": "png", "image/webp": "webp"}.get(item.media_type, "jpg")
    kind = "attachment" if item.media_type == media.PDF else "inline"
    response.headers["Content-Disposition"] = f'{kind}; filename="{matter.code}-{sha256[:8]}.{ending}"'
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, max-age=86400"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


@require_safe
@gate.staff(roles=HANDLERS)
def staff_file(request: HttpRequest, code: str, sha256: str) -> HttpResponseBase:
    """A file of a matter that the signed-in person may see."""
    try:
        matter = acting.matter_of(gate.viewer_of(request), code)
    except Refused:
        raise Http404 from None
    return answer(matter, sha256, small="small" in request.GET)


def _resident_file(request: HttpRequest, matter: Matter, sha256: str) -> HttpResponseBase:
    """A file of the matter behind a tracking code."""
    return answer(matter, sha256, small="small" in request.GET)


resident_file = require_safe(track.with_matter(cast(track.View, _resident_file)))


@require_POST
@csrf_protect
@gate.staff(roles=HANDLERS)
def upload(request: HttpRequest) -> HttpResponse:
    """One photo, ahead of its step."""
    try:
        return acting.upload(request, gate.viewer_of(request))
    except Refused as refused:
        return errors.refused(request, refused.refusal)
