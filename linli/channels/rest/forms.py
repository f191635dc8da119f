"""A new matter as a form with photos: the fields of the JSON body by their names, and up to nine parts ``files``.

The parts become the same JSON that the other doors read, so that both bodies are checked by one schema.
"""

import hashlib
from dataclasses import replace
from typing import Any, Final

import orjson
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest

from linli.channels import intake_door, limits
from linli.core.refusals import Refused
from linli.matters import media
from linli.matters.drafting import File, Request
from linli.parties.access import Viewer

FORM: Final = "multipart/form-data"
MOST: Final = 9  # files a token may send with one message
MOST_ANONYMOUS: Final = 3  # the resident's page takes as many
UPLOADS, WINDOW = 40, 600  # forms with files from one address without a token in so many seconds


def asked(request: HttpRequest, headers: dict[bytes, bytes], viewer: Viewer | None) -> Request:
    """The request that a form means; its files are cleaned and kept.

    The Idempotency-Key stands for fields and files, not for the form's bytes, whose boundary is new at every try.
    Raises Refused for what does not fit; files are looked at last, so that a refused form stores none.
    """
    sent = _files(request, MOST if viewer else MOST_ANONYMOUS)
    fields = orjson.dumps(_fields(request), option=orjson.OPT_SORT_KEYS)
    if len(fields) > intake_door.LARGEST:
        raise Refused("body_too_large", limit=f"{intake_door.LARGEST // 1024} KB")
    made = intake_door._request(fields, headers, viewer)
    if sent and viewer is None:
        limits.guard("upload", request, most=UPLOADS, seconds=WINDOW)
        limits.strike("upload", request, seconds=WINDOW)
    kept: dict[str, File] = {}
    digests = []
    for one in sent:
        data = one.read()
        digests.append(hashlib.sha256(data).digest())
        file = _stored(data)
        kept.setdefault(file.sha256, file)
    return replace(made, files=tuple(kept.values()), body=fields + b"".join(digests))


def _fields(request: HttpRequest) -> dict[str, Any]:
    """The parts that are no files. ``contact`` is JSON, as OpenAPI says of objects in forms."""
    fields: dict[str, Any] = {}
    for name, values in request.POST.lists():
        if len(values) > 1:
            raise Refused("field_wrong", about=name[:60], field=name[:60], why="more than once")
        fields[name] = str(values[0])
    if "contact" in fields:
        try:
            fields["contact"] = orjson.loads(fields["contact"])
        except orjson.JSONDecodeError as error:
            raise Refused("field_wrong", about="contact", field="contact", why=str(error)) from error
    return fields


def _files(request: HttpRequest, most: int) -> "list[UploadedFile[Any]]":
    for name in request.FILES:
        if name != "files":
            raise Refused("field_unknown", about=name[:60], field=name[:60], fields="files")
    sent = request.FILES.getlist("files")
    if len(sent) > most:
        raise Refused("files_many", about="files", most=most)
    for one in sent:
        if (one.size or 0) > media.LIMIT:
            raise Refused("file_large", about="files", limit="15 MB")
    return sent


def _stored(data: bytes) -> File:
    """One file, cleaned. Its refusals are about ``files`` here."""
    try:
        return media.store(data)
    except Refused as refused:
        raise Refused(replace(refused.refusal, about="files")) from refused
