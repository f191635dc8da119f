"""The machine's suggestion as buttons: one click decides, the decision is on the record, the named holder stays."""

import re

import pytest

from linli.kernel import declarations
from linli.matters import reference, steering
from linli.matters.models import Advice, Correction, Event, Matter
from tests.matters.town import CITY, GRID, T0, Town
from tests.web.desk_world import act, client_of, say


@pytest.fixture
def bob(town: Town):  # type: ignore[no-untyped-def]
    return client_of(town, "bob")


def guess_of(matter: Matter):  # type: ignore[no-untyped-def]
    return matter.statement.reading["part"]["category"]


def other_than(code: str) -> str:
    return next(c for c, terms in reference.current().terms.items() if c != code and not terms.urgent)


def buttons(html: str) -> list[str]:
    return re.findall(r'<button[^>]*name="category" value="([^"]+)"', html)


def post(client, matter: Matter, **form: str):  # type: ignore[no-untyped-def]
    return client.post(f"/desk/m/{matter.code}/step/classify", {"seen": str(matter.seq), **form})


def test_the_page_offers_the_suggestion_with_reasons_and_keys(town: Town, bob) -> None:  # type: ignore[no-untyped-def]
    matter = say("柳荫社区第一网格路灯不亮")
    guess = guess_of(matter)
    html = bob.get(f"/desk/m/{matter.code}").content.decode()
    assert guess["code"] not in buttons(html), "what it already is is no button"
    assert reference.current().catalogue.by_code[guess["code"]].path.zh in html
    assert guess["reasons"][0]["zh"] in html
    assert f"{round(100 * guess['confidence'])} %" in html


def test_what_waits_to_be_sorted_is_confirmed_or_changed_with_one_click(town: Town, bob) -> None:  # type: ignore[no-untyped-def]
    declarations.publish(steering.KIND, CITY, "category = 0.99\nplace = 0.6", actor="person:x", at=T0)
    reference.current(fresh=True)
    matter = say("柳荫社区第一网格路灯不亮")
    assert matter.stage == "triage"
    guesses = matter.statement.reading["part"]
    html = bob.get(f"/desk/m/{matter.code}").content.decode()
    codes = [g["code"] for g in (guesses["category"], *guesses["alternatives"]) if g]
    assert buttons(html) == codes[:4]
    assert codes
    assert 'data-offer-key="1"' in html
    assert post(bob, matter, category=codes[0], area=GRID).status_code == 302
    matter.refresh_from_db()
    assert (matter.stage, matter.category) == ("received", codes[0])
    assert "采纳系统建议" in bob.get(f"/desk/m/{matter.code}").content.decode()


def test_one_click_overrules_and_the_history_says_so(town: Town, bob) -> None:  # type: ignore[no-untyped-def]
    matter = say("柳荫社区第一网格路灯不亮")
    act(town, matter, "bob", "assign", post=str(town.posts["amy"].pk), reason="更近")
    other = other_than(guess_of(matter)["code"])
    answer = post(bob, matter, category=other)
    assert answer.status_code == 302
    matter.refresh_from_db()
    assert matter.category == other
    assert matter.holder_post_id == town.posts["amy"].pk, "whom a person named stays unless told otherwise"
    page = bob.get(f"/desk/m/{matter.code}").content.decode()
    assert "，改为“" in page
    assert guess_of(matter)["reasons"]
    assert "仍由" in page
    event = Event.objects.filter(matter=matter).order_by("seq").last()
    assert event is not None
    assert (event.actor_kind, event.actor_name) == ("person", "Bob")
    assert event.data["suggested"]["version"] == matter.statement.reading["version"]
    assert not Correction.objects.get(matter=matter, field="category").agreed


def test_unticked_it_is_dispatched_anew_and_said(town: Town, bob) -> None:  # type: ignore[no-untyped-def]
    matter = say("柳荫社区第一网格路灯不亮")
    act(town, matter, "bob", "assign", post=str(town.posts["amy"].pk), reason="更近")
    form = bob.get(f"/desk/m/{matter.code}/step/classify").content.decode()
    assert re.search(r'name="keep" value="true" checked', form)
    assert "Amy" in form
    code = guess_of(matter)["code"]
    answer = bob.post(
        f"/desk/m/{matter.code}/step/classify",
        {"seen": str(matter.seq), "category": code, "keep": "false"},
        follow=True,
    )
    matter.refresh_from_db()
    assert matter.holder_post_id == town.posts["alice"].pk
    assert "已派给" in answer.content.decode()


def test_keeping_someone_of_another_place_is_refused_in_words(town: Town, bob) -> None:  # type: ignore[no-untyped-def]
    matter = say("柳荫社区第一网格路灯不亮")
    act(town, matter, "bob", "assign", post=str(town.posts["amy"].pk), reason="更近")
    answer = post(bob, matter, category=guess_of(matter)["code"], area=GRID[:9], keep="true")
    assert answer.status_code == 422
    assert "保留现承办人" in answer.content.decode()


def test_the_list_offers_what_waits_to_be_sorted_and_comes_back(town: Town, bob) -> None:  # type: ignore[no-untyped-def]
    matter = say("第一网格有点问题，请来看看")
    assert matter.stage == "triage"
    sure = say("柳荫社区第一网格路灯不亮")
    html = bob.get("/desk/list?stage=triage&state=open").content.decode()
    assert "系统建议" in html
    assert matter.code in html
    row = bob.get(f"/desk/list?q={sure.code}&state=all").content.decode()
    assert "ll-offer-row" not in row
    answer = post(bob, matter, category=other_than(""), area=GRID, then="stage=triage&state=open&evil=http://x")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/desk/list?state=open&stage=triage"


def test_without_any_place_nobody_can_be_sent(town: Town) -> None:
    matter = say("这边东西又坏了，麻烦来看看", area="")
    assert (matter.stage, matter.area) == ("triage", CITY)
    html = client_of(town, "dora").get(f"/desk/m/{matter.code}").content.decode()
    assert "先核实地点" in html
    assert buttons(html) == []


def test_an_outside_model_is_named_and_only_advises(town: Town, bob) -> None:  # type: ignore[no-untyped-def]
    matter = say("第一网格有点问题，请来看看")
    code = other_than("")
    Advice.objects.create(
        matter=matter, at=T0, address="http://127.0.0.1:9", model="qwen", category=code, confidence=0.7, took_ms=3
    )
    html = bob.get(f"/desk/m/{matter.code}").content.decode()
    assert "外部模型建议" in html
    assert "qwen · http://127.0.0.1:9" in html
    matter.refresh_from_db()
    assert (matter.category, matter.stage) != (code, "received")


def test_whoever_may_not_sort_is_offered_nothing(town: Town) -> None:
    matter = say("柳荫社区第一网格路灯不亮")
    client = client_of(town, "oscar")
    page = client.get(f"/desk/m/{matter.code}")
    assert 'id="offer"' not in page.content.decode()
    assert post(client, matter, category=other_than("")).status_code in (403, 404)
