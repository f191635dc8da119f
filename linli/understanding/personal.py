"""Personal data in a text: where it stands, and a text that hides it. Offsets are those of the cleaned text.

Limits: names only after an introduction (我叫, 姓名, 联系人 …) or before 先生/女士; a number that merely looks like one
with a check digit is not marked; addresses only from building or door numbers on.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date

from linli.understanding.reading import Span

_SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳"
    "酆鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄穆萧尹姚邵湛汪祁毛禹狄米贝明臧计伏成戴谈宋茅庞熊纪舒"
    "屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯管卢莫房缪干解应宗丁宣邓郁单杭洪包诸左石崔吉"
    "龚程邢裴陆荣翁荀甄曲封储靳段巫焦巴牧隗山谷车侯宓蓬全班仰秋仲伊宫宁仇栾甘厉祖武符刘景詹束龙叶幸司韶黎蓟薄印宿白怀蒲邰鄂索咸"
    "赖卓蔺屠蒙池乔阴胥苍双闻莘党翟谭贡劳逄姬申扶堵冉宰郦雍璩桑桂濮牛寿通边扈燕冀郏浦尚农温别庄晏柴瞿阎充慕连茹习宦艾鱼容向古易慎"
    "戈廖庾暨居衡步耿满弘匡国文寇广禄阙东欧沃利蔚越夔隆师巩厍聂晁勾敖融冷辛阚那简饶空曾沙养鞠丰巢关蒯查荆红游竺权盖肖覃付代涂"
    "闫仝帅苟楚岳佘邸冼兰阳"
)
_SURNAME_SET = frozenset(_SURNAMES)
_COMPOUND = "欧阳|上官|司马|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|司徒|夏侯|南宫|端木"
_INTRODUCED = re.compile(
    r"(?:(?:我叫|我的名字是|我名叫|名叫|姓名|联系人|收件人|本人叫)(?:[是为叫]|[:：\s])*|(?:申请人|投诉人|举报人|户主|当事人)[是为:：]\s*)"
    r"([\u4e00-\u9fff]{2,5})"
)
_IS = re.compile(r"(?:我是|本人是|本人名叫)([\u4e00-\u9fff]{2,4})(?=[，。,.；;：:\s（(]|$|电话|手机|住|，)")
_ADDRESSED = re.compile(r"([\u4e00-\u9fff]{2,4})(?=先生|女士|小姐|同志|师傅)")
_ENGLISH = re.compile(
    r"(?:\b[Mm]y name is|\b[Nn]ame:|\b[Tt]his is|\bI am|\bI'm|\bMr\.?|\bMrs\.?|\bMs\.?|\bMiss)\s+"
    r"((?-i:[A-Z])[a-z]{1,20}(?:\s(?-i:[A-Z])[a-z]{1,20}){0,2})"
)
_NOT_NAMED = frozenset(
    ("Chinese", "English", "American", "British", "Writing", "Calling", "Not", "The", "Very", "Sorry", "Afraid", "Sure")
)
_CALLINGS = frozenset("生员民人主户师工者家长客友姐哥妈爸商农兵医")
_COMPOUNDS = tuple(_COMPOUND.split("|"))
_NOT_IN_NAME = frozenset("的是为住在家有要想来到去电手联反希请身性年今我你他她和与及也就都很了着过被把向从对")
_FALSE_NAMES = frozenset(
    {"高兴", "方便", "应该", "时间", "安全", "常年", "和谐", "任何", "都是", "管理", "相关", "平时"}
)

_MOBILE = re.compile(
    r"(?<![0-9])(?:\+?86[- ]?)?(?:1[3-9][0-9][- .]?[0-9]{4}[- .]?[0-9]{4}|1 [3-9](?: [0-9]){9})(?![0-9])"
    "|(?<![一二三四五六七八九零〇幺])[一幺][三四五六七八九][一二三四五六七八九零〇幺]{9}(?![一二三四五六七八九零〇幺])"
)
_LANDLINE = re.compile(
    r"(?<![0-9])(?:\(0[0-9]{2,3}\)|（0[0-9]{2,3}）|0[0-9]{2,3}[- ]?)[2-8][0-9]{6,7}(?:[-转][0-9]{1,6})?(?![0-9])"
    r"|(?<=电话|座机|固话)[:：是为]?\s?[2-8][0-9]{6,7}(?![0-9])"
)
_IDENTITY = re.compile(r"(?<![0-9A-Za-z])(?:[1-9](?:[ -]?[0-9]){16}[ -]?[0-9Xx]|[1-9][0-9]{14})(?![0-9A-Za-z])")
_CARD = re.compile(r"(?<![0-9])[3-69](?:[ -]?[0-9]){14,18}(?![0-9])")
_PLATE = re.compile(
    "[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z][·• .]?(?=[A-Z0-9]{0,6}[0-9])"
    "(?:[A-HJ-NP-Z0-9]{6}|[A-HJ-NP-Z0-9]{5}|[A-HJ-NP-Z0-9]{4}[挂学警港澳])(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_PASSPORT = re.compile(
    r"(?<![0-9A-Za-z])(?:[EGDSP][0-9]{8}|E[A-HJ-NP-Z][0-9]{7}|[CHMW][0-9]{8})(?![0-9A-Za-z])"
    r"|(?<=护照号)码?[:：是]?\s?[A-Z0-9]{6,9}(?![0-9A-Za-z])|(?<=passport )(?:no\.? |number )?[A-Z]{0,2}[0-9]{6,9}\b",
    re.IGNORECASE,
)
_ACCOUNT = re.compile(
    r"(?:微信号?|wechat(?: id)?|qq号?)\s?[:：是为]?\s?([a-z][a-z0-9_-]{5,19}|[1-9][0-9]{4,10})", re.IGNORECASE
)
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}")
_CN = "0-9零〇一二三四五六七八九十"
_DOOR = re.compile(
    rf"[{_CN}]{{1,4}}(?:号楼|号院|栋|幢|座|号)[{_CN}]{{0,3}}(?:单元)?"
    rf"[{_CN}]{{0,3}}(?:楼|层)?[- ]?(?:[0-9]{{1,5}}|[{_CN}]{{2,5}})(?:室|房|户|号)?(?![栋幢0-9])"
    r"|[0-9]{1,3}-[0-9]{1,2}-[0-9]{3,4}(?![0-9-])"
    r"|\b(?:flat|apartment|apt\.?|unit|room)\s?#?[0-9]{1,4}[a-z]?\b"
    r"|\b[0-9]{1,4}\s(?:[a-z]{2,15}\s){1,3}(?:road|street|lane|avenue)\b",
    re.IGNORECASE,
)
_HOME = re.compile(r"(?:家住|住在|住址|地址|我家)[^，。；\n]{0,20}?([0-9]{1,4}(?:-[0-9]{1,3})?号)")
_DIGITS = re.compile("[0-9零〇一二三四五六七八九幺]{2}")
_LOOSE = re.compile("[0-9][- .][0-9]|(?:flat|room|unit|apt)", re.IGNORECASE)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def find(text: str) -> tuple[Span, ...]:
    """All personal data, in order, without overlaps (the first rule that claims a stretch keeps it)."""
    found: list[Span] = []
    if _DIGITS.search(text) or _LOOSE.search(text):
        for kind, form, holds in _NUMBERS:
            for match in form.finditer(text):
                if holds is None or holds(match[0]):
                    _claim(found, kind, match.start(), match.end())
        for match in _HOME.finditer(text):
            _claim(found, "address", match.start(1), match.end(1))
    for match in _ACCOUNT.finditer(text):
        _claim(found, "account", match.start(1), match.end(1))
    if "@" in text:
        for match in _EMAIL.finditer(text):
            _claim(found, "email", match.start(), match.end())
    for start, end in _names(text):
        _claim(found, "name", start, end)
    return tuple(sorted(found, key=lambda span: span.start))


def _names(text: str) -> Iterator[tuple[int, int]]:
    """Names after an introduction or before a form of address."""
    for match in _INTRODUCED.finditer(text):
        length = name_length(match[1])
        if length:
            yield match.start(1), match.start(1) + length
    for match in _IS.finditer(text):
        if name_length(match[1]) == len(match[1]) and match[1][-1] not in _CALLINGS:
            yield match.span(1)
    for match in _ADDRESSED.finditer(text):
        for skipped in range(len(match[1]) - 1):
            name = match[1][skipped:]
            if name_length(name) == len(name):
                yield match.start(1) + skipped, match.end(1)
                break
    for match in _ENGLISH.finditer(text):
        if match[1].split()[0] not in _NOT_NAMED and (" " in match[1] or not match[0].startswith(("I", "This"))):
            yield match.span(1)


def name_length(text: str) -> int:
    """How many characters of *text* are a personal name, 0 for none: a known surname and one or two more."""
    surname = 2 if text.startswith(_COMPOUNDS) else 1
    if (surname == 1 and text[:1] not in _SURNAME_SET) or text[:2] in _FALSE_NAMES:
        return 0
    length = surname
    while length < min(len(text), surname + 2) and text[length] not in _NOT_IN_NAME:
        length += 1
    return length if length > surname else 0


def _claim(found: list[Span], kind: str, start: int, end: int) -> None:
    if all(end <= span.start or start >= span.end for span in found):
        found.append(Span(kind, start, end))


def is_identity(number: str) -> bool:
    """Whether a resident identity number is well formed: date and, at 18 digits, check digit (GB 11643)."""
    if len(number) == 15:
        return number.isdecimal() and _is_day("19" + number[6:12])
    if len(number) != 18 or not number[:17].isdecimal() or not _is_day(number[6:14]):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False))
    return number[17].upper() == "10X98765432"[total % 11]


def _is_day(digits: str) -> bool:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8])).year >= 1850
    except ValueError:
        return False


def luhn(number: str) -> bool:
    """The check digit of bank cards (ISO/IEC 7812)."""
    total = 0
    for at, digit in enumerate(reversed(number)):
        value = int(digit) * (1 + at % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


_NUMBERS: tuple[tuple[str, re.Pattern[str], Callable[[str], bool] | None], ...] = (
    ("identity", _IDENTITY, lambda text: is_identity(re.sub("[ -]", "", text))),
    ("mobile", _MOBILE, None),
    ("landline", _LANDLINE, None),
    ("bank_card", _CARD, lambda text: luhn(re.sub("[ -]", "", text))),
    ("passport", _PASSPORT, None),
    ("plate", _PLATE, None),
    ("address", _DOOR, None),
)


def mask(text: str, spans: Iterable[Span]) -> str:
    """The text with personal data starred out, of the same length. Advertising spans are left as they stand."""
    characters = list(text)
    for span in spans:
        if span.kind == "advertising":
            continue
        keep = {"mobile": 3, "plate": 2, "name": 1}.get(span.kind, 0)
        for at in range(max(0, span.start) + keep, min(span.end, len(characters))):
            characters[at] = "*"
    return "".join(characters)
