"""Has it been reported? What residents and staff are told while typing, and what staff decide."""

from typing import Any

import pytest
from django.test import Client

from linli.kernel import clock
from linli.matters import likeness
from linli.matters.likeness_index import Follower, shared
from linli.matters.models import Likeness, Matter, Statement
from tests.matters.town import GRID2, Town
from tests.web.desk_world import act, client_of

pytestmark = pytest.mark.django_db
LAMP = "柳荫社区第一网格3栋楼下的路灯坏了，晚上看不见路"
AGAIN = "柳荫社区第一网格三号楼门口街灯不亮好几天了"


@pytest.fixture
def index(town: Town, monkeypatch: pytest.MonkeyPatch) -> Follower:
    """The process's index, filled here instead of in its thread, which would not see the test's transaction."""
    follower = Follower()
    follower.fill(clock.now())
    monkeypatch.setattr(shared, "_follower", follower)
    return follower


def say(text: str, **more: Any) -> Matter:
    from linli.matters.intake import Request, receive

    got = receive(Request(text, "page", **more), at=clock.now())
    return Matter.objects.get(pk=got.items[0].id)


def ask(text: str, **more: str) -> str:
    answer = Client(HTTP_ACCEPT_LANGUAGE="zh-CN").post("/alike", {"text": text, **more})
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_resident_is_told_how_many_and_where_but_not_a_word_of_theirs(index: Follower) -> None:
    say(LAMP + "，我叫张三", contact_name="张三", contact_phone="13912345678")
    say(AGAIN)
    index.follow(clock.now())
    said = ask("柳荫社区第一网格3栋的路灯不亮")
    assert "已有 2 件类似的反映" in said
    assert "柳荫社区" in said
    for secret in ("张三", "139", "看不见路", "好几天"):
        assert secret not in said


@pytest.mark.parametrize(
    "text",
    [
        "",
        "路灯",
        "柳荫社区第一网格3栋的垃圾没人收",
        "柳荫社区第一网格3栋有人打老婆，快来救命",
        "路灯不亮",
        "x" * 5000,
    ],
)
def test_a_resident_is_told_nothing_where_nothing_may_be_said(index: Follower, text: str) -> None:
    say(LAMP)
    say("柳荫社区第一网格3栋有人打老婆，快来救命")
    index.follow(clock.now())
    assert ask(text).strip() == ""


def test_what_is_private_or_closed_or_erased_or_elsewhere_is_not_counted(town: Town, index: Follower) -> None:
    for text in ("柳荫社区第一网格3栋路灯坏了，邻居吵架打起来了要求调解", "柳荫社区第一网格的低保没发到"):
        say(text)
    gone = say(LAMP)
    elsewhere = say(AGAIN)
    index.follow(clock.now())
    Matter.objects.filter(pk=elsewhere.pk).update(area="990102001009001")
    Statement.objects.filter(pk=gone.pk).update(erased_at=clock.now())
    assert ask("柳荫社区第一网格3栋的路灯不亮").strip() == ""
    assert ask("柳荫社区第一网格的低保没发").strip() == ""


def test_bad_coordinates_and_floods_of_questions_are_answered_quietly(index: Follower) -> None:
    assert ask(LAMP, lon="abc", lat="999").strip() == ""
    assert ask(LAMP, lon="999", lat="999").strip() == ""
    client = Client()
    answers = [client.post("/alike", {"text": LAMP}).status_code for _ in range(130)]
    assert answers[-1] == 204
    assert Client().get("/alike").status_code == 405


def test_nothing_is_said_while_the_index_is_being_filled(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    say(LAMP)
    monkeypatch.setattr(shared, "_follower", Follower())
    assert ask(AGAIN).strip() == ""


def test_me_too_is_an_own_matter_marked_for_staff(town: Town, index: Follower) -> None:
    first = say(LAMP)
    index.follow(clock.now())
    answer = Client(HTTP_ACCEPT_LANGUAGE="zh-CN").post("/", {"text": AGAIN, "key": "abc", "join": "1"}, follow=True)
    assert "您说这和附近正在办的事是同一件" in answer.content.decode()
    mine = Matter.objects.exclude(pk=first.pk).get()
    row = Likeness.objects.get()
    assert (row.matter_id, row.other_id, row.claimed, row.decided) == (mine.pk, first.pk, True, "")
    assert mine.merged_into_id is None
    page = client_of(town, "vera").get(f"/desk/m/{mine.code}").content.decode()
    assert "居民自己说是同一件事" in page


def test_the_desk_shows_candidates_with_reasons_and_one_click_decides(town: Town, index: Follower) -> None:
    first, later = say(LAMP, contact_phone="13912345678"), say(AGAIN, contact_phone="139-1234-5678")
    likeness.pass_once(index, clock.now(), [])
    client = client_of(town, "vera")
    page = client.get(f"/desk/m/{later.code}").content.decode()
    assert first.code in page
    assert "同一人重复反映" in page
    assert "在同一个网格" in page
    answer = client.post(f"/desk/m/{later.code}/alike/{first.code}/different")
    assert answer.status_code == 302
    for code in (later.code, first.code):
        held = client.get(f"/desk/m/{code}").content.decode()
        assert "可能是同一个问题" not in held
    assert Likeness.objects.get().decided == "different"


def test_merging_from_the_card_settles_it(town: Town, index: Follower) -> None:
    first, later = say(LAMP), say(AGAIN)
    likeness.pass_once(index, clock.now(), [])
    act(town, later, "vera", "merge", into=first.code)
    assert Likeness.objects.get().decided == "same"


def test_only_the_centre_over_both_decides(town: Town, index: Follower) -> None:
    first, later = say(LAMP), say(AGAIN)
    likeness.pass_once(index, clock.now(), [])
    address = f"/desk/m/{later.code}/alike/{first.code}/different"
    for who in ("nobody", "alice", "olga", "sys"):
        assert client_of(town, who).post(address).status_code in (302, 403, 404)
    assert client_of(town, "vera").post(f"/desk/m/{later.code}/alike/9999-1-1/different").status_code == 404
    assert Likeness.objects.get().decided == ""


def test_the_operator_sees_it_while_typing_and_only_what_is_theirs(town: Town, index: Follower) -> None:
    first = say(LAMP, contact_phone="13912345678")
    index.follow(clock.now())
    client = client_of(town, "vera")
    typed = {"text": AGAIN, "phone": "13912345678"}
    said = client.post("/desk/new/reading", typed).content.decode()
    assert first.code in said
    assert "同一人重复反映" in said
    Matter.objects.filter(pk=first.pk).update(area="990199001001001", holder_post=None, holder_unit=None)
    assert first.code not in client.post("/desk/new/reading", typed).content.decode()


def test_the_api_tells_staff_of_duplicates(town: Town, index: Follower) -> None:
    first, later = say(LAMP), say(AGAIN, area=GRID2[:12] + "001")
    likeness.pass_once(index, clock.now(), [])
    held = client_of(town, "vera").get(f"/api/v1/matters/{later.pk}").json()
    assert [one["code"] for one in held["duplicates"]] == [first.code]
    assert held["duplicates"][0]["reasons"]
    assert held["duplicates"][0]["same_person"] is False
