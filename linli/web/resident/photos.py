"""Photos beside a resident's words: checked and cleaned at once, and kept when the rest of the form is refused."""

import base64
from dataclasses import dataclass

from django.http import HttpRequest

from linli.core.refusals import Refusal, Refused
from linli.matters import media
from linli.matters.drafting import File
from linli.parties.access import Viewer
from linli.web import acting

MOST = 3  # photos with one sentence or one addition


@dataclass(frozen=True, slots=True)
class Kept:
    """A good photo that goes with the form when it is sent again."""

    token: str
    file: File

    @property
    def preview(self) -> str:
        """The small picture as a data address: before it belongs to a matter no address gives it out."""
        thumb = media.thumb_path(self.file.sha256)
        if self.file.kind != "photo" or not thumb.exists():
            return ""
        return f"data:image/jpeg;base64,{base64.b64encode(thumb.read_bytes()).decode()}"


@dataclass(frozen=True, slots=True)
class Came:
    """What came with one form. *refusal*: about the first photo that was none; *lost*: files that nobody looked at."""

    kept: tuple[Kept, ...] = ()
    refusal: Refusal | None = None
    lost: bool = False

    @property
    def files(self) -> tuple[File, ...]:
        """The photos, each once. Raises Refused when one of those sent was refused."""
        if self.refusal is not None:
            raise Refused(self.refusal)
        return tuple(kept.file for kept in self.kept)


NONE = Came()


def of(request: HttpRequest, whose: Viewer) -> Came:
    """The photos of a form: tokens of those kept before, and files. What is good is kept also beside a bad one."""
    tokens, files = request.POST.getlist("photo_token"), request.FILES.getlist("photo")
    found, first = _known(tokens[:MOST], whose)
    if len(tokens) + len(files) > MOST:
        first = Refusal("files_many", {"most": MOST}, "evidence")
    for sent in files[: MOST - len(found)]:
        try:
            if (sent.size or 0) > media.LIMIT:
                raise Refused("file_large", about="evidence", limit="15 MB")
            photo = acting.stored(sent.read(), whose)
        except Refused as refused:
            first = first or refused.refusal
            continue
        found.setdefault(photo.file.sha256, Kept(photo.token, photo.file))
    return Came(tuple(found.values()), first)


def untouched(request: HttpRequest, whose: Viewer) -> Came:
    """The photos of a form that is refused before any file is looked at: those kept before stay."""
    found, _bad = _known(request.POST.getlist("photo_token")[:MOST], whose)
    return Came(tuple(found.values()), None, bool(request.FILES.getlist("photo")))


def _known(tokens: list[str], whose: Viewer) -> tuple[dict[str, Kept], Refusal | None]:
    """Photos by their hash, and why the first bad token is none."""
    found: dict[str, Kept] = {}
    first = None
    for token in tokens:
        try:
            photo = acting.from_token(token, whose)
        except Refused as refused:
            first = first or refused.refusal
            continue
        found[photo.file.sha256] = Kept(photo.token, photo.file)
    return found, first
