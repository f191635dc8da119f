"""Pages of matters of declared kinds: a resident opens, the other side agrees by link, a mediator works."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.matters.town import Town

FORM = {
    "facts": "楼上漏水，把我家天花板泡坏了。",
    "topic": "neighbour",
    "name": "王小明",
    "phone": "13812345678",
    "other_name": "李四海",
    "other_phone": "13912345678",
    "key": "abc123",
}


@pytest.fixture
def town(db: None) -> "Iterator[Town]":
    from django.core.cache import cache

    from linli.matters import reference
    from tests.matters.town import build_town, staff

    cache.clear()
    made = build_town()
    staff(made, "mia", "mediation", "officer", made_kind="mediation")
    reference.forget()
    yield made
    reference.forget()


@pytest.fixture
def mia(town: "Town") -> Any:
    from django.test import Client

    from tests.parties.people import sign_in

    return sign_in(Client(), town.people["mia"])


def opened(client: Any, **extra: str) -> Any:
    from linli.matters.models import Matter
    from tests.matters.town import VILLAGE

    answer = client.post("/open/mediation", {**FORM, "area": VILLAGE, **extra})
    assert answer.status_code == 302, answer.content.decode()[:2000]
    return Matter.objects.get(), answer["Location"]


def test_a_resident_sees_what_can_be_opened(town: "Town", client: Any) -> None:
    page = client.get("/services").content.decode()
    assert "人民调解" in page
    assert "司法确认" not in page
    assert "吹哨" not in page
    form = client.get("/open/mediation").content.decode()
    assert "data-when" in form
    assert "人民调解法第17条" in form
    assert client.get("/open/request").status_code == 404


def test_opening_keeps_what_was_typed_when_refused(town: "Town", client: Any) -> None:
    answer = client.post("/open/mediation", {**FORM, "phone": "12"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert FORM["facts"] in page
    assert "电话号码有误" in page
    from linli.matters.models import Matter

    assert Matter.objects.count() == 0


def test_the_whole_way_in_pages(town: "Town", client: Any, mia: Any) -> None:
    from linli.matters.tracking import tracking_code

    row, address = opened(client)
    page = client.get(address).content.decode()
    assert "您已同意参加" in page
    assert FORM["facts"] in page
    assert "退出调解" in page
    assert "同意调解" not in page  # who applied has agreed
    other = row.participants.get(role="respondent")
    link = f"/p/{tracking_code(other.pk)}"
    theirs = client.get(link).content.decode()
    assert "请您决定是否参加" in theirs
    assert FORM["facts"] not in theirs
    assert FORM["phone"] not in theirs
    assert client.post(f"{link}/step/consent").status_code == 302
    staff_page = mia.get(f"/case/{row.code}").content.decode()
    assert "还差什么" in staff_page
    assert "已同意" in staff_page
    assert "王小明" in staff_page
    post = str(town.posts["mia"].pk)
    for step, form in (
        ("name_mediator", {"post": post}),
        ("begin", {}),
        ("invite", {"session_at": "2026-12-02T09:30", "session_place": "调解室"}),
        ("agree", {"form": "written", "terms": "三日内修好。", "note": "双方签字", "effective_on": "2026-11-24",
                   "perform_by": "2026-12-01"}),
    ):  # fmt: skip
        assert mia.get(f"/case/{row.code}/step/{step}").status_code == 200
        answer = mia.post(f"/case/{row.code}/step/{step}", form)
        assert answer.status_code == 302, (step, answer.content.decode()[:3000])
    final = mia.get(f"/case/{row.code}").content.decode()
    assert "人调字第1号" in final
    assert "共同申请司法确认" in final
    assert "民事诉讼法（2023）" in final
    row.refresh_from_db()
    assert row.stage == "agreed"


def test_a_bad_answer_is_refused_with_words(town: "Town", client: Any, mia: Any) -> None:
    row, _ = opened(client)
    answer = mia.post(f"/case/{row.code}/step/begin", {})
    assert answer.status_code == 409
    assert "双方当事人都同意后才能开始调解" in answer.content.decode()


def test_others_find_nothing(town: "Town", client: Any) -> None:
    from django.test import Client

    from tests.parties.people import sign_in

    row, _ = opened(client)
    for name in ("vera", "bob", "olga"):
        assert sign_in(Client(), town.people[name]).get(f"/case/{row.code}").status_code == 404
    assert client.get("/p/AAAABBBBCCCC").status_code == 404


def test_english(town: "Town", client: Any, mia: Any) -> None:
    _row, address = opened(client)
    page = client.get(address, headers={"Accept-Language": "en"}).content.decode()
    assert "Other party" not in page
    assert "Applicant" in page
    assert "You have agreed" in page
