"""Files between their upload and the step that takes them: signed references that only their sender can use."""

from collections.abc import Sequence
from typing import Any

from django.core import signing

from linli.core.refusals import Refused
from linli.matters.drafting import File
from linli.parties.access import Viewer

SALT = "linli.channels.rest.files"
KEPT = 24 * 3600  # seconds


def reference(file: File, viewer: Viewer) -> str:
    """What the sender puts into a step."""
    body = [file.kind, file.sha256, file.media_type, file.size, file.width, file.height, viewer.actor_id]
    return signing.dumps(body, salt=SALT)


def opened(refs: Sequence[str], viewer: Viewer) -> list[File]:
    """The files behind references. Raises Refused("upload_unknown")."""
    return [_one(ref, viewer) for ref in refs]


def _one(ref: str, viewer: Viewer) -> File:
    try:
        body: list[Any] = signing.loads(ref, salt=SALT, max_age=KEPT)
    except signing.BadSignature as error:
        raise Refused("upload_unknown", about="files") from error
    if body[-1] != viewer.actor_id:
        raise Refused("upload_unknown", about="files")
    return File(*body[:-1])
