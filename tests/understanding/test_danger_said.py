"""How people say danger, in both languages, with misspellings; and what only sounds like it."""

import time
from datetime import UTC, datetime

import pytest

from linli.understanding import danger

SAID = [
    ("fire", "3栋5楼窗户冒烟，里面好像有人"),
    ("fire", "厨房着 火 了"),
    ("fire", "樓上起火了快點來"),
    ("fire", "楼上着伙了"),
    ("fire", "以前没事，今天配电房起火了"),
    ("fire", "消防栓旁边的车自燃了"),
    ("fire", "居委会旁边着火了"),
    ("fire", "消防车进不来，里面着火了"),
    ("fire", "可能着火了，楼道全是浓烟"),
    ("fire", "贸易公司仓库失火"),
    ("fire", "电影院着火了"),
    ("fire", "2026年11月23日晚，后山山火烧过来了"),
    ("fire", "There is a fire in the stairwell"),
    ("fire", "Our kitchen is burning, please hurry"),
    ("fire", "Thick smoke is coming out of the third floor"),
    ("gas", "楼道里一股好大的煤气"),
    ("gas", "天燃气管在漏气，厨房都是味"),
    ("gas", "闻到很重的燃气"),
    ("gas", "液化气罐漏气了"),
    ("gas", "煤气好像没关，屋里煤气味很大"),
    ("gas", "I can smell gas in the corridor"),
    ("self_harm", "活着没意思，我想一死了之"),
    ("self_harm", "我坐在楼顶，不想下去了"),
    ("self_harm", "我女儿留了遗书，人不见了"),
    ("self_harm", "再不解决我就从这里跳楼"),
    ("self_harm", "我撑不住了，想离开这个世界"),
    ("self_harm", "She says she wants to die"),
    ("self_harm", "A man is about to jump from the bridge"),
    ("self_harm", "I don't want to live any more"),
    ("child_violence", "楼上天天打小孩，孩子哭得很惨"),
    ("child_violence", "继父用烟头烫孩子"),
    ("child_violence", "班主任体罚学生"),
    ("child_violence", "有人猥亵女童"),
    ("child_violence", "孩子今天又被他后妈毒打"),
    ("child_violence", "The man next door hits his little daughter"),
    ("child_violence", "A boy is being beaten upstairs"),
    ("violence", "有人提着刀在小区里走"),
    ("violence", "我老公打我，我害怕他今晚又打我"),
    ("violence", "门口几十个人械斗"),
    ("violence", "养老院护工殴打老人"),
    ("violence", "He has a knife and is threatening to kill us"),
    ("violence", "My husband beats me"),
    ("collapse", "幼儿园围墙快倒了"),
    ("collapse", "隔壁工地脚手架塌下来压到人"),
    ("collapse", "屋后山体滑坡，石头滚到院子里"),
    ("collapse", "楼板随时要塌"),
    ("collapse", "The wall of the school is about to fall"),
    ("electric", "路灯杆漏电，狗被电死了"),
    ("electric", "高压线掉下来搭在树上"),
    ("electric", "There are live wires on the pavement"),
    ("flood", "小孩滑进水库了"),
    ("flood", "水涨到二楼了，老人还在屋里"),
    ("flood", "有人被洪水冲走了"),
    ("flood", "A boy fell into the river"),
    ("trapped", "孩子被反锁在车里"),
    ("trapped", "小孩头卡在栏杆里"),
    ("trapped", "三个人被困在电梯里半小时了"),
    ("trapped", "Two people are stuck in the lift"),
    ("medical", "路边躺着一个人，叫不醒"),
    ("medical", "老人摔倒起不来了"),
    ("medical", "孩子误食老鼠药"),
    ("medical", "门口出车祸了，流了好多血"),
    ("medical", "An old man is unconscious on the stairs"),
    ("explosion", "楼下煤气罐炸了"),
    ("explosion", "Something exploded in the shop"),
    ("missing", "八十岁的老人走失了，有老年痴呆"),
    ("missing", "邻居家的老人好几天没出门，敲门也不开"),
    ("missing", "我孩子到现在没回家"),
    ("missing", "My grandmother has been missing since noon"),
    ("toxic", "化工厂氯气泄漏，好多人咳嗽"),
    ("toxic", "高速上油罐车侧翻"),
]
HARMLESS = [
    "消防演练什么时候开始",
    "希望社区组织一次防溺水讲座",
    "电动车楼道充电，万一着火怎么办",
    "建议加强火灾隐患排查",
    "燃气报警器一直响，检测说正常",
    "这家店卖的全是跳楼价",
    "小区信息爆炸，通知太多",
    "我家的狗走失了，帮忙找找",
    "电影里着火的镜头吓到孩子",
    "学校组织学生学习触电急救知识",
    "去年这里塌方，路一直没修",
    "孩子打疫苗要带什么",
    "孩子要打针，几点上班",
    "火锅店油烟大",
    "炸鸡店排烟口对着我家",
    "砖厂烟囱天天浓烟滚滚",
    "贫困人口怎么登记",
    "教学质量严重滑坡",
    "旁边放鞭炮，怕引起火灾",
    "老人想办养老证",
    "请给孩子的老师打电话",
    "漏电开关跳闸，请更换",
    "被困扰很久的停车问题",
    "地铁落水洞煤矿在哪",
    "The fire lane is blocked by cars",
    "When is the next fire drill",
    "The fire hydrant is leaking",
    "There is no fire",
    "The gas meter is broken",
    "I am afraid of fire because of the cables",
]


@pytest.mark.parametrize(("kind", "text"), SAID)
def test_found(kind: str, text: str) -> None:
    found = danger.find(text, datetime(2026, 11, 23, tzinfo=UTC))
    assert found is not None
    assert found.kind == kind


@pytest.mark.parametrize("text", HARMLESS)
def test_passed_over(text: str) -> None:
    assert danger.find(text) is None


def test_a_year_that_is_over_is_past_and_this_year_is_not() -> None:
    at = datetime(2026, 11, 23, tzinfo=UTC)
    assert danger.find("2012年6月三楼着火", at) is None
    assert danger.find("2012年6月三楼着火") is not None
    assert danger.find("2026年11月23日三楼着火", at) is not None
    assert danger.find("2026年12月31日晚三楼着火", datetime(2027, 1, 1, tzinfo=UTC)) is not None
    assert danger.find("2012年他打孩子，今天又打孩子", at) is not None


@pytest.mark.parametrize(("kind", "text"), SAID[::3])
def test_at_the_end_of_a_long_message(kind: str, text: str) -> None:
    found = danger.find("尊敬的领导，您好，我是本小区的住户，想反映物业服务的问题，绿化没人管。" * 200 + text)
    assert found is not None
    assert found.kind == kind


@pytest.mark.parametrize("unit", ["打", "着火", "没有着火", "孩子", "煤气", "老人几天", "a fire ", "beats ", "流血 "])
def test_time_grows_with_the_text_and_no_faster(unit: str) -> None:
    def seconds(size: int) -> float:
        text = (unit * (size // len(unit) + 1))[:size]
        start = time.perf_counter()
        danger.find(text)
        return time.perf_counter() - start

    seconds(1000)
    small, large = min(seconds(10_000) for _ in range(3)), min(seconds(80_000) for _ in range(2))
    assert large < 40 * small + 0.05
