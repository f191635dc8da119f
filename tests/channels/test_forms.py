"""A new matter as a form with photos: the same answers as JSON, the same checks, and the server that sends it on."""

import asyncio
import io
import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from linli.matters import media
from linli.matters.models import Event, Evidence, Matter, Statement

CONTACT = json.dumps({"phone": "13812345678"})
FIELDS = {
    "text": "第一网格路灯不亮",
    "lon": "103.705",
    "lat": "29.505",
    "contact": json.dumps({"phone": "13812345678"}),
}


def photo(colour: tuple[int, int, int] = (20, 120, 60)) -> bytes:
    """A JPEG with a place in it."""
    exif = Image.Exif()
    exif[0x010E] = "CANARY-GPS"
    out = io.BytesIO()
    Image.new("RGB", (32, 24), colour).save(out, "JPEG", exif=exif)
    return out.getvalue()


@pytest.fixture
def send(town: Any, token: Any, client: Any, settings: Any, tmp_path: Any) -> Any:
    """Post a form; by a token unless told otherwise."""
    settings.MEDIA_ROOT = tmp_path
    secret = token("matters:create")

    def sent(fields: dict[str, Any], *files: bytes, anonymous: bool = False, **headers: str) -> Any:
        given = {} if anonymous else {"Authorization": f"Bearer {secret}"}
        body = fields | ({"files": [SimpleUploadedFile(f"{n}.jpg", f) for n, f in enumerate(files)]} if files else {})
        return client.post("/api/v1/matters", body, headers=given | headers)

    return sent


def code(response: Any) -> str:
    assert response["Content-Type"] == "application/problem+json", response.content
    return str(response.json()["code"])


@pytest.mark.parametrize("anonymous", [False, True])
def test_a_form_brings_photos_into_the_new_matter(send: Any, client: Any, anonymous: bool) -> None:
    sent = (photo(), photo((1, 2, 3)))
    made = send(FIELDS, *sent, anonymous=anonymous)
    assert made.status_code == 201, made.content
    matter, said = Matter.objects.get(), Statement.objects.get()
    assert made.json()["matters"][0]["code"] == matter.code
    assert (said.text, said.contact_phone, round(said.lon, 3)) == ("第一网格路灯不亮", "13812345678", 103.705)
    kept = list(Evidence.objects.filter(matter=matter).order_by("id"))
    assert [(e.kind, e.width) for e in kept] == [("photo", 32), ("photo", 32)]
    assert all(b"CANARY" not in media.path(e.sha256).read_bytes() for e in kept)
    assert Event.objects.get(matter=matter, seq=1).data["files"] == [media.store(data).sha256 for data in sent]
    shown = client.get(f"/t/{made.json()['tracking']}").content.decode()
    assert all(e.sha256 in shown for e in kept)


def test_json_and_a_form_without_files_are_answered_alike(send: Any, call: Any, token: Any) -> None:
    body = {"text": FIELDS["text"], "lon": 103.705, "lat": 29.505, "contact": {"phone": "13812345678"}}
    plain = call("POST", "matters", token("matters:create", name="u"), body).json()
    formed = send(FIELDS).json()
    for name in ("stage", "category", "place"):
        assert plain["matters"][0][name] == formed["matters"][0][name]
    assert plain.keys() == formed.keys()


def test_a_key_stands_for_fields_and_files_not_for_the_boundary(send: Any) -> None:
    key = {"Idempotency-Key": "k"}
    first, again = send(FIELDS, photo(), **key), send(FIELDS, photo(), **key)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    assert code(send(FIELDS, photo((9, 9, 9)), **key)) == "key_reused"
    assert code(send(FIELDS | {"text": "别的"}, photo(), **key)) == "key_reused"
    assert Matter.objects.count() == 1


@pytest.mark.parametrize(
    ("extra", "files", "wanted"),
    [
        ({"colour": "red"}, 0, "field_wrong"),
        ({"contact": "{"}, 0, "field_wrong"),
        ({"contact": "[1]"}, 0, "field_wrong"),
        ({"lon": "east"}, 0, "field_wrong"),
        ({"text": ["a", "b"]}, 0, "field_wrong"),
        ({"text": " "}, 1, "empty_text"),
        ({"text": "x" * 300_000}, 0, "body_too_large"),
        ({"category": "none.such"}, 1, "category_unknown"),
        ({"photo": SimpleUploadedFile("a.jpg", b"x")}, 0, "field_unknown"),
        ({}, 10, "files_many"),
    ],
)
def test_what_does_not_fit_is_refused(send: Any, extra: dict[str, Any], files: int, wanted: str) -> None:
    assert code(send(FIELDS | extra, *[photo()] * files)) == wanted
    assert not Matter.objects.exists()
    assert not Evidence.objects.exists()


def test_a_file_that_is_none_is_refused_about_files(send: Any) -> None:
    refused = send(FIELDS, b"<html>")
    assert (code(refused), refused.json()["field"]) == ("file_kind", "files")
    assert not Matter.objects.exists()


def test_without_a_token_fewer_files_and_fewer_forms(send: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from linli.channels.rest import forms

    assert code(send(FIELDS, *[photo()] * 4, anonymous=True)) == "files_many"
    monkeypatch.setattr(forms, "UPLOADS", 1)
    assert send(FIELDS, photo(), anonymous=True).status_code == 201
    assert code(send(FIELDS, photo(), anonymous=True)) == "too_many"
    assert send(FIELDS, anonymous=True).status_code == 201  # words alone are taken


def test_the_document_tells_of_the_form(client: Any) -> None:
    document = client.get("/api/v1/openapi.json").json()
    content = document["paths"]["/api/v1/matters"]["post"]["requestBody"]["content"]
    assert set(content) == {"application/json", "multipart/form-data"}
    form = document["components"]["schemas"]["NewMatterForm"]["properties"]
    assert set(form) == {*document["components"]["schemas"]["NewMatter"]["properties"], "files"}


def test_the_server_sends_forms_on_and_keeps_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    from linli.channels import intake_door
    from linli.site.asgi import Router

    monkeypatch.setattr(intake_door, "_forms", None)
    went: list[str] = []

    async def pages(scope: Any, receive: Any, send: Any) -> None:
        went.append("pages")

    async def tell(message: Any) -> None:
        if message["type"] == "http.response.start":
            went.append(str(message["status"]))

    async def nothing() -> Any:
        return {"type": "http.request", "body": b"{}"}

    router = Router([intake_door], pages)
    for kind in (b"multipart/form-data; boundary=x", b"application/json", b"text/plain"):
        head = [(b"content-type", kind)]
        scope = {"type": "http", "method": "POST", "path": "/api/v1/matters", "headers": head, "client": ("1.2.3.4", 1)}
        asyncio.run(router(scope, nothing, tell))
    assert went == ["pages", "429", "429"]  # no door is open in this process: its own answer is that it is busy
