"""The grid worker's pages: the next task first, one main button, photos, refusals that keep what was typed."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from linli.kernel import clock
from linli.matters.models import Clock, Evidence, Matter
from tests.matters.town import Town
from tests.web.desk_world import act, client_of, photo, say

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"


def test_the_soonest_deadline_is_the_next_task(town: Town) -> None:
    later, soon = say("第一网格路灯不亮"), say()
    Matter.objects.filter(pk=soon.pk).update(due_at=clock.now() + timedelta(minutes=1))
    page = client_of(town, "alice").get("/field").content.decode()
    assert page.index(soon.code) < page.index(later.code)
    assert page.count('data-main="claim"') == 1
    assert "现在没有任务" in client_of(town, "amy").get("/field").content.decode()


def test_claim_note_pause_resume_and_complete_with_a_photo(town: Town) -> None:
    matter, alice = say(), client_of(town, "alice")
    base = f"/field/t/{matter.code}"
    assert alice.post(f"{base}/step/claim", {"seen": 1, "note": "十分钟到"}).headers["Location"] == base
    assert 'data-main="complete"' in alice.get("/field").content.decode()
    assert alice.post(f"{base}/step/progress", {"seen": 2, "note": "已到现场"}).status_code == 302
    assert alice.post(f"{base}/step/pause", {"seen": 3, "reason": "parts", "note": "等锁具"}).status_code == 302
    assert Clock.objects.filter(matter=matter, state="paused").count() == 1
    page = alice.get(base).content.decode()
    assert "等待材料或配件" in page
    assert 'data-main="resume"' not in alice.get("/field").content.decode()  # done work may be completed at once
    assert alice.post(f"{base}/step/resume", {"seen": 4}).status_code == 302
    files = [
        SimpleUploadedFile("现场.jpg", photo(), "image/jpeg"),
        SimpleUploadedFile("../../x.png", photo((80, 60)), "image/png"),
    ]
    answer = alice.post(f"{base}/step/complete", {"seen": 5, "note": "已清运", "photo": files})
    assert answer.headers["Location"] == "/field"
    assert Evidence.objects.filter(matter=matter, kind="photo").count() == 2
    matter.refresh_from_db()
    assert matter.stage == "answered"
    page = alice.get(base).content.decode()
    assert "十分钟到" in page
    assert page.count("?small") == 2


def test_completing_without_the_photo_is_refused_and_keeps_the_note(town: Town) -> None:
    matter, alice = act(town, say("第一网格路灯不亮"), "alice", "claim"), client_of(town, "alice")
    address = f"/field/t/{matter.code}/step/complete"
    answer = alice.post(address, {"seen": 2, "note": "换了灯泡"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'data-code="evidence_missing"' in page
    assert ">换了灯泡</textarea>" in page
    token = alice.post("/staff/photos", {"photo": SimpleUploadedFile("a", photo())}).json()["token"]
    again = alice.post(address, {"seen": 2, "photo_token": token})
    assert again.status_code == 422
    assert token in again.content.decode()  # the photo is not sent twice
    assert alice.post(address, {"seen": 2, "note": "换了灯泡", "photo_token": token}).status_code == 302


def test_an_upload_that_is_no_photo_is_refused_in_words(town: Town) -> None:
    alice = client_of(town, "alice")
    bad = SimpleUploadedFile("photo.jpg", b"<svg onload=alert(1)>", "image/jpeg")
    answer = alice.post("/staff/photos", {"photo": bad})
    assert answer.status_code == 415
    assert "SVG" in answer.json()["error"]
    assert alice.post("/staff/photos", {}).status_code == 422


def test_handing_back_needs_a_reason(town: Town) -> None:
    matter, alice = say(), client_of(town, "alice")
    address = f"/field/t/{matter.code}/step/hand_back"
    assert alice.post(address, {"seen": 1}).status_code == 422
    assert alice.post(address, {"seen": 1, "reason": "属物业责任"}).status_code == 302
    matter.refresh_from_db()
    assert matter.stage == "triage"
    assert matter.holder_post_id == town.posts["vera"].pk


def test_unknown_steps_and_forms_are_refused_not_broken(town: Town) -> None:
    matter, alice = say(), client_of(town, "alice")
    assert alice.get(f"/field/t/{matter.code}/step/fly").status_code == 404
    assert alice.post(f"/field/t/{matter.code}/step/complete", {"seen": "x" * 50, "note": "x"}).status_code == 409
    assert alice.get("/field/t/%00").status_code == 404
    assert alice.get("/field/t/" + "9" * 400).status_code == 404
    assert (
        alice.post(f"/field/t/{matter.code}/step/claim", {"seen": 1}, headers={"HX-Request": "true"}).status_code == 204
    )


def test_the_map_of_a_task_has_its_outline_and_the_pin(town: Town) -> None:
    matter = say(lon=103.705, lat=29.505, area="")
    found = client_of(town, "alice").get(f"/field/t/{matter.code}/map.json").json()
    assert [f["geometry"]["type"] for f in found["features"]] == ["Polygon", "Point"]
