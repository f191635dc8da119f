"""Places: official and spoken names, namesakes, grids; never a guess among several."""

import csv
import random
from pathlib import Path

import pytest

from linli.understanding.gazetteer import Gazetteer, number, spellings


def areas(gazetteer: Gazetteer, text: str, prior: dict[str, float] | None = None) -> list[str]:
    return [guess.area for guess in gazetteer.find(text, prior)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("望江楼社区居委会门口路灯坏了", ["990101001001"]),
        ("望江楼社区路灯坏了", ["990101001001"]),
        ("望江楼路灯坏了", ["990101001001"]),
        ("柳树湾村的水渠堵了", ["990102101201"]),
        ("柳树湾的水渠堵了", ["990102101201"]),
        ("临江街道办停水", ["990101001"]),
        ("石桥镇政府旁边停水", ["990102101"]),
        ("金色家园停水", ["990101002001"]),
        ("老菜市场对面有垃圾", ["990101001001"]),
        ("青石县石桥镇新民村停电", ["990102101202"]),
        ("龙潭乡新民村停电", ["990102201201"]),
        ("临江街道和平社区漏水", ["990101001002"]),
        ("白塔街道和平社区漏水", ["990101002001"]),
        ("云川市市中区", ["990101"]),
        ("路灯坏了", []),
        ("希望世界和平", []),
        ("", []),
    ],
)
def test_named(gazetteer: Gazetteer, text: str, expected: list[str]) -> None:
    assert areas(gazetteer, text) == expected


@pytest.mark.parametrize("text", ["新民村停电", "和平社区漏水", "望江楼社区和柳树湾村都停电"])
def test_several_are_never_narrowed_to_one(gazetteer: Gazetteer, text: str) -> None:
    found = gazetteer.find(text)
    assert len(found) == 2
    assert all(guess.confidence < 0.6 and guess.reasons for guess in found)


def test_namesakes_are_resolved_by_pin_or_own_area(gazetteer: Gazetteer) -> None:
    assert areas(gazetteer, "新民村停电", {"990102201201001": 3.0}) == ["990102201201"]
    assert areas(gazetteer, "新民村停电", {"990102101": 1.0}) == ["990102101202"]
    assert len(areas(gazetteer, "新民村停电", {"990101": 1.0})) == 2


def test_a_road_through_several_communities_leads_to_what_they_share(gazetteer: Gazetteer) -> None:
    (found,) = gazetteer.find("滨江路路灯不亮")
    assert found.area == "990101001"
    assert areas(gazetteer, "望江楼社区滨江路路灯不亮") == ["990101001001"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("望江楼社区第三网格漏水", "990101001001003"),
        ("望江楼社区3网格漏水", "990101001001003"),
        ("望江楼第 2 网格漏水", "990101001001002"),
        ("柳树湾村第十二网格漏水", "990102101201012"),
        ("柳树湾村12号网格漏水", "990102101201012"),
        ("望江楼社区第九网格漏水", "990101001001"),
    ],
)
def test_grids_after_a_village(gazetteer: Gazetteer, text: str, expected: str) -> None:
    assert areas(gazetteer, text) == [expected]


def test_a_grid_alone_needs_the_village_from_elsewhere(gazetteer: Gazetteer) -> None:
    assert areas(gazetteer, "第三网格漏水") == []
    assert areas(gazetteer, "第三网格漏水", {"990101001001": 1.0}) == ["990101001001003"]


def test_a_county_name_that_many_cities_have() -> None:
    both = Gazetteer.build(
        [
            ("甲市", "9901", "city"),
            ("乙市", "9902", "city"),
            ("市中区", "990101", "county"),
            ("市中区", "990201", "county"),
        ]
    )
    assert len(both.find("市中区停水")) == 2
    assert [guess.area for guess in both.find("乙市市中区停水")] == ["990201"]
    assert [guess.area for guess in both.find("市中区停水", {"990101": 1.0})] == ["990101"]


def test_numbers() -> None:
    written = {"3": 3, "03": 3, "三": 3, "十": 10, "十二": 12, "二十": 20, "一百零五": 105, "一百二十": 120}
    assert {text: number(text) for text in written} == written


def test_spellings_keep_the_kind_of_village_apart() -> None:
    words = {word: official for word, _, official in spellings("和平社区居委会", "village")}
    assert words["和平社区"]
    assert not words["和平村"]


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="planet"):
        Gazetteer.build([("火星", "99", "planet")])


@pytest.fixture(scope="module")
def leshan(field_data: Path) -> tuple[Gazetteer, list[dict[str, str]]]:
    folder = field_data / "leshan-divisions"
    with (folder / "leshan_villages_2021.csv").open(encoding="utf-8-sig") as file:
        villages = list(csv.DictReader(file))
    rows = [("乐山市", "5111", "city")]
    for row in villages:
        rows += [(row["county"], row["county_code"], "county"), (row["town"], row["town_code"], "township")]
        rows.append((row["village"], row["village_code"], "village"))
    return Gazetteer.build(dict.fromkeys(rows)), villages


PHRASES = ("{place}的路灯坏了三天了", "我住在{place}，楼上漏水", "请问{place}什么时候来水", "反映{place}垃圾没有人清")


def test_every_village_of_a_real_city(leshan: tuple[Gazetteer, list[dict[str, str]]]) -> None:
    """With town and village said it is found; with the village alone it is found or left open, not mistaken."""
    gazetteer, villages = leshan
    chance = random.Random(3)
    right = wrong = alone_wrong = 0
    for row in villages:
        phrase = chance.choice(PHRASES)
        found = gazetteer.find(phrase.format(place=row["town"] + row["village"]))
        right += len(found) == 1 and found[0].area == row["village_code"]
        wrong += len(found) == 1 and found[0].area != row["village_code"]
        found = gazetteer.find(phrase.format(place=row["village"]))
        alone_wrong += len(found) == 1 and found[0].confidence >= 0.6 and found[0].area != row["village_code"]
    assert right / len(villages) >= 0.98
    assert wrong / len(villages) <= 0.005
    assert alone_wrong / len(villages) <= 0.005
