"""The whole reading: parts, category, kind, place, doubts, hints, and that it can be sent as JSON."""

import json
import time

import orjson
import pytest

from linli.procedures.categories import Catalogue
from linli.understanding import classify
from linli.understanding.gazetteer import Gazetteer
from linli.understanding.lexicon import Lexicon, folded
from linli.understanding.reader import SURE_CATEGORY, read
from linli.understanding.reading import KINDS, Hints, Reading


def codes(reading: Reading) -> list[str]:
    return [part.category.code if part.category else "" for part in reading.parts]


@pytest.fixture
def say(catalogue: Catalogue, gazetteer: Gazetteer):  # type: ignore[no-untyped-def]
    return lambda text, **hints: read(text, catalogue=catalogue, gazetteer=gazetteer, hints=Hints(**hints))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("望江楼社区的路灯不亮。另外，楼下烧烤店油烟很大", ["urban.lighting.streetlamp", "environment.pollution.air"]),
        ("1、路口井盖不见了；2、有几只流浪狗追人", ["urban.works.manhole", "justice.order.dogs"]),
        ("公司拖欠工资三个月，还有小区电梯坏了没人修", ["labour.wages.arrears", "commerce.market.elevator"]),
        ("路灯不亮，另外路灯杆也歪了", ["urban.lighting.streetlamp"]),
        ("路灯不亮。另外，麻烦快一点", ["urban.lighting.streetlamp"]),
        ("另外，路灯不亮", ["urban.lighting.streetlamp"]),
        ("1、你好；2、谢谢", [""]),
    ],
)
def test_parts(say, text: str, expected: list[str]) -> None:  # type: ignore[no-untyped-def]
    assert codes(say(text)) == expected


def test_a_part_without_a_place_shares_the_message_s_place(say) -> None:  # type: ignore[no-untyped-def]
    reading = say("望江楼社区的路灯不亮。另外，楼下烧烤店油烟很大")
    assert [part.place.area for part in reading.parts] == ["990101001001", "990101001001"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("望江楼社区路灯不亮", "request"),
        ("我和邻居吵架了，请来调解", "dispute"),
        ("请问结婚登记要带什么材料？", "question"),
        ("三楼着火了", "help_in_danger"),
        ("表扬网格员李姐，热心帮老人买菜", "praise"),
        ("代开发票，加微信abc12345，价格优惠", "advertisement"),
        ("请问小区路灯坏了什么时候修，一直没人管", "request"),
    ],
)
def test_kind(say, text: str, kind: str) -> None:  # type: ignore[no-untyped-def]
    assert kind in KINDS
    assert say(text).kind == kind


def test_sure_only_with_category_and_place(say) -> None:  # type: ignore[no-untyped-def]
    sure = say("望江楼社区路灯不亮")
    assert sure.sure
    assert sure.parts[0].category.confidence >= SURE_CATEGORY
    for text in ("路灯不亮", "望江楼社区有点问题", "新民村路灯不亮", "市中区路灯不亮", "你好"):
        reading = say(text)
        assert not reading.sure
        assert reading.doubts
        assert all(doubt.zh and doubt.en for doubt in reading.doubts)


def test_two_close_categories_are_a_doubt(say) -> None:  # type: ignore[no-untyped-def]
    part = say("望江楼社区停水停电").parts[0]
    assert {part.category.code, part.alternatives[0].code} == {"urban.utilities.water", "urban.utilities.power"}


def test_danger_is_urgent_whatever_the_category(say) -> None:  # type: ignore[no-untyped-def]
    reading = say("路灯不亮。另外，楼下着火了")
    assert reading.urgent
    assert reading.danger.kind == "fire"


def test_hints(say) -> None:  # type: ignore[no-untyped-def]
    pinned = say("路灯不亮", pin_area="990101001001003")
    assert pinned.sure
    assert pinned.parts[0].place.area == "990101001001003"
    differs = say("柳树湾村路灯不亮", pin_area="990101001001003")
    assert not differs.sure
    assert len(differs.parts[0].places) == 2
    operator = say("路灯不亮", operator_area="990101001001")
    assert not operator.sure
    assert operator.parts[0].places[0].area == "990101001001"
    assert operator.parts[0].place is None
    chosen = say("望江楼社区这里坏了", category="urban.works.manhole")
    assert chosen.sure
    assert codes(chosen) == ["urban.works.manhole"]
    mistaken = say("望江楼社区公司拖欠农民工工资", category="urban.works.manhole")
    assert not mistaken.sure
    unknown = say("望江楼社区路灯不亮", category="no.such.code")
    assert codes(unknown) == ["urban.lighting.streetlamp"]


def test_advertising_does_not_choose_the_category(say) -> None:  # type: ignore[no-untyped-def]
    reading = say("望江楼社区路灯不亮。专业疏通下水道、化粪池，价格优惠，联系电话13900000000。")
    assert codes(reading) == ["urban.lighting.streetlamp"]
    assert reading.advertising
    assert reading.kind == "request"


def test_without_a_gazetteer(catalogue: Catalogue) -> None:
    assert read("望江楼社区路灯不亮", catalogue=catalogue, gazetteer=None).parts[0].place is None


def test_english(say) -> None:  # type: ignore[no-untyped-def]
    assert codes(say("The street lamps at our gate are out")) == ["urban.lighting.streetlamp"]
    assert codes(say("A manhole cover is missing")) == ["urban.works.manhole"]
    assert codes(say("I like hotdogs")) == [""]


def test_json(say) -> None:  # type: ignore[no-untyped-def]
    plain = say("我叫王小明，望江楼社区路灯不亮；另外楼下着火了").to_json()
    assert json.loads(orjson.dumps(plain)) == plain
    assert plain["urgent"] is True
    assert plain["parts"][0]["category"]["reasons"][0]["en"]


def test_confidence_grows_with_evidence() -> None:
    values = [classify.calibrated(step / 100) for step in range(101)]
    assert values == sorted(values)
    assert values[0] < 0.2
    assert 0.9 < values[-1] < 1


def test_lexicon_takes_the_longest_word_and_whole_english_words() -> None:
    lexicon = Lexicon([("路灯", 1), ("路灯不亮", 2), ("灯不", 3), ("dog", 4)])
    assert [hit.word for hit in lexicon.scan("小区路灯不亮")] == ["路灯不亮"]
    assert [hit.word for hit in lexicon.scan(folded("DOGS dogma 狗dog"))] == ["dog", "dog"]
    with pytest.raises(ValueError, match="two characters"):
        Lexicon([("灯", 1)])


def test_lookup_costs_less_than_trying_every_word(catalogue: Catalogue) -> None:
    """A ratio: one pass over the text against asking for each keyword in turn."""
    lexicon = classify.index_of(catalogue).lexicon
    words = [keyword.word for keyword, _ in catalogue.keywords()]
    text = (
        "望江楼社区门口的路灯坏了三天，晚上走路看不清，老人摔了一跤，打了几次电话都没有人来修，请尽快派人处理一下谢谢"
    )

    def took(function) -> float:  # type: ignore[no-untyped-def]
        best = 1e9
        for _ in range(20):
            start = time.perf_counter()
            function()
            best = min(best, time.perf_counter() - start)
        return best

    assert took(lambda: lexicon.scan(text)) < took(lambda: [word for word in words if word in text]) / 2


def test_a_long_letter_stays_whole(say) -> None:  # type: ignore[no-untyped-def]
    filler = "事情的经过说来话长，请领导耐心看完。" * 20
    assert len(say(f"1、路口井盖不见了；2、有几只流浪狗追人。{filler}").parts) == 1
