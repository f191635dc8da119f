"""Photos and files: judged by content, re-encoded without anything hidden in them, stored under their own hash.

Whatever a camera or a sender put beside the pixels (EXIF with its GPS, comments, colour profiles, trailing bytes) does
not survive the re-encoding. Nothing here looks at a file's name.
"""

import hashlib
import io
import os
import tempfile
from pathlib import Path
from typing import Final

from django.conf import settings
from PIL import Image, ImageOps

from linli.core.refusals import Refused
from linli.core.words import Words
from linli.matters.drafting import File

LIMIT: Final = 15 * 2**20  # bytes
PIXELS: Final = 50_000_000
SIDE: Final = 4096  # px; pages send at most 2048
THUMB: Final = 480  # px
TYPES: Final = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
PDF: Final = "application/pdf"
_TAIL: Final = 2048  # bytes a PDF may carry after its end mark


def store(data: bytes) -> File:
    """Check, clean and keep one upload; the photo or file to give to ``actions.take``. No database.

    Raises Refused (file_large, file_kind, image_pixels, file_broken). The bytes are on the disk when this returns.
    """
    if len(data) > LIMIT:
        raise Refused("file_large", about="evidence", limit="15 MB")
    if data.startswith(b"%PDF-"):
        _check_pdf(data)
        return File("receipt", _keep(data), PDF, len(data))
    form = _form(data)
    picture = _opened(data, form)
    clean, width, height = _encoded(picture, form)
    digest = _keep(clean)
    _keep_thumb(picture, digest)
    return File("photo", digest, TYPES[form], len(clean), width, height)


def _form(data: bytes) -> str:
    """The format by the first bytes. Raises Refused for what is none of the accepted ones."""
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "WEBP"
    raise Refused("file_kind", about="evidence", kind=_named(data))


def _named(data: bytes) -> Words:
    """What somebody sent instead, as they would call it."""
    head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"<svg" in head:
        return Words("SVG 矢量图", "an SVG drawing")
    if head.startswith((b"<", b"&lt;")):
        return Words("网页", "a web page")
    if data.startswith((b"GIF8", b"BM")):
        return Words("GIF 或 BMP 图片", "a GIF or BMP picture")
    if data[4:8] == b"ftyp":
        return Words("HEIC 照片或视频", "a HEIC photo or a video")
    if data.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        return Words("压缩包或办公文档", "an archive or an office document")
    return Words("未知格式", "an unknown format") if data else Words("空文件", "an empty file")


def _check_pdf(data: bytes) -> None:
    """A PDF must end as one and be nothing else before or after. Raises Refused."""
    end = data.rfind(b"%%EOF")
    if end < 0:
        raise Refused("file_broken", about="evidence")
    if len(data) - end > _TAIL or b"PK\x05\x06" in data[end:] or b"<script" in data[:1024].lower():
        raise Refused(
            "file_kind", about="evidence", kind=Words("夹带其他内容的 PDF", "a PDF with something else in it")
        )


def _opened(data: bytes, form: str) -> Image.Image:
    """The decoded first frame, turned upright. The size is judged from the header, before any pixel is unpacked."""
    try:
        with Image.open(io.BytesIO(data), formats=(form,)) as picture:
            if picture.width * picture.height > PIXELS:
                _too_many_pixels(picture.width, picture.height)
            picture.draft("RGB", (SIDE, SIDE))
            picture.load()
            upright = ImageOps.exif_transpose(picture)
            plain = upright.convert("RGBA" if form != "JPEG" and upright.has_transparency_data else "RGB")
    except Image.DecompressionBombError:
        _too_many_pixels(0, 0)
    except Refused:
        raise
    except Exception as error:  # damaged input makes decoders raise anything
        raise Refused("file_broken", about="evidence") from error
    plain.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    return plain


def _too_many_pixels(width: int, height: int) -> None:
    raise Refused("image_pixels", about="evidence", pixels=f"{width} × {height}" if width else "> 178 956 970")


def _encoded(picture: Image.Image, form: str) -> tuple[bytes, int, int]:
    """Fresh bytes of the pixels alone, and their size."""
    out = io.BytesIO()
    bare = Image.frombytes(picture.mode, picture.size, picture.tobytes())  # no info dictionary comes along
    bare.save(out, form, **({"optimize": True} if form == "PNG" else {"quality": 88}))
    return out.getvalue(), bare.width, bare.height


def _keep_thumb(picture: Image.Image, digest: str) -> None:
    small = Image.new("RGB", picture.size, "white")
    small.paste(picture, mask=picture.getchannel("A") if picture.mode == "RGBA" else None)
    small.thumbnail((THUMB, THUMB), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    small.save(out, "JPEG", quality=80)
    _write(thumb_path(digest), out.getvalue())


def is_digest(text: str) -> bool:
    """Whether *text* is a SHA-256 in lower-case hexadecimal."""
    return len(text) == 64 and set(text) <= set("0123456789abcdef")


def path(digest: str) -> Path:
    """Where the bytes with this SHA-256 stand. Raises ValueError for what is no digest."""
    if not is_digest(digest):
        raise ValueError("not a SHA-256 in lower-case hexadecimal")
    return Path(settings.MEDIA_ROOT) / digest[:2] / digest


def thumb_path(digest: str) -> Path:
    """Where the small picture of that file stands (480 px JPEG); PDFs have none."""
    return path(digest).with_suffix(".thumb")


def _keep(data: bytes) -> str:
    digest = hashlib.sha256(data).hexdigest()
    _write(path(digest), data)
    return digest


def _write(target: Path, data: bytes) -> None:
    """Write and make durable before the name appears; the same content twice is one file."""
    if target.exists() and target.stat().st_size == len(data):
        os.utime(target)  # sent again: its day begins anew (orphans.py)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def remove(digest: str) -> None:
    """Delete a file and its small picture; nothing happens when they are gone already."""
    path(digest).unlink(missing_ok=True)
    thumb_path(digest).unlink(missing_ok=True)
