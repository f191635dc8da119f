"""Who may open, act on, fetch and export what: every address of field and desk, for owner, colleague and stranger."""

from pathlib import Path
from typing import Any

import pytest
from django.urls import URLPattern

from linli.matters import media
from linli.matters.models import Evidence, Matter
from linli.web.desk import urls as desk_urls
from linli.web.field import urls as field_urls
from tests.matters.town import GRID2, Town
from tests.web.desk_world import act, client_of, photo, say

pytestmark = pytest.mark.django_db

DESK = {"vera": 200, "bob": 200, "carl": 200, "dora": 200, "olga": 200, "oscar": 200, "alice": 403, "amy": 403}
STAFF = dict.fromkeys(DESK, 200)
CENTRE = DESK | {"olga": 403, "oscar": 403}
ONE = {"alice": 200, "vera": 200, "bob": 200, "carl": 200, "dora": 200, "amy": 404, "olga": 404, "oscar": 404}
ONE_DESK = ONE | {"alice": 403, "amy": 403}
OUTSIDE = {"sys": 403, "charlie": 403, "nobody": 302}

PAGES: dict[str, tuple[str, dict[str, int]]] = {
    "desk": ("/desk", DESK),
    "desk-rates": ("/desk/rates", CENTRE),
    "desk-list": ("/desk/list", DESK),
    "desk-export": ("/desk/list.xlsx", DESK),
    "desk-export-csv": ("/desk/list.csv", DESK),
    "desk-new": ("/desk/new", CENTRE),
    "desk-map": ("/desk/map", DESK),
    "desk-shapes": ("/desk/map/shapes.json", STAFF),
    "desk-counts": ("/desk/map/counts.json", DESK),
    "desk-corrections": ("/desk/corrections", CENTRE),
    "desk-shift": ("/desk/shift", CENTRE),
    "desk-notices": ("/desk/notices", STAFF),
    "desk-matter": ("/desk/m/{code}", ONE_DESK),
    "desk-matter-now": ("/desk/m/{code}/now", ONE_DESK),
    "desk-step": ("/desk/m/{code}/step/progress", ONE),
    "desk-taken": ("/desk/new/{bundle}", CENTRE),
    "staff-places": ("/staff/places.json?q=柳荫", STAFF),
    "staff-file": ("/files/{code}/{sha}", ONE),
    "field": ("/field", STAFF),
    "field-list": ("/field/list", STAFF),
    "field-task": ("/field/t/{code}", ONE),
    "field-task-now": ("/field/t/{code}/now", ONE),
    "field-task-map": ("/field/t/{code}/map.json", ONE),
    "field-step": ("/field/t/{code}/step/progress", ONE),
    "track-file": ("/t/{tracking}/files/{sha}", dict.fromkeys(DESK, 200)),
}
POSTS = {"desk-filter-keep", "desk-filter-drop", "desk-reading", "desk-notices-seen", "staff-upload"}
POSTS |= {"desk-shift-take", "desk-alike-different"}


@pytest.fixture
def one(town: Town, tmp_path: Path, settings: Any) -> dict[str, Any]:
    """A matter that Alice completed with a photo."""
    from linli.matters.tracking import tracking_code

    settings.MEDIA_ROOT = tmp_path / "files"
    matter = act(town, say(), "alice", "claim")
    file = media.store(photo())
    act(town, matter, "alice", "complete", files=(file,), note="已清运")
    return {
        "code": matter.code,
        "sha": file.sha256,
        "bundle": matter.bundle,
        "tracking": tracking_code(matter.pk),
        "matter": matter,
    }


def test_every_address_is_listed_here() -> None:
    """A new address without a line in the table fails."""
    found = {p.name for p in (*desk_urls.urlpatterns, *field_urls.urlpatterns) if isinstance(p, URLPattern)}
    assert found == set(PAGES) | POSTS


@pytest.mark.parametrize("name", list(PAGES))
def test_who_may_open_it(town: Town, one: dict[str, Any], name: str) -> None:
    address, expected = PAGES[name]
    outside = OUTSIDE if name != "track-file" else dict.fromkeys(OUTSIDE, 200)
    if name == "desk-taken":  # a code that nobody who sees the place may be refused
        expected = {k: v for k, v in expected.items() if v == 200} | {"olga": 403, "alice": 403}
    for who, status in (expected | outside).items():
        answer = client_of(town, who).get(address.format(**one))
        assert answer.status_code == status, (name, who, answer.status_code)
        if status >= 400:
            assert "13912345678" not in answer.content.decode()


@pytest.mark.parametrize("home", ["desk/m", "field/t"])
def test_a_stranger_changes_nothing(town: Town, home: str) -> None:
    matter = say()
    for who, status in {"amy": 404, "olga": 404, "sys": 403, "charlie": 403, "nobody": 302}.items():
        answer = client_of(town, who).post(f"/{home}/{matter.code}/step/claim", {"seen": "1"})
        assert answer.status_code == status, who
    matter.refresh_from_db()
    assert (matter.stage, matter.seq) == ("received", 1)


def test_a_form_without_its_token_is_refused(town: Town) -> None:
    from django.test import Client

    from tests.parties.people import sign_in

    matter = say()
    client = sign_in(Client(enforce_csrf_checks=True), town.people["alice"])
    for address in (f"/field/t/{matter.code}/step/claim", "/staff/photos", "/desk/notices/seen"):
        assert client.post(address, {}).status_code == 403, address


def test_a_file_belongs_to_its_matter(town: Town, one: dict[str, Any]) -> None:
    other = say("第二网格的路灯坏了", area=GRID2)
    vera, amy = client_of(town, "vera"), client_of(town, "amy")
    assert vera.get(f"/files/{one['code']}/{one['sha']}").status_code == 200
    assert vera.get(f"/files/{other.code}/{one['sha']}").status_code == 404
    assert amy.get(f"/files/{one['code']}/{one['sha']}").status_code == 404
    for sha in ("..%2f..%2fsecret", "../../secret", "0" * 64, one["sha"].upper(), one["sha"] + "%00"):
        assert vera.get(f"/files/{one['code']}/{sha}").status_code == 404, sha
    Evidence.objects.update(erased_at=one["matter"].opened_at)
    assert vera.get(f"/files/{one['code']}/{one['sha']}").status_code == 404


def test_a_file_is_served_so_that_it_stays_a_file(town: Town, one: dict[str, Any]) -> None:
    for address in (f"/files/{one['code']}/{one['sha']}", f"/t/{one['tracking']}/files/{one['sha']}"):
        answer = client_of(town, "alice").get(address)
        body = b"".join(answer.streaming_content)
        assert b"CANARY-GPS" not in body
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert "private" in answer.headers["Cache-Control"]
        assert answer.headers["Content-Type"] == "image/jpeg"
        small = client_of(town, "alice").get(address + "?small")
        assert b"CANARY-GPS" not in b"".join(small.streaming_content)


def test_an_uploaded_photo_is_only_its_senders(town: Town, tmp_path: Path, settings: Any) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    settings.MEDIA_ROOT = tmp_path / "files"
    matter = act(town, say(), "alice", "claim")
    sent = SimpleUploadedFile("x.jpg", photo(), "text/html")
    token = client_of(town, "amy").post("/staff/photos", {"photo": sent}).json()["token"]
    alice = client_of(town, "alice")
    form = {"seen": matter.seq, "note": "已清运", "photo_token": token}
    assert alice.post(f"/field/t/{matter.code}/step/complete", form).status_code == 422
    form["photo_token"] = token[:-3] + "abc"
    assert alice.post(f"/field/t/{matter.code}/step/complete", form).status_code == 422
    assert not Evidence.objects.exists()
    sent = SimpleUploadedFile("x.html", photo(), "text/html")
    form["photo_token"] = alice.post("/staff/photos", {"photo": sent}).json()["token"]
    assert alice.post(f"/field/t/{matter.code}/step/complete", form).status_code == 302
    assert Evidence.objects.get().media_type == "image/jpeg"


def test_a_right_that_ended_is_gone_at_the_next_request(town: Town) -> None:
    matter = say()
    vera = client_of(town, "vera")
    assert vera.get(f"/desk/m/{matter.code}").status_code == 200
    town.posts["vera"].valid_to = matter.opened_at
    town.posts["vera"].save()
    assert vera.get(f"/desk/m/{matter.code}").status_code == 403


def test_numbers_and_names_are_covered_where_they_need_not_be_seen(town: Town) -> None:
    matter = say()
    Matter.objects.filter(pk=matter.pk).update(holder_post=None, holder_unit=town.units["urban"])
    olga = client_of(town, "olga")
    for address in (f"/desk/m/{matter.code}", f"/field/t/{matter.code}", "/desk/list", "/desk", "/field"):
        page = olga.get(address).content.decode()
        assert "13912345678" not in page, address
    assert "13912345678" in client_of(town, "vera").get(f"/desk/m/{matter.code}").content.decode()
    assert "13912345678" not in client_of(town, "vera").get("/desk/list").content.decode()


def test_looking_is_on_the_record_once(town: Town) -> None:
    from linli.audit.models import Entry

    matter = say()
    vera = client_of(town, "vera")
    for _ in range(3):
        vera.get(f"/desk/m/{matter.code}")
    lines = Entry.objects.filter(target_kind="matter", target=str(matter.pk), verb="view")
    assert [line.data["name"] for line in lines] == ["Vera"]
    assert "Vera" in client_of(town, "bob").get(f"/desk/m/{matter.code}").content.decode()
