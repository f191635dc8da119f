"""Uploads under attack: what is not a photo is refused with words, what is one leaves everything hidden behind."""

import io
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from linli.core.refusals import Refused
from linli.matters import media

CANARY = b"CANARY-29.5512-103.7654"


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, settings) -> None:  # type: ignore[no-untyped-def]
    settings.MEDIA_ROOT = tmp_path / "files"


def picture(form: str = "JPEG", size: tuple[int, int] = (640, 480), **extra: object) -> bytes:
    """A photo with GPS, a comment and a colour profile in it, and a page after its end."""
    image = Image.new("RGB", size, (200, 30, 30))
    image.putpixel((0, 0), (0, 0, 255))
    exif = Image.Exif()
    exif[0x0112] = extra.pop("orientation", 1)
    exif[0x010E] = CANARY.decode()
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2], gps[3], gps[4] = "N", (29.0, 33.0, 4.0), "E", (103.0, 45.0, 55.0)
    exif[0x8825] = gps
    out = io.BytesIO()
    if form == "JPEG":
        extra["comment"] = CANARY
    image.save(out, form, exif=exif, icc_profile=CANARY, **extra)
    return out.getvalue()


def refusal(data: bytes) -> str:
    with pytest.raises(Refused) as refused:
        media.store(data)
    assert refused.value.refusal.about == "evidence"
    assert refused.value.refusal.words.zh
    assert refused.value.refusal.words.en
    return refused.value.refusal.code


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_what_a_camera_hid_does_not_survive(form: str) -> None:
    given = picture(form) + b"<script>alert(1)</script>"
    assert CANARY in given  # the test can fail
    file = media.store(given)
    for path in (media.path(file.sha256), media.thumb_path(file.sha256)):
        kept = path.read_bytes()
        assert CANARY not in kept
        assert b"<script" not in kept
        with Image.open(io.BytesIO(kept)) as again:
            assert not again.getexif()
            assert "icc_profile" not in again.info
            assert "comment" not in again.info
    assert (file.kind, file.media_type, file.width, file.height) == ("photo", f"image/{form.lower()}", 640, 480)
    assert file.size == media.path(file.sha256).stat().st_size


def test_a_photo_stands_upright() -> None:
    file = media.store(picture(size=(600, 200), orientation=6))
    assert (file.width, file.height) == (200, 600)


def test_the_same_content_is_one_file_and_its_name_is_its_hash() -> None:
    import hashlib

    one, two = media.store(picture()), media.store(picture())
    assert one == two
    path = media.path(one.sha256)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == one.sha256
    assert path.parent.name == one.sha256[:2]
    assert not list(path.parent.glob(".new-*"))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "SVG"),
        (b'\xef\xbb\xbf<?xml version="1.0"?><svg/>', "SVG"),
        (b"<!doctype html><script>alert(1)</script>", "网页"),
        (b"GIF89a<script>alert(1)</script>", "GIF"),
        (b"PK\x03\x04" + b"x" * 100, "压缩包"),
        (b"\x00\x00\x00\x18ftypheic" + b"x" * 50, "HEIC"),
        (b"MZ" + b"\x00" * 100, "未知"),
        (b"", "空文件"),
    ],
)
def test_what_is_no_photo_is_named_and_refused(data: bytes, words: str) -> None:
    with pytest.raises(Refused) as refused:
        media.store(data)
    assert refused.value.refusal.code == "file_kind"
    assert refused.value.refusal.status == 415
    assert words in refused.value.refusal.words.zh


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


@pytest.mark.parametrize("size", [(50_000, 50_000), (7_100, 7_100), (2**31 - 1, 2**31 - 1)])
def test_a_pixel_bomb_is_refused_from_its_header(size: tuple[int, int]) -> None:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", *size, 8, 2, 0, 0, 0))
    bomb = b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\x00" * 1000)) + chunk(b"IEND", b"")
    assert refusal(bomb) in ("image_pixels", "file_broken")
    if size == (7_100, 7_100):
        assert refusal(bomb) == "image_pixels"


def test_damaged_and_disguised_photos_are_refused() -> None:
    good = picture()
    assert refusal(good[: len(good) // 3]) == "file_broken"
    assert refusal(b"\xff\xd8\xff<html><script>alert(1)</script>") == "file_broken"
    assert refusal(b"\x89PNG\r\n\x1a\n" + b"\x00" * 64) == "file_broken"
    assert refusal(b"RIFF\x00\x00\x00\x00WEBP" + b"\x00" * 64) == "file_broken"


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow warns of what it then leaves out
def test_cut_or_flipped_bytes_never_end_in_anything_but_a_refusal_or_a_clean_photo() -> None:
    import random

    rng = random.Random(5)
    for form in ("JPEG", "PNG", "WEBP"):
        good = bytearray(picture(form, (64, 64)))
        for _ in range(60):
            bad = bytearray(good)
            for _ in range(rng.randint(1, 12)):
                bad[rng.randrange(len(bad))] = rng.randrange(256)
            try:
                file = media.store(bytes(bad))
            except Refused:
                continue
            assert CANARY not in media.path(file.sha256).read_bytes()


def test_too_many_bytes_are_refused_before_anything_else() -> None:
    assert refusal(b"\xff\xd8\xff" + b"\x00" * media.LIMIT) == "file_large"


def test_a_pdf_is_a_receipt_and_never_a_polyglot() -> None:
    pdf = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
    file = media.store(pdf)
    assert (file.kind, file.media_type) == ("receipt", "application/pdf")
    assert media.path(file.sha256).read_bytes() == pdf
    assert refusal(pdf + b"x" * 5000) == "file_kind"
    assert refusal(pdf + b"PK\x05\x06" + b"\x00" * 18) == "file_kind"
    assert refusal(b"%PDF-1.7<script>alert(1)</script>%%EOF") == "file_kind"
    assert refusal(b"%PDF-1.7 without an end") == "file_broken"


@pytest.mark.parametrize("digest", ["../../secret", "a" * 63, "A" * 64, "/etc/passwd", "0" * 63 + "/", ""])
def test_only_digests_name_files(digest: str) -> None:
    with pytest.raises(ValueError):
        media.path(digest)
