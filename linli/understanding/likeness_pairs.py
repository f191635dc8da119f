"""Pairs of messages with the truth beside them: generated ones to fit the weights, hand-written ones to measure.

The generated ones come from a seed; the hand-written ones stand in ``data/likeness_pairs.csv`` (same, place: g same
grid, v same village, t the same township, o elsewhere, u the second without a place, uu both; hours apart; two texts)
and were never used for fitting.
"""

import csv
import io
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from importlib import resources
from random import Random
from typing import Final

from linli.understanding.likeness import Item

HOUR: Final = 3600.0
Scene = tuple[str, str, tuple[str, ...]]
SCENES: Final[tuple[Scene, ...]] = (
    ("a.a.lamp", "路灯", ("路灯不亮", "路灯坏了", "街灯熄了", "晚上黑漆漆的，灯没一个亮", "灯杆上的灯全灭了")),
    ("b.a.rubbish", "垃圾", ("垃圾没人收", "垃圾桶满了没清运", "到处堆的都是垃圾", "生活垃圾几天没人拉走", "垃圾发臭")),
    ("a.b.manhole", "井盖", ("井盖不见了", "窨井盖被偷了", "井盖破了个洞", "有个井口没盖子", "下水道盖子松了")),
    ("c.a.sewer", "下水道", ("下水道堵了", "污水管冒水", "排水沟不通，黑水外溢", "阴沟堵塞反水", "粪水流了一地")),
    ("d.a.dance", "广场舞", ("广场舞太吵", "跳坝坝舞的音响开得很大", "晚上跳舞放音乐扰民", "大妈跳舞吵到十点过")),
    (
        "d.b.building",
        "工地",
        ("工地半夜施工", "凌晨还在打桩", "夜里施工噪音大", "工地通宵干活吵死人", "挖机晚上响"),
    ),
    (
        "e.a.parking",
        "违停",
        ("车子乱停", "有人把车停在路口挡路", "消防通道被小车占了", "违停的车多", "路边停满私家车"),
    ),
    ("f.a.lift", "电梯", ("电梯坏了", "电梯停用好几天", "电梯老是困人", "电梯故障没人修", "升降梯又罢工了")),
    ("c.b.water", "停水", ("停水了", "家里一滴水没有", "自来水断了一天", "水龙头不出水", "没有通知就停水")),
    ("g.a.power", "停电", ("停电了", "突然断电", "一直没有电", "电停了半天", "老是跳闸")),
    ("c.c.leak", "漏水", ("水管爆了", "水管破裂喷水", "自来水管漏水流了一街", "管子裂了水流不停")),
    ("h.a.stall", "摆摊", ("占道摆摊", "地摊把路占了", "流动摊贩堵在路口", "人行道被摊子占完", "夜市摊乱摆")),
    ("h.b.smoke", "油烟", ("餐馆油烟熏人", "炒菜的烟往楼上飘", "烧烤的烟大得很", "饭店的油烟机对着窗户")),
    ("i.a.dog", "狗", ("遛狗不拴绳", "有大狗乱跑咬人", "流浪狗追人", "狗没牵绳吓到孩子", "野狗成群")),
    ("j.a.tree", "树", ("树倒了", "大树断了压着电线", "树枝断下来挡路", "有棵树歪了要倒", "树枝伸到窗户里")),
    ("a.c.road", "路面", ("路面有个大坑", "路烂得不成样子", "马路坑坑洼洼", "路面塌了", "地砖翘起来绊人")),
    ("e.b.light", "红绿灯", ("红绿灯坏了", "信号灯不亮", "红绿灯乱闪", "交通灯失灵，车子乱走")),
    ("k.a.wage", "工资", ("拖欠工资", "老板不发工钱", "三个月没拿到工资", "工资一直不给", "欠我们十几个人的工资")),
    ("f.b.fee", "物业", ("物业乱收费", "物管费涨价没商量", "物业不作为", "保安不在岗", "物业不开发票")),
    ("f.c.shed", "违建", ("楼顶违建", "有人私搭铁皮棚", "违章搭建没人管", "院子里加盖房子", "占公共地方搭棚子")),
)
_ESTATES: Final = (
    "锦绣花园", "滨江苑", "翡翠城", "通江小区", "碧山湖", "凤凰城", "春晖苑", "海棠湾", "阳光城", "金鹰小区", "怡和苑",
    "嘉华苑", "翰林苑", "天和苑", "丽都", "香榭", "新天地", "星河湾", "月儿塘", "五里山", "竹园", "柏林苑", "青果山",
)  # fmt: skip
_ROADS: Final = (
    "嘉州大道", "人民南路", "凤凰路", "春华路", "龙游路", "致江路", "土桥街", "长青路", "白塔街", "岷河街", "学府路",
    "顺城街", "滨江路", "柏杨路", "泊水街", "白燕路", "翠园路", "通惠路", "嘉定路", "碧山路", "沙湾路",
    "茶坊街", "肖坝路", "竹溪路",
)  # fmt: skip
_WHERE: Final = ("楼下", "门口", "旁边", "对面", "后门", "", "那里", "附近")
_BEFORE: Final = ("", "", "你好，", "我要反映，", "您好，", "领导好，", "请问有没有人管，", "又来反映了，")
_AFTER: Final = (
    "", "", "，请尽快处理", "，好几天了", "，老人小孩不方便", "，麻烦来看看", "，打过电话没人管", "，邻居都有意见",
    "，昨天晚上发现的",
    "，什么时候能解决", "，太影响生活了", "，谢谢", "，从上周开始的", "，大家都睡不好", "，怕出事",
)  # fmt: skip
PLACE: Final = "511102004001001"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two messages, and whether they are the same problem."""

    one: Item
    other: Item
    same: bool


def written(categorise: Callable[[str], str] = lambda text: "") -> list[Pair]:
    """The hand-written pairs. *categorise* gives each text the category that the city would have given it."""
    text = (resources.files("linli.understanding") / "data" / "likeness_pairs.csv").read_text("utf-8")
    found = []
    for n, row in enumerate(csv.DictReader(io.StringIO(text))):
        at = float(row["hours"]) * HOUR
        first, second = _areas(row["place"])
        one = Item((n, 0), row["a"], first, 0.0, categorise(row["a"]))
        found.append(Pair(one, Item((n, 1), row["b"], second, at, categorise(row["b"])), row["same"] == "1"))
    return found


def _areas(place: str) -> tuple[str, str]:
    second = {"g": PLACE, "v": PLACE[:12], "t": PLACE[:9] + "008002", "o": "511123001002003", "u": "5111", "uu": ""}
    return ("" if place == "uu" else PLACE), second[place]


@dataclass(frozen=True, slots=True)
class _Spot:
    area: str
    name: str
    building: int


def stream(count: int, seed: int, *, days: float = 60.0) -> Iterator[Item]:
    """*count* messages of a city over *days*: places, problems and wordings at random; keys are 0, 1, 2…"""
    rng = Random(seed)
    for n in range(count):
        scene = rng.choice(SCENES)
        yield _message(rng, n, scene, _spot(rng), rng.random() * days * 24 * HOUR)


def generated(count: int, seed: int) -> list[Pair]:
    """*count* pairs, half of them the same problem."""
    rng = Random(seed)
    return [_same(rng, n) if n % 2 else _different(rng, n) for n in range(count)]


def _spot(rng: Random) -> _Spot:
    area = f"5111{rng.randint(1, 11):02}{rng.randint(1, 20):03}{rng.randint(1, 12):03}{rng.randint(1, 6):03}"
    if rng.random() < 0.6:
        return _Spot(area, rng.choice(_ESTATES), rng.randint(1, 30))
    return _Spot(area, f"{rng.choice(_ROADS)}{rng.choice(('', '', '中段', '路口'))}", 0)


def _message(
    rng: Random, key: Hashable, scene: Scene, spot: _Spot, at: float, *, area: str | None = None, what: str = ""
) -> Item:
    category, _thing, said = scene
    where = spot.name + (f"{spot.building}{rng.choice(('栋', '号楼', '幢'))}" if spot.building else "")
    what = what or rng.choice(said)
    text = rng.choice((f"{where}{rng.choice(_WHERE)}{what}", f"{what}，在{where}{rng.choice(_WHERE)}"))
    heard = rng.random()  # the classifier is not always sure, nor always right
    code = "" if heard < 0.12 else rng.choice(SCENES)[0] if heard < 0.18 else category
    text = rng.choice(_BEFORE) + text + rng.choice(_AFTER) + rng.choice(("", rng.choice(_AFTER)))
    return Item(key, text, spot.area if area is None else area, at, code)


def _heard(rng: Random, spot: _Spot) -> str:
    """How well the place of a second message about the same spot is known."""
    chance = rng.random()
    if chance < 0.55:
        return spot.area
    return spot.area[:12] if chance < 0.75 else spot.area[:4]


def _same(rng: Random, n: int) -> Pair:
    """The same trouble at the same place: in other words, or half of the time in much the same ones."""
    scene, spot = rng.choice(SCENES), _spot(rng)
    at, what = rng.expovariate(1 / 4) * 24 * HOUR, rng.choice(scene[2])
    again = _worn(rng, what) if rng.random() < 0.5 else ""
    first = _message(rng, (n, 0), scene, spot, 0, what=what)
    return Pair(first, _message(rng, (n, 1), scene, spot, at, area=_heard(rng, spot), what=again), same=True)


def _worn(rng: Random, what: str) -> str:
    """The same words with a slip: one character lost, or a word set before."""
    cut = rng.randrange(len(what))
    return what[:cut] + what[cut + 1 :] if rng.random() < 0.5 else rng.choice(("又是", "还是", "总是", "昨天起")) + what


def _different(rng: Random, n: int) -> Pair:
    """Half of the differences are hard ones: the same place or the same trouble, not both."""
    scene, spot, at = rng.choice(SCENES), _spot(rng), rng.expovariate(1 / 4) * 24 * HOUR
    other_scene = rng.choice([s for s in SCENES if s is not scene])
    chance = rng.random()
    if chance < 0.3:  # another trouble at the same place, perhaps of the same category
        if chance < 0.15:
            other_scene = (scene[0], *other_scene[1:])
        second = _message(rng, (n, 1), other_scene, spot, at, area=_heard(rng, spot))
    elif chance < 0.5:  # the same trouble next door
        beside = _Spot(spot.area[:12] + rng.choice(("001", "002", "003")), spot.name, spot.building + 2)
        if not spot.building:
            beside = _Spot(beside.area, rng.choice([r for r in _ROADS if not spot.name.startswith(r)]), 0)
        second = _message(rng, (n, 1), scene, beside, at)
    elif chance < 0.75:  # the same words from another village
        far = _Spot(spot.area[:9] + f"{rng.randint(21, 40):03}001", spot.name, spot.building)
        second = _message(rng, (n, 1), scene, far, at)
    elif chance < 0.85:  # the same trouble, long settled
        second = _message(rng, (n, 1), scene, spot, rng.uniform(45, 60) * 24 * HOUR)
    else:
        second = _message(rng, (n, 1), scene, _spot(rng), at, area="5111")
    return Pair(_message(rng, (n, 0), scene, spot, 0), second, same=False)
