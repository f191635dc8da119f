"""From words found in a text to mentions of places: which words mean a place here, and what role each plays."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from linli.understanding.gazetteer_spelling import EVERYDAY, SHORT
from linli.understanding.gazetteer_words import is_word

ELSEWHERE: Final = "elsewhere"
PLAIN, PASSING, HOME, NOT = range(4)
"""What a place is to the matter: where it is, on the way, where the sender lives, expressly not there."""

_AFTER = re.compile(
    r"第?[0-9一二三四五六七八九十]{1,3}(?:组|社|队|小组|号网格|网格)|场镇|街上|场上|[那这](?:边|里|儿|个|一片|块)|附近|一带|片区|境内"
)
_OTHER_LEVEL: Final = re.compile(r"镇|乡(?!下)|县|省|街道")
_BEFORE = re.compile(r"(?:住在|家住|我住|位于|老家在?|家在|地[址点]是?[:：]?|来自)$")
_ROAD = re.compile(
    r"[东南西北中]?(?:路(?![灯面口边上段基沿不坏烂又太很都也没])|街(?![上道边口])|巷|大道)"
    r"|小区|花园|花苑|公寓|广场|家园|大厦|有限公司|集团|酒店|宾馆|牌|[小大]吃|火锅|烤鸭|拉面|大?桥(?!头)"
    r"|[口山湖洞寨岭坝沟湾坪岗阁寺庙峡洲坡](?![上下里边])"
)
_PERSON = re.compile(r"(?:先生|女士|同志|师傅|书记|主任|老师|医生|叔叔|阿姨|[哥姐]|说|本人)")
_CALLED = re.compile(r"(?:叫|姓名是?[:：]?|联系人[:：]?|名字是)[\u4e00-\u9fff]?$")
_SURNAMES: Final = frozenset(
    "王李张刘陈杨黄赵周吴徐孙朱马胡郭林何高梁郑罗宋谢唐韩曹许邓萧冯曾程蔡彭潘袁于董余苏叶吕魏蒋田杜丁沈姜范江傅钟卢汪戴崔任陆廖姚方金邱"
)
_HOME = re.compile(r"(?:家住|住在?|户[口籍]在?|老家在?是?|我们?是|来自|祖籍|从|离开)$")
_PASSING = re.compile(r"(?:去|到|往|路过|经过|回)$")
_NOT = re.compile(r"(?:不是|不在|并非|而非)$")
_PAIR = re.compile(r"\s*(?:县?城区?)?(?:到|至|往|去|通往|通向|和|与|及|跟|、|或者?|—+|-|~|～|to|and)\s*")
_GLUE = re.compile(r"[的 ,/·\-]{0,2}|\s*(?:of|in|,)\s*")
_CLAUSE = re.compile(r"[\u4e00-\u9fff]{0,9}")
_MOVES: Final = frozenset("到去回往来在至从的是")
_FREE: Final = frozenset(
    "的在住是到去从于和与及跟对向往回来了把给让被就叫有说请问我们你咱俺这那里外上下县市区镇乡省州老原靠离距"
)
_COMMON_NOUNS: Final = frozenset({"新农村", "中心村", "大村", "小村", "新村", "行政村", "自然村"})
_CITY_AFTER = re.compile(
    r"[东南西北中]?(?:路|街|大道)|人|[小大]吃|火锅|烤鸭|拉面|银行|大学|籍|牌|方向|话|号|菜|味|户口"
)
_CITY_BEFORE = re.compile(r"(?:[在去从到往住回]|位于|来自|^|[，。；！？,;!?\n ])$")


@dataclass(frozen=True, slots=True)
class Entry:
    """One meaning of one spelling. ``weak`` as in gazetteer_spelling; ``official``: with its official suffix."""

    area: str
    name: str
    kind: str
    weak: int
    official: bool


@dataclass(slots=True)
class Mention:
    """A stretch of the text that may mean some places.

    ``how`` the words lead to the name: "" (they are it), "sound", "typo", "roman", "near", "elsewhere", "inside",
    "word". ``doubted``: the words are in general use; unless something supports them, a person is asked. ``spare``:
    weaker meanings, for when the place beside it rules the strong ones out.
    """

    start: int
    end: int
    word: str
    entries: list[Entry]
    supported: str = ""
    how: str = ""
    group: int = 0
    role: int = PLAIN
    paired: bool = False
    doubted: bool = False
    spare: tuple[Entry, ...] = ()

    @property
    def weak(self) -> int:
        """The weakness of its strongest meaning; none once something else supports it."""
        return 0 if self.supported else min(entry.weak for entry in self.entries)


def usable(text: str, mention: Mention, everyday: frozenset[str], starts: Collection[int]) -> bool:
    """Whether the words can mean a place where they stand; marks what supports them. *starts*: of other names."""
    if mention.word in _COMMON_NOUNS:
        mention.entries = _needy(mention)
    if all(entry.official for entry in mention.entries) and not mention.weak:
        return True
    if mention.end not in starts and _ROAD.match(text, mention.end):
        return False
    if _OTHER_LEVEL.match(text, mention.end) and mention.entries[0].kind == "village":
        return False  # 新桥镇 is not the village 新桥
    before = text[max(0, mention.start - 5) : mention.start]
    if mention.weak and _is_person(text, mention, before):
        return False
    if _AFTER.match(text, mention.end) or _BEFORE.search(before):
        mention.supported = "around"
    elif mention.weak == EVERYDAY and len(mention.word) > 2 and mention.word.endswith(("路", "街")):
        mention.supported = mention.how = "near"  # 建设路 may be the community of that name: worth asking
    elif (mention.weak == SHORT or mention.word[:2] in everyday) and _cut(text, mention, everyday):
        mention.entries = _needy(mention)
    elif mention.weak == SHORT and is_word(mention.word):
        if all(entry.kind == "village" for entry in mention.entries):
            mention.entries = _needy(mention)
        else:
            mention.doubted = any(entry.kind == "township" for entry in mention.entries)
    return True


def _needy(mention: Mention) -> list[Entry]:
    """Its meanings, each in need of support."""
    return [Entry(e.area, e.name, e.kind, EVERYDAY, e.official) for e in mention.entries]


def bounded(text: str, mention: Mention, ends: Collection[int], everyday: frozenset[str]) -> bool:
    """Whether the name may begin where it does: 横板桥村 is not 板桥村, but 反映板桥村 is."""
    at = mention.start
    if at == 0 or at in ends or not "\u4e00" <= text[at - 1] <= "\u9fff" or text[at - 1] in _FREE:
        return True
    return text[max(0, at - 2) : at] in everyday or text[max(0, at - 3) : at] in everyday


def _is_person(text: str, mention: Mention, before: str) -> bool:
    if _CALLED.search(before):
        return True
    return bool(before) and before[-1] in _SURNAMES and bool(_PERSON.match(text, mention.end))


def _cut(text: str, mention: Mention, everyday: frozenset[str]) -> bool:
    """Whether an everyday word runs over the edge of the mention: 路上+场面 is no 上场."""
    if text[mention.end - 1 : mention.end + 1] in everyday:
        return True
    return mention.weak == SHORT and text[max(0, mention.start - 1) : mention.start + 1] in everyday


def foreign(text: str, mentions: Sequence[Mention]) -> tuple[list[Mention], list[Mention]]:
    """Own mentions that remain, and those that mean places elsewhere: what hangs on such a one is elsewhere too."""
    away = [m for m in mentions if all(entry.kind == ELSEWHERE for entry in m.entries) and _is_away(text, m)]
    own = [m for m in mentions if any(entry.kind != ELSEWHERE for entry in m.entries)]
    if not away:
        return own, []
    dropped: set[int] = set()
    for start in away:
        end, hanging = start.end, []
        for mention in sorted(own, key=lambda each: each.start):
            gap = text[end : mention.start]
            if mention.end <= end or mention.start < start.start or not _CLAUSE.fullmatch(gap):
                continue
            if _MOVES.intersection(gap):
                continue
            hanging.append(mention)
            end = mention.end
        if not _holds(hanging):
            dropped.update(map(id, hanging))
    away += [mention for mention in own if id(mention) in dropped]
    return [mention for mention in own if id(mention) not in dropped], away


def _holds(mentions: Sequence[Mention]) -> bool:
    """Whether one is the town of another: then they are this city's, whatever stands before them."""
    return any(
        low.area.startswith(up.area) and low.area != up.area and up.official
        for above in mentions
        for below in mentions
        for up in above.entries
        for low in below.entries
    )


def _is_away(text: str, mention: Mention) -> bool:
    """A city's bare name in front of 路 or 火锅 means no city."""
    if mention.entries[0].official:
        return True
    if _CITY_AFTER.match(text, mention.end):
        return False
    return bool(_CITY_BEFORE.search(text[max(0, mention.start - 2) : mention.start]))


def grouped(text: str, mentions: Sequence[Mention]) -> None:
    """Number the groups (苏稽镇徐浩村 is one) and set the role that each group plays."""
    last: Mention | None = None
    for mention in mentions:
        glued = last is not None and mention.start >= last.end and _GLUE.fullmatch(text[last.end : mention.start])
        overlapping = last is not None and mention.start < last.end
        mention.group = last.group if last is not None and (glued or overlapping) else (last.group + 1 if last else 0)
        last = mention
    if not mentions or mentions[-1].group == 0:
        return
    groups = [[m for m in mentions if m.group == number] for number in range(mentions[-1].group + 1)]
    for group in groups:
        role = _role(text[max(0, group[0].start - 5) : group[0].start])
        for mention in group:
            mention.role = role
    for left, right in pairwise(groups):
        between = text[left[-1].end : right[0].start]
        if _PAIR.fullmatch(between) or (_PAIR.match(between) and len(between) <= 2):
            pair(left, right)


def pair(left: Iterable[Mention], right: Iterable[Mention]) -> None:
    """From A to B, A and B: both count."""
    for mention in (*left, *right):
        mention.role, mention.paired = PLAIN, True


def _role(before: str) -> int:
    if _NOT.search(before):
        return NOT
    if _HOME.search(before):
        return HOME
    return PASSING if _PASSING.search(before) else PLAIN
