"""Residents' photos without a browser: stripped, shown, refused in words, kept beside a refusal, sent once."""

import io
import re
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from linli.kernel import clock
from linli.matters import media, queries
from linli.matters.models import Event, Evidence, Matter
from tests.matters.town import T0
from tests.web.desk_world import client_of

LAMP = "柳荫社区第一网格路灯不亮"
CANARY = "CANARY-29.5512-103.7654"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
TOKEN = re.compile(r'name="photo_token" value="([^"]+)"')


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture
def resident(town: Any) -> Client:
    """A browser that keeps cookies, in Chinese."""
    return Client(HTTP_ACCEPT_LANGUAGE="zh-CN")


def photo(red: int = 200) -> bytes:
    """A photo as a phone makes it: with the place where it was taken."""
    exif = Image.Exif()
    exif[0x010E] = CANARY
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2], gps[3], gps[4] = "N", (29.0, 33.0, 4.0), "E", (103.0, 45.0, 55.0)
    exif[0x8825] = gps
    out = io.BytesIO()
    Image.new("RGB", (320, 240), (red, 30, 30)).save(out, "JPEG", exif=exif, comment=CANARY.encode())
    return out.getvalue()


def form(files: Sequence[bytes] = (), **fields: Any) -> dict[str, Any]:
    """A form as a browser without scripts sends it."""
    sent = [SimpleUploadedFile("照片.jpg", data, "image/jpeg") for data in files]
    return {"text": LAMP, "key": "k" * 32, **fields} | ({"photo": sent} if sent else {})


def code_of(answer: Any) -> str:
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"]).split("/")[2]


def matter_of(code: str) -> Matter:
    found = queries.by_tracking(code)
    assert found is not None
    return found


def finish(code: str, town: Any) -> None:
    """Claim and complete the matter as its holder."""
    from linli.matters import actions

    alice = town.viewer("alice", clock.now())
    done = media.store(photo(7))
    actions.take(matter_of(code).pk, "claim", viewer=alice, at=clock.now())
    actions.take(matter_of(code).pk, "complete", viewer=alice, form={"note": "换了灯泡"}, files=[done], at=clock.now())


def test_a_photo_arrives_without_its_place_and_everybody_concerned_sees_it(resident: Client, town: Any) -> None:
    given = photo()
    assert CANARY.encode() in given
    code = code_of(resident.post("/", form([given])))
    item = Evidence.objects.get(matter=matter_of(code))
    assert (item.seq, item.kind, item.media_type, item.width) == (1, "photo", "image/jpeg", 320)
    for path in (media.path(item.sha256), media.thumb_path(item.sha256)):
        kept = path.read_bytes()
        assert CANARY.encode() not in kept
        with Image.open(io.BytesIO(kept)) as again:
            assert not again.getexif()
            assert again.getpixel((5, 5))[0] > 180
    address = f"/t/{code}/files/{item.sha256}"
    for page in (f"/t/{code}", f"/t/{code}/answer"):
        assert f"{address}?small" in resident.get(page).content.decode(), page
    assert b"".join(resident.get(address).streaming_content) == media.path(item.sha256).read_bytes()
    held = resident.get(f"/t/{code}/copy.json").json()
    assert held["history"][0]["files"] == [f"http://testserver{address}"]
    number = matter_of(code).code
    for name, page in (("alice", f"/field/t/{number}"), ("vera", f"/desk/m/{number}")):
        assert f"/files/{number}/{item.sha256}?small" in client_of(town, name).get(page).content.decode(), page
    assert item.sha256 in Event.objects.get(matter=matter_of(code), seq=1).data["files"]


@pytest.mark.parametrize(
    ("data", "words"), [(SVG, "SVG"), (b"<!doctype html><script>alert(1)</script>", "网页"), (b"\xff\xd8\xffx", "损坏")]
)
def test_what_is_no_photo_is_refused_in_words_and_the_text_stays(resident: Client, data: bytes, words: str) -> None:
    page = resident.post("/", form([data], name="王大妈"))
    text = page.content.decode()
    assert page.status_code in (415, 422)
    assert words in re.search(r'id="ll-refusal"[^>]*>(.*?)</div>', text, re.DOTALL)[1]  # type: ignore[index]
    assert LAMP in text
    assert "王大妈" in text
    assert Matter.objects.count() == 0
    assert not [path for path in Path(media.path("0" * 64)).parents[1].rglob("*") if path.is_file()]


def test_a_good_photo_beside_a_bad_one_is_kept_and_goes_with_the_next_sending(resident: Client) -> None:
    text = resident.post("/", form([photo(), SVG])).content.decode()
    tokens = TOKEN.findall(text)
    assert len(tokens) == 1
    assert 'src="data:image/jpeg;base64,' in text
    code = code_of(resident.post("/", form(photo_token=tokens)))
    assert Evidence.objects.filter(matter=matter_of(code)).count() == 1


def test_photos_kept_for_one_form_are_no_use_in_another(resident: Client) -> None:
    tokens = TOKEN.findall(resident.post("/", form([photo()], text=" ")).content.decode())
    assert len(tokens) == 1
    for key, token in (("z" * 32, tokens[0]), ("k" * 32, tokens[0][:-2] + "xx")):
        page = resident.post("/", form(key=key, photo_token=[token]))
        assert page.status_code == 422
        assert LAMP in page.content.decode()
    assert Evidence.objects.count() == 0


def test_more_than_three_are_refused_and_three_are_kept(resident: Client) -> None:
    page = resident.post("/", form([photo(red) for red in (10, 60, 110, 160)]))
    assert page.status_code == 422
    assert "最多3张" in page.content.decode()
    assert len(TOKEN.findall(page.content.decode())) == 3


def test_the_same_form_with_photos_twice_is_one_request(resident: Client) -> None:
    first = code_of(resident.post("/", form([photo(), photo(90)])))
    assert code_of(resident.post("/", form([photo(), photo(90)]))) == first
    assert (Matter.objects.count(), Evidence.objects.count()) == (1, 2)
    other = code_of(resident.post("/", form([photo(), photo(150)])))
    assert other != first, "another photo is another request"


def test_the_same_photo_twice_in_a_form_is_one(resident: Client) -> None:
    code = code_of(resident.post("/", form([photo(), photo()])))
    assert Evidence.objects.filter(matter=matter_of(code)).count() == 1


def test_every_matter_of_a_sentence_has_the_photo(resident: Client) -> None:
    resident.post("/", form([photo()], text="柳荫社区路灯不亮。另外，楼道里的垃圾也没人收。"))
    assert Matter.objects.count() >= 1
    assert set(Evidence.objects.values_list("matter", flat=True)) == set(Matter.objects.values_list("pk", flat=True))


def test_photos_with_what_is_added_and_with_what_is_not_solved(resident: Client, town: Any) -> None:
    code = code_of(resident.post("/", form()))
    assert resident.get(f"/t/{code}").content.decode().count('name="photo"') == 1
    added = resident.post(f"/t/{code}/step/add", form([photo(60)], note="今天拍的"), follow=True).content.decode()
    assert "已补充" in added
    assert "今天拍的" in added
    finish(code, town)
    resident.post(f"/t/{code}/step/not_solved", form([photo(90)], note="还是不亮"))
    assert matter_of(code).stage == "received"
    page = resident.get(f"/t/{code}").content.decode()
    for step, own in (("add", "您发的照片"), ("complete", "办理照片"), ("not_solved", "您发的照片")):
        event = Event.objects.get(matter=matter_of(code), step=step)
        item = Evidence.objects.get(matter=matter_of(code), seq=event.seq)
        assert re.search(rf'{item.sha256}\?small"[^>]*alt="{own}', page), step


def test_the_same_addition_twice_is_one(resident: Client) -> None:
    code = code_of(resident.post("/", form()))
    key = re.search(r'name="key" value="(\w+)"', resident.get(f"/t/{code}").content.decode())
    assert key
    for _ in range(2):
        answer = resident.post(f"/t/{code}/step/add", form([photo()], note="在三楼", key=key[1]))
        assert answer.status_code == 302
    assert Event.objects.filter(matter=matter_of(code), step="add").count() == 1
    resident.post(f"/t/{code}/step/add", form([photo()], note="在四楼", key=key[1]))
    assert Event.objects.filter(matter=matter_of(code), step="add").count() == 2


def test_an_addition_with_a_bad_photo_keeps_its_words_and_its_good_photo(resident: Client) -> None:
    code = code_of(resident.post("/", form()))
    page = resident.post(f"/t/{code}/step/add", form([photo(), SVG], note="今天拍的"))
    text = page.content.decode()
    assert page.status_code == 415
    assert "SVG" in text
    assert "今天拍的" in text
    tokens = TOKEN.findall(text)
    assert len(tokens) == 1
    resident.post(f"/t/{code}/step/add", form(note="今天拍的", photo_token=tokens))
    assert Evidence.objects.filter(matter=matter_of(code)).count() == 1


def test_steps_that_take_no_photos_store_none(resident: Client) -> None:
    code = code_of(resident.post("/", form()))
    resident.post(f"/t/{code}/step/correct", form([photo()], note="是第二网格"))
    assert matter_of(code).stage == "triage"
    assert Evidence.objects.count() == 0


def test_twenty_a_minute_and_what_was_written_stays(resident: Client) -> None:
    with clock.at(T0):
        for number in range(20):
            code_of(resident.post("/", form(text=f"{LAMP}{number}")))
        page = resident.post("/", form([photo()], name="王大妈"))
        assert resident.get("/").status_code == 200, "reading is not limited"
        assert Client(REMOTE_ADDR="192.0.2.7").post("/", form(text=f"{LAMP}20")).status_code == 302
    text = page.content.decode()
    assert page.status_code == 429
    assert 1 <= int(page["Retry-After"]) <= 60
    assert "提交过于频繁" in text
    assert "照片没有留下" in text
    assert LAMP in text
    assert "王大妈" in text
    assert Matter.objects.count() == 21
    with clock.at(T0 + timedelta(minutes=1)):
        code_of(resident.post("/", form()))


def test_kept_photos_survive_the_limit(resident: Client) -> None:
    tokens = TOKEN.findall(resident.post("/", form([photo()], text=" ")).content.decode())
    with clock.at(T0):
        for number in range(20):
            resident.post("/", form(text=f"{LAMP}{number}"))
        page = resident.post("/", form(photo_token=tokens))
    assert page.status_code == 429
    assert TOKEN.findall(page.content.decode()) == tokens


def test_in_english(town: Any) -> None:
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    assert "Take or choose photos" in client.get("/").content.decode()
    text = client.post("/", form([SVG], text="the lamp is out")).content.decode()
    assert "an SVG drawing" in text
    assert "the lamp is out" in text
