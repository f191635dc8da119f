"""The resident's pages without a browser: intake, refusals, rights by code, steps, copies, limits."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from linli.kernel import clock

LAMP = "柳荫社区第一网格路灯不亮"
CANARY = "<script>alert('xss-canary')</script>"


def say(client: Client, text: str = LAMP, **extra: str) -> str:
    """Say *text*; the private code."""
    answer = client.post("/", {"text": text, "key": "k" * 32, **extra})
    assert answer.status_code == 302, answer.content.decode()
    found = re.fullmatch(r"/t/([2-9A-HJ-NP-Z]{12})/answer", answer["Location"])
    assert found, answer["Location"]
    return found[1]


def matter_of(code: str) -> Any:
    from linli.matters import queries

    found = queries.by_tracking(code)
    assert found is not None
    return found


def count() -> int:
    from linli.matters.models import Matter

    return Matter.objects.count()


@pytest.fixture
def resident(town: Any) -> Client:
    """A browser that keeps cookies, in Chinese."""
    return Client(HTTP_ACCEPT_LANGUAGE="zh-CN", enforce_csrf_checks=False)


def test_the_answer_shows_what_was_understood_and_who_has_it(resident: Client) -> None:
    code = say(resident, contact_name="", phone="13800000000")
    page = resident.get(f"/t/{code}/answer")
    text = page.content.decode()
    for part in (
        "收到了",
        "路灯",
        "望江街道 · 柳荫社区 · 第一网格",
        "Alice",
        "柳荫社区综治中心",
        "data-ll-clock",
        code[:4],
    ):
        assert part in text
    assert page["Cache-Control"].startswith("max-age=0")
    assert page["X-Robots-Tag"] == "noindex"


def test_the_same_form_twice_is_one_request_and_another_text_is_another(resident: Client) -> None:
    assert say(resident) == say(resident)
    assert count() == 1
    assert say(resident, "柳荫社区垃圾没人收") != say(resident)
    assert count() == 2


def test_without_a_key_every_post_counts(resident: Client) -> None:
    assert say(resident, key="") != say(resident, key="")


@pytest.mark.parametrize(
    ("form", "part"),
    [
        ({"text": "   "}, "请用一句话说说"),
        ({"text": LAMP, "lon": "oben", "lat": "29.5"}, "坐标有误"),
        ({"text": LAMP, "lon": "nan", "lat": "29.5"}, "坐标有误"),
        ({"text": "字" * 20_001}, "最多20000个字"),
    ],
)
def test_a_refusal_says_what_to_do_and_keeps_the_words(resident: Client, form: dict[str, str], part: str) -> None:
    page = resident.post("/", {**form, "name": "王大妈", "phone": "13800000000"})
    text = page.content.decode()
    assert page.status_code in (400, 422)
    assert part in text
    assert 'role="alert"' in text
    assert "王大妈" in text
    assert form["text"] in text
    assert count() == 0


def test_what_people_write_is_escaped(resident: Client) -> None:
    code = say(resident, f"{LAMP}{CANARY}", name=CANARY)
    resident.post(f"/t/{code}/step/add", {"note": CANARY})
    for path in (f"/t/{code}", f"/t/{code}/answer", f"/t/{code}/now"):
        text = resident.get(path).content.decode()
        assert CANARY not in text
        assert "&lt;script&gt;alert(&#x27;xss-canary" in text


def test_correct_withdraw_object(resident: Client) -> None:
    code = say(resident)
    done = resident.post(f"/t/{code}/step/correct", {"note": "是第二网格"}, follow=True)
    assert "已更正" in done.content.decode()
    assert "是第二网格" in done.content.decode()
    assert matter_of(code).stage == "triage"
    resident.post(f"/t/{code}/step/withdraw")
    assert matter_of(code).stage == "withdrawn"
    page = resident.get(f"/t/{code}").content.decode()
    assert "已停止计时" in page
    assert "按时完成" not in page  # nobody did anything
    resident.post(f"/t/{code}/step/object", {"note": "还是坏的"})
    assert matter_of(code).stage == "triage"


def test_a_refused_step_keeps_what_was_typed(resident: Client) -> None:
    code = say(resident)
    long = "长" * 501
    page = resident.post(f"/t/{code}/step/correct", {"note": long})
    assert page.status_code == 422
    assert long in page.content.decode()
    assert "最多500个字" in page.content.decode()
    assert resident.get(f"/t/{code}/step/correct")["Location"] == f"/t/{code}"


def test_steps_of_staff_are_not_the_residents(resident: Client) -> None:
    code = say(resident)
    for step in ("claim", "assign", "complete", "set_aside", "merge", "nonsense"):
        page = resident.post(f"/t/{code}/step/{step}", {"note": "x"})
        assert page.status_code in (403, 404, 409), step
    assert matter_of(code).stage == "received"


def finish(code: str, town: Any) -> None:
    """Claim and complete the matter as its holder."""
    from linli.matters import actions
    from linli.matters.apply import File

    matter, alice = matter_of(code), town.viewer("alice", clock.now())
    actions.take(matter.pk, "claim", viewer=alice, form={"note": "马上到"}, at=clock.now())
    photo = File("photo", "a" * 64, "image/jpeg", 10)
    actions.take(matter.pk, "complete", viewer=alice, form={"note": "换了灯泡"}, files=[photo], at=clock.now())


def test_solved_with_a_rating(resident: Client, town: Any) -> None:
    code = say(resident)
    finish(code, town)
    page = resident.get(f"/t/{code}").content.decode()
    assert "办好了吗" in page
    assert "换了灯泡" in page
    assert f"/t/{code}/files/{'a' * 64}?small" in page
    resident.post(f"/t/{code}/step/solved", {"rating": "5", "note": "谢谢"})
    assert (matter_of(code).stage, matter_of(code).rating) == ("closed", 5)


def test_not_solved_goes_up(resident: Client, town: Any) -> None:
    code = say(resident)
    finish(code, town)
    page = resident.post(f"/t/{code}/step/not_solved", {"note": "又坏了"}, follow=True).content.decode()
    assert matter_of(code).stage == "received"
    assert matter_of(code).level == "village"
    assert "上一级" in page


def test_a_pause_shows_its_reason(resident: Client, town: Any) -> None:
    from linli.matters import actions

    code = say(resident)
    alice = town.viewer("alice", clock.now())
    actions.take(matter_of(code).pk, "claim", viewer=alice, at=clock.now())
    form = {"reason": "weather", "note": "暴雨"}
    actions.take(matter_of(code).pk, "pause", viewer=alice, form=form, at=clock.now())
    page = resident.get(f"/t/{code}").content.decode()
    assert "计时暂停" in page
    assert "恶劣天气" in page


def test_a_red_clock_says_so_by_shape_and_word(resident: Client) -> None:
    code = say(resident)
    with clock.at(clock.now() + timedelta(minutes=6)):
        page = resident.get(f"/t/{code}").content.decode()
    assert "ll-is-red" in page
    assert "■" in page
    assert "已超时" in page


def test_several_matters_in_one_sentence(resident: Client) -> None:
    code = say(resident, "柳荫社区路灯不亮。另外，楼道里的垃圾也没人收。")
    if count() > 1:  # how many parts is the understanding's business; that each is reachable is ours
        page = resident.get(f"/t/{code}/answer").content.decode()
        assert page.count("data-ll-clock") >= count()
        assert "同一句话里的其他事" in resident.get(f"/t/{code}").content.decode()


def test_who_looked_is_shown(resident: Client, town: Any) -> None:
    from linli.matters import actions

    code = say(resident)
    actions.look(matter_of(code), viewer=town.viewer("vera", clock.now()), at=clock.now())
    assert "Vera" in resident.get(f"/t/{code}").content.decode()


def test_a_copy_holds_what_was_said(resident: Client) -> None:
    code = say(resident, phone="13800000000", name="王大妈")
    answer = resident.get(f"/t/{code}/copy.json")
    held = json.loads(answer.content)
    assert held["said"]["text"] == LAMP
    assert held["said"]["contact_phone"] == "13800000000"
    assert held["history"][0]["what"] == "收到您的诉求"
    assert "attachment" in answer["Content-Disposition"]


def test_asking_for_erasure_is_a_matter_of_its_own_once(resident: Client) -> None:
    code = say(resident)
    first = resident.post(f"/t/{code}/erase")["Location"]
    assert resident.post(f"/t/{code}/erase")["Location"] == first
    assert first != f"/t/{code}"
    assert count() == 2
    assert matter_of(code).code in resident.get(first).content.decode()


def test_after_erasure_the_page_still_stands(resident: Client, town: Any) -> None:
    from linli.matters import erasure

    code = say(resident, name="王大妈", phone="13800000000")
    resident.post(f"/t/{code}/step/add", {"note": "我住三楼"})
    resident.post(f"/t/{code}/step/withdraw")
    viewer = town.viewer("bob", clock.now())
    erasure.erase(matter_of(code).pk, viewer=viewer, reason="本人申请", at=clock.now())
    for path in ("", "/answer", "/copy.json"):
        page = resident.get(f"/t/{code}{path}")
        assert page.status_code == 200
        for gone in (LAMP, "王大妈", "13800000000", "我住三楼"):
            assert gone not in page.content.decode()
    assert "个人信息已按申请删除" in resident.get(f"/t/{code}").content.decode()


def test_the_qr_code_leads_to_the_page(resident: Client) -> None:
    code = say(resident)
    answer = resident.get(f"/t/{code}/qr.svg")
    assert answer["Content-Type"] == "image/svg+xml"
    assert b"<svg" in answer.content


def test_codes_may_be_typed_loosely_but_not_guessed(resident: Client) -> None:
    code = say(resident)
    loose = f" {code[:4].lower()}-{code[4:8]} {code[8:]} "
    assert resident.post("/t", {"code": loose})["Location"] == f"/t/{code}"
    for number in range(20):
        page = resident.post("/t", {"code": f"ABCDEFGH{number:04d}".replace("0", "X").replace("1", "Y")})
        assert page.status_code == 404
    assert resident.post("/t", {"code": "ABCDEFGHJKLM"}).status_code == 429
    assert resident.get(f"/t/{code}").status_code == 429, "guessing stops reading, too"
    with clock.at(clock.now() + timedelta(minutes=2)):
        assert resident.get(f"/t/{code}").status_code == 200


@pytest.mark.parametrize("path", ["", "/answer", "/now", "/steps", "/qr.svg", "/copy.json"])
def test_a_wrong_code_opens_nothing(resident: Client, path: str) -> None:
    say(resident)
    for wrong in ("ABCDEFGHJKLM", "0", "x" * 300, "%00"):
        assert resident.get(f"/t/{wrong}{path}").status_code == 404


def test_the_code_of_one_matter_is_not_the_right_to_another(resident: Client) -> None:
    mine, other = say(resident), say(resident, "柳荫社区垃圾没人收")
    text = resident.get(f"/t/{mine}").content.decode()
    assert other not in text
    assert matter_of(other).code not in text


def test_pages_in_english(town: Any) -> None:
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    code = say(client)
    for path, part in (("/", "What is wrong, and where?"), (f"/t/{code}/answer", "We have it"), (f"/t/{code}", "min")):
        assert part in client.get(path).content.decode()
    tracked = client.get(f"/t/{code}").content.decode()
    left = set(re.findall(r"[\u4e00-\u9fff]{2,}", re.sub(r"<[^>]*>", " ", tracked)))
    names = {
        "邻里",
        "中文",
        "云汀市",
        "临江区",
        "望江街道",
        "柳荫社区",
        "第一网格",
        "柳荫社区综治中心",
        "柳荫社区第一网格路灯不亮",
    }
    assert left <= names


def test_reading_a_page_takes_few_queries(resident: Client, django_assert_max_num_queries: Any) -> None:
    code = say(resident)
    resident.get(f"/t/{code}")
    with django_assert_max_num_queries(10):
        resident.get(f"/t/{code}")
    with django_assert_max_num_queries(2):
        resident.get("/")


def test_a_form_without_its_token_says_what_happened(town: Any) -> None:
    client = Client(enforce_csrf_checks=True, HTTP_ACCEPT_LANGUAGE="zh-CN")
    page = client.post("/", {"text": LAMP})
    assert page.status_code == 403
    assert "页面已过期" in page.content.decode()
    assert count() == 0


def test_the_policy_of_content_is_strict(resident: Client) -> None:
    code = say(resident)
    for path in ("/", "/t", f"/t/{code}", f"/t/{code}/answer", "/help", "/privacy", "/nowhere"):
        page = resident.get(path)
        text = page.content.decode()
        assert "unsafe" not in page["Content-Security-Policy"]
        assert "default-src 'self'" in page["Content-Security-Policy"]
        assert re.search(r"\sstyle=|\son\w+=|javascript:", text) is None, path
        assert re.search(r"<script(?![^>]*(src=|application/json))", text) is None, path
        assert re.search(r'(src|href)="https?://', text) is None, path


def test_outlines_for_the_map(resident: Client) -> None:
    whole = resident.get("/map/areas.json")
    assert [f["properties"]["area"] for f in json.loads(whole.content)["features"]] == ["990102001"]
    fine = json.loads(resident.get("/map/areas.json?in=990102001").content)
    assert len(fine["features"]) == 2
    again = resident.get("/map/areas.json", headers={"if-none-match": whole["ETag"]})
    assert again.status_code == 304
    assert resident.get("/map/areas.json?in=' OR 1=1").status_code == 200


def test_what_nobody_holds_says_who_was_told_and_they_were(resident: Client, town: Any) -> None:
    from linli.channels.notify import send_once
    from linli.matters import reference
    from linli.matters.models import Notice
    from linli.parties import actions as parties
    from linli.parties.access import SYSTEM

    def away(*names: str) -> None:
        for name in names:
            span = {"away_from": clock.now() - timedelta(minutes=1), "away_to": clock.now() + timedelta(hours=1)}
            parties.record_absence(town.posts[name].pk, actor=SYSTEM, at=clock.now(), reason="休假", **span)
        reference.current(fresh=True)

    def told(code: str) -> tuple[str, set[str]]:
        while send_once(clock.now() + timedelta(seconds=1)):
            pass
        rows = Notice.objects.filter(matter=matter_of(code))
        return resident.get(f"/t/{code}").content.decode(), {row.post.person.name for row in rows}

    away("alice", "amy", "vera", "bob", "carl", "dora", "olga", "oscar")
    page, names = told(say(resident))
    assert "各级中心目前均无人在岗" in page
    assert "已收到提醒" not in page
    assert names == {"Vera"}  # it waits for the nearest
    code = say(resident, "柳荫社区第二网格垃圾没人收")
    from linli.parties.models import Absence

    Absence.objects.filter(post=town.posts["carl"]).delete()
    reference.forget()
    Notice.objects.all().delete()
    resident.post(f"/t/{code}/step/ask_person")
    page, names = told(code)
    assert names == {"Carl"}


def test_a_doubtful_category_is_said_to_be_one_and_refused_with_one_click(resident: Client) -> None:
    from linli.matters.models import Correction

    code = say(resident, "柳荫社区第一网格孩子放学没人接")
    matter = matter_of(code)
    assert not matter.statement.reading["part"]["sure"]
    for page in (f"/t/{code}/answer", f"/t/{code}"):
        text = resident.get(page).content.decode()
        assert "初步理解为" in text
        assert "工作人员会核对" in text
    answer = resident.post(f"/t/{code}/step/correct", {"seen": matter.seq})
    assert answer.status_code in (302, 303)
    assert Correction.objects.filter(matter=matter, field="category", chosen="").exists()
    assert "初步理解为" not in resident.get(f"/t/{say(resident, LAMP + '好几天了')}/answer").content.decode()
