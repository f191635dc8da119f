"""What two messages are compared by: hashed character pairs of a plain form of the text, and its building numbers.

Character n-grams after Broder, “On the resemblance and containment of documents” (1997); two characters, since most
Chinese words have two. Only 19-bit hashes are kept, so that an index of them holds no sentence.
"""

import re
import unicodedata
from typing import Final

import numpy as np
import numpy.typing as npt

Grams = npt.NDArray[np.uint32]
BITS: Final = 19
SLOTS: Final = 1 << BITS
MOST: Final = 240  # characters of the plain form that are compared
_ONE, _TWO = np.uint32(0x9E3779B1), np.uint32(0x85EBCA77)
_SHIFT = np.uint32(32 - BITS)

# What people write in every letter to a government says nothing about its subject.
_POLITE = re.compile(
    "尊敬的?|领导|您好|你好|请问|麻烦|希望|有关部门|相关部门|政府|尽快|及时|处理一?下|处理|解决一?下|解决|谢谢|感谢|反映|反应|投诉|举报|"
    "我想|我要|我们|我是|居民|市民|群众|业主|这里的?|那里的?|一直|已经|非常|特别|真的|现在|目前|问题|情况|能不能|可不可以|可以|请|望|"
    "please|hello|thanks?|thank you|there is|there are|the |dear sir"
)
# One word for each thing, however it is called.
_GROUPS: Final = (
    ("路灯", "街灯", "灯杆", "照明灯", "道路照明", "street ?lamps?", "street ?lights?"),
    ("不亮", "没亮", "不着", "熄了", "熄灭", "灭了", "黑灯", "黑漆漆", "黑黢黢", "一片漆黑", "摸黑"),
    ("损坏", "坏了", "坏掉", "坏的", "破损", "破了", "烂了", "失灵", "故障", "用不了", "不能用", "broken"),
    ("垃圾", "废品", "渣子", "生活垃圾", "建筑垃圾", "garbage", "rubbish", "trash"),
    ("没人收", "没人清", "无人清理", "没清运", "不清运", "没人来收", "堆成山", "堆满", "满了", "满出来"),
    ("噪音", "噪声", "太吵", "很吵", "吵得", "吵死", "扰民", "吵闹", "闹得", "喧哗", "吵", "noise"),
    ("施工", "工地", "装修", "打桩", "动工", "建筑机械", "construction"),
    ("广场舞", "坝坝舞", "跳舞", "跳操"),
    ("井盖", "窨井盖", "下水道盖", "阴井盖", "manhole"),
    ("没了", "不见了", "丢失", "被偷", "缺失", "不翼而飞", "missing"),
    ("下水道", "排水管", "污水管", "管网", "排污管", "阴沟", "下水", "sewer", "drain"),
    ("堵塞", "堵了", "堵住", "不通", "堵得", "反水", "返水", "冒水", "外溢", "溢出", "漫出来", "倒灌", "blocked"),
    ("臭味", "恶臭", "很臭", "臭气", "异味", "发臭", "熏人", "难闻", "臭得", "臭"),
    ("停水", "没水", "断水", "水龙头没", "不出水", "没有水"),
    ("停电", "没电", "断电", "跳闸", "没有电", "电停了"),
    ("漏水", "渗水", "滴水", "爆管", "水管破", "水管爆", "喷水", "leak"),
    ("电梯", "升降梯", "elevator", "lift"),
    ("停运", "停用", "不动", "罢工", "困人", "停摆"),
    ("占道", "占用道路", "摆摊", "地摊", "流动摊", "占了路", "路边摊", "把路占"),
    ("违停", "乱停", "违规停", "停满", "乱停放", "挡路", "堵路", "parking"),
    ("车辆", "汽车", "小车", "轿车", "私家车", "车子", "cars?"),
    ("电动车", "电瓶车", "电单车", "摩托车"),
    ("充电", "飞线", "拉线充电", "充电瓶"),
    ("消防通道", "生命通道", "消防车道"),
    ("违建", "违章建筑", "私搭", "乱搭", "搭建", "加盖", "违法建筑"),
    ("油烟", "烟熏", "炒菜的烟", "烧烤烟", "烟雾"),
    ("烧烤", "夜宵", "大排档", "餐馆", "饭店", "馆子", "食店"),
    ("坑洼", "坑坑洼洼", "大坑", "破路", "路面塌陷", "坑洞", "塌陷", "塌了", "路面破", "potholes?"),
    ("欠薪", "拖欠工资", "不发工资", "工资没发", "没拿到工资", "工钱", "拿不到工资", "欠工资", "欠钱不给", "拖着工资"),
    ("物业费", "管理费", "物管费"),
    ("物业", "物管", "物业公司"),
    ("狗", "犬", "流浪狗", "dogs?"),
    ("不拴绳", "没拴绳", "不牵绳", "没牵", "乱跑"),
    ("树枝", "树木", "大树", "树", "trees?"),
    ("倒了", "倒伏", "折断", "断了", "压住", "歪倒", "fell|fallen"),
    ("红绿灯", "信号灯", "交通灯"),
    ("小孩", "孩子", "娃儿", "娃娃", "儿童"),
    ("老人", "老人家", "老年人", "婆婆", "爷爷"),
    ("晚上", "夜里", "夜间", "半夜", "深夜", "凌晨"),
)  # fmt: skip
_CANON: Final = {word: group[0] for group in _GROUPS for word in group if word.isalnum() and not word.isascii()}
_ENGLISH: Final = [(re.compile(word), group[0]) for group in _GROUPS for word in group if word.isascii()]
_WORD = re.compile("|".join(sorted(_CANON, key=len, reverse=True)))
_EMPTY = re.compile("[了的啊吧呢呀嘛哦着过]+")
_ODD = re.compile("[^0-9a-z\u4e00-\u9fff]+")
_ASCII_WORD = re.compile("[a-z]{3}")
_NUMERAL = re.compile("[零一二两三四五六七八九十]{1,3}(?=[号栋幢座单组社队期区路楼])")
_BUILDING = re.compile("(?:号楼|幢|座|号院|号房)")
_NUMBER = re.compile("([0-9]{1,4})(栋|单元|组|社|号|期|队|路)")
_DIGIT: Final = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"两": 2}


def plain(text: str) -> str:
    """The form that is compared: no greetings, no marks, one word per thing, numbers as digits."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
        text = _NUMERAL.sub(lambda m: _arabic(m[0]), text)
        text = _BUILDING.sub("栋", text)
    text = _POLITE.sub("", text.lower())
    if _ASCII_WORD.search(text):
        for form, word in _ENGLISH:
            text = form.sub(word, text)
    text = _ODD.sub("", text)
    return _EMPTY.sub("", _WORD.sub(lambda m: _CANON[m[0]], text))[:MOST]


def _arabic(numeral: str) -> str:
    """三 → 3, 十二 → 12, 二十 → 20; a run of digits (二三) stays a run."""
    tens, mark, ones = numeral.partition("十")
    if not mark:
        return "".join(str(_DIGIT[c]) for c in numeral)
    if len(tens) > 1 or len(ones) > 1 or "十" in ones:
        return numeral
    return str((_DIGIT[tens] if tens else 1) * 10 + (_DIGIT[ones] if ones else 0))


def grams(form: str) -> Grams:
    """The distinct hashed character pairs of a plain form, sorted; a single character stands for itself."""
    codes = np.frombuffer(form.encode("utf-32-le"), dtype=np.uint32)
    if len(codes) < 2:
        return np.asarray((codes * _ONE) >> _SHIFT, dtype=np.uint32)
    pairs = ((codes[:-1] * _ONE) ^ (codes[1:] * _TWO)) >> _SHIFT
    pairs.sort()
    kept = np.empty(len(pairs), dtype=bool)
    kept[0] = True
    np.not_equal(pairs[1:], pairs[:-1], out=kept[1:])
    return np.asarray(pairs[kept], dtype=np.uint32)


def numbers(form: str) -> tuple[tuple[str, str], ...]:
    """The building, unit, group and road numbers that a plain form names: (unit, number)."""
    return tuple({(unit, number) for number, unit in _NUMBER.findall(form)})
