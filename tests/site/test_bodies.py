"""Forms with files are refused before they are read; HEAD and half-signed-in sessions on the interface for programs."""

import io
from typing import Any

import pytest
from django.test import Client

from linli.site import middleware
from tests.parties.people import person

pytestmark = pytest.mark.django_db
FORM = "multipart/form-data; boundary=x"


class Unread(io.BytesIO):
    """A body of which no byte may be taken."""

    def read(self, *args: Any) -> bytes:
        raise AssertionError("the body was read")

    readline = readlines = read


def send(client: Client, path: str, length: int, **extra: Any) -> Any:
    given = {"CONTENT_TYPE": FORM, "CONTENT_LENGTH": str(length), "wsgi.input": Unread(), "REQUEST_METHOD": "POST"}
    return client.request(PATH_INFO=path, **given, **extra)


@pytest.fixture(autouse=True)
def _fresh() -> None:
    from django.core.cache import cache

    cache.clear()


@pytest.mark.parametrize("path", ["/", "/t/ABCDEFGHJKLM/step/add", "/api/v1/t/ABCDEFGHJKLM/files", "/api/v1/files"])
def test_a_form_larger_than_any_is_refused_unread(path: str) -> None:
    answer = send(Client(enforce_csrf_checks=True), path, middleware.RESIDENT_BODY + 1)
    assert answer.status_code == 413
    assert "46 MB" in answer.content.decode()


def test_staff_may_send_more_but_not_everything(client: Client) -> None:
    client.cookies["linli_session"] = "x" * 32
    assert send(client, "/admin/places/import", middleware.STAFF_BODY + 1).status_code == 413
    assert middleware.STAFF_BODY > 9 * 15 * 2**20


def test_many_large_forms_of_one_address_are_refused_unread(settings: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies["linli_csrf"] = "x" * 32  # else the form is refused before its own token is looked for
    for _ in range(settings.LINLI.page_per_minute):
        with pytest.raises(AssertionError, match="was read"):
            send(client, "/", 2 * 2**20)
    assert send(client, "/", 2 * 2**20).status_code == 429


def test_what_is_small_is_always_read() -> None:
    answer = Client(enforce_csrf_checks=True).post("/", {"text": "x"})
    assert answer.status_code == 403  # by the token, not by the size


def test_head_answers_like_get_without_a_body(client: Client) -> None:
    for address in ("/api/v1/openapi.json", "/api/v1/heads"):
        whole, head = client.get(address), client.head(address)
        assert (head.status_code, head.content) == (200, b"")
        assert head["Content-Type"] == whole["Content-Type"]
        assert head["Content-Length"] == str(len(whole.content))
    wrong = client.head("/api/v1/read")
    assert (wrong.status_code, wrong["Allow"]) == (405, "POST")
    assert client.put("/api/v1/heads")["Allow"] == "GET, HEAD"


def test_a_half_signed_in_session_is_told_as_a_problem(client: Client) -> None:
    client.force_login(person("half"), backend="allauth.account.auth_backends.AuthenticationBackend")
    for answer in (client.get("/api/v1/matters"), client.post("/api/v1/read", "{}", content_type="application/json")):
        assert answer.status_code == 401
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["code"] == "not_signed_in"
