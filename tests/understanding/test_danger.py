"""Danger is found; a negation, a habit of speech or plain prevention is none."""

import pytest

from linli.understanding import danger
from linli.understanding.danger import KINDS

DANGERS = [
    ("楼下着火了快来人", "fire"),
    ("没有人来救，三楼着火了", "fire"),
    ("又一起火灾，消防车进不来", "fire"),
    ("家里有很浓的煤气味", "gas"),
    ("天然气泄漏了怎么办", "gas"),
    ("我不想活了", "self_harm"),
    ("有人站在楼顶要跳楼", "self_harm"),
    ("隔壁在打孩子，一直哭", "child_violence"),
    ("孩子被他爸往死里打", "child_violence"),
    ("幼儿园老师虐待儿童", "child_violence"),
    ("有人拿刀追人", "violence"),
    ("丈夫家暴，我很害怕", "violence"),
    ("丈夫经常打我，我该找谁", "violence"),
    ("院墙要塌了，下面有人走", "collapse"),
    ("屋后塌方了", "collapse"),
    ("有人触电倒在地上", "electric"),
    ("电线掉下来冒火花", "electric"),
    ("小孩掉进河里了", "flood"),
    ("有人困在电梯里", "trapped"),
    ("老人晕倒在路边", "medical"),
    ("厂里爆炸了", "explosion"),
    ("My neighbour's house is on fire", "fire"),
    ("There is a gas leak in the hall", "gas"),
    ("I want to kill myself", "self_harm"),
    ("He is beating a child", "child_violence"),
]
HARMLESS = [
    "没有着火，只是烟雾报警器坏了",
    "未发生火灾",
    "没有发现漏电",
    "并没有人员被困",
    "不存在煤气泄漏",
    "There is no gas leak",
    "围着火锅吃饭，油烟很大",
    "商家天天喊跳楼价，太吵",
    "请在小区里做一次火灾演练",
    "楼道充电容易引发火灾",
    "防止触电，请换掉旧开关",
    "漏电保护器坏了",
    "信息爆炸的时代",
    "去年三楼着火后楼道一直没有修",
    "打电话给孩子的老师没人接",
    "学校没有打孩子",
    "请打我电话联系",
    "路口的树枝被砍，没有人清理",
    "路灯不亮",
    "",
]


@pytest.mark.parametrize(("text", "kind"), DANGERS)
def test_found(text: str, kind: str) -> None:
    found = danger.find(text)
    assert found is not None
    if kind == "electric" and "火花" in text:
        assert found.kind in ("electric", "fire")
    else:
        assert found.kind == kind
    assert found.kind in KINDS


@pytest.mark.parametrize("text", HARMLESS)
def test_passed_over(text: str) -> None:
    assert danger.find(text) is None


@pytest.mark.parametrize(("text", "kind"), DANGERS[:14])
def test_a_negation_in_another_clause_hides_nothing(text: str, kind: str) -> None:
    assert danger.find(f"没有着火，但是{text}") is not None
    assert danger.find(f"路灯没有坏。{text}") is not None
