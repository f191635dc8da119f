"""Several problems in one message, and what only looks like several."""

import pytest

from linli.procedures.categories import shipped
from linli.understanding.reader import read

CATALOGUE = shipped()


@pytest.mark.parametrize(
    ("said", "codes"),
    [
        ("楼下路灯坏了，而且垃圾没人收，隔壁天天装修吵", ["streetlamp", "rubbish", "neighbour"]),
        ("路灯不亮、垃圾没人收、井盖没了。", ["streetlamp", "rubbish", "manhole"]),
        ("The street lamp is broken and rubbish is not collected", ["streetlamp", "rubbish"]),
        ("路灯坏了，另外垃圾没人清运", ["streetlamp", "rubbish"]),
    ],
)
def test_each_problem_is_a_part(said: str, codes: list[str]) -> None:
    parts = read(said, catalogue=CATALOGUE, gazetteer=None).parts
    assert [part.category.code.rsplit(".", 1)[1] for part in parts if part.category] == codes
    assert "".join(said[slice(*part.span)] for part in parts) == said


@pytest.mark.parametrize(
    "said",
    [
        "路面有个大坑，下雨天积水看不见",
        "小区停水两天了，而且没有通知",
        "路灯、井盖、护栏都坏了",
        "市人社局、教育局克扣教师工资问题很严重",
        "门口垃圾成堆没人清运，请尽快处理",
    ],
)
def test_one_problem_told_in_several_clauses_stays_whole(said: str) -> None:
    assert len(read(said, catalogue=CATALOGUE, gazetteer=None).parts) == 1


def test_a_danger_finds_its_category() -> None:
    gas = read("I smell gas in the stairwell of Linjiang community", catalogue=CATALOGUE, gazetteer=None).parts[0]
    child = read("邻居打孩子，孩子一直哭", catalogue=CATALOGUE, gazetteer=None).parts[0]
    assert gas.category is not None
    assert gas.category.code == "urban.utilities.gas"
    assert child.category is not None
    assert child.category.code == "justice.law.family"


def test_what_goes_on_advertising_is_marked_too() -> None:
    said = "路灯坏了。加微信vx12345678领取贷款优惠，点击链接http://a.cn"
    (span,) = read(said, catalogue=CATALOGUE, gazetteer=None).advertising
    assert said[span.start : span.end] == "加微信vx12345678领取贷款优惠，点击链接http://a.cn"
