"""What two messages are compared by: hashed character pairs of a plain form of the text, and its building numbers.

Character n-grams after Broder, “On the resemblance and containment of documents” (1997); two characters, since most
Chinese words have two. Only 19-bit hashes are kept, so that an index of them holds no sentence. A pair that belongs to
the trouble rather than to the name of a place carries the bit WHAT: the same estate with another trouble is no
duplicate, nor the same trouble in another street.
"""

import re
import unicodedata
from importlib import resources
from typing import Final

import numpy as np
import numpy.typing as npt

Grams = npt.NDArray[np.uint32]
BITS: Final = 19
SLOTS: Final = 1 << BITS
MOST: Final = 240  # characters of the plain form that are compared
WHAT: Final = np.uint32(1 << 31)
SINGLE: Final = np.uint32(1 << 30)
HASH: Final = np.uint32(SLOTS - 1)
_ONE, _TWO = np.uint32(0x9E3779B1), np.uint32(0x85EBCA77)
_SHIFT = np.uint32(32 - BITS)

# What people write in every letter to a government says nothing about its subject.
_POLITE = re.compile(
    "尊敬的?|领导|您好|你好|请问|麻烦|希望|有关部门|相关部门|政府|尽快|及时|处理一?下|处理|解决一?下|解决|谢谢|感谢|反映|反应|投诉|举报|"
    "我想|我要|我们|我是|居民|市民|群众|业主|这里的?|那里的?|一直|已经|非常|特别|真的|现在|目前|问题|情况|能不能|可不可以|可以|请|望|"
    "please|hello|thanks?|thank you|there is|there are|the |dear sir"
)
_LINES = (resources.files("linli.understanding") / "data" / "likeness_words.txt").read_text("utf-8").splitlines()
_GROUPS: Final = [[w.replace("_", " ") for w in line.split()] for line in _LINES if line[:1] not in "-#"]
_THINGS: Final = [word for line in _LINES if line.startswith("- ") for word in line[2:].split()]
_CANON: Final = {word: group[0] for group in _GROUPS for word in group if word.isalnum() and not word.isascii()}
_ENGLISH: Final = [(re.compile(word), group[0]) for group in _GROUPS for word in group if word.isascii()]
_WORD = re.compile("|".join(sorted(_CANON, key=len, reverse=True)))
_EMPTY = re.compile("[了的啊吧呢呀嘛哦着过]+")
_THING = re.compile(
    "|".join(sorted(_THINGS, key=len, reverse=True)).replace("公交|", "公交(?!站)|")
)  # a stop is a place
_ODD = re.compile("[^0-9a-z\u4e00-\u9fff]+")
_ASCII_WORD = re.compile("[a-z]{3}")
_NUMERAL = re.compile("[零一二两三四五六七八九十]{1,3}(?=[号栋幢座单组社队期区路楼])")
_BUILDING = re.compile("(?:号楼|幢|座|号院|号房)")
_BLANK, _HAN, _THREE = np.uint32(32), np.uint32(0x4E00), np.uint32(0xC2B2AE3D)
# The name of a place: up to five characters before what kind of place it is; and the number of a house.
_NAME = "[^ 的在住到有个这那我们家是和与从向把被里外上下边门口旁前后0-9]"
_KIND = (
    "(?:小区|社区|花园|公寓|广场|公园|小学|中学|学校|学院|大学|幼儿园|卫生院|卫生室|医院|农商行|银行|超市|市场|车站|公交站|"
    "地铁站|加油站|站台|派出所|安置点|院坝|雅居|名城|新城|园区|码头|大道|隧道|苑|湾|坝|村(?![里民])|镇|乡(?!下)|巷|桥|寺|祠|"
    "城(?!管)|(?<![走修占挡堵破马道公线铁铺让掉])路(?![灯面上人标牌烂])|街(?![灯上面])|河(?![边里])|江(?![边里]))"
)
_PLACE = re.compile(f"{_NAME}{{1,5}}?{_KIND}(?:{_KIND})*|[0-9]{{1,4}}(?:栋|单元|组|社|期|号|路)")
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
    text = _EMPTY.sub("", _WORD.sub(lambda m: _CANON[m[0]], _ODD.sub(" ", text)))
    return text.strip()[:MOST]


def _arabic(numeral: str) -> str:
    """三 → 3, 十二 → 12, 二十 → 20; a run of digits (二三) stays a run."""
    tens, mark, ones = numeral.partition("十")
    if not mark:
        return "".join(str(_DIGIT[c]) for c in numeral)
    if len(tens) > 1 or len(ones) > 1 or "十" in ones:
        return numeral
    return str((_DIGIT[tens] if tens else 1) * 10 + (_DIGIT[ones] if ones else 0))


def grams(form: str) -> Grams:
    """The distinct hashed character pairs of a plain form, sorted by hash; those of the trouble carry WHAT.

    The trouble's single characters stand there too, marked SINGLE: other words for a thing often share one.
    """
    codes = np.frombuffer(form.encode("utf-32-le"), dtype=np.uint32)
    if not len(codes):
        return np.empty(0, dtype=np.uint32)
    named = np.zeros(len(codes), dtype=bool)
    for match in _PLACE.finditer(form):
        named[match.start() : match.end()] = True
    blank = codes == _BLANK
    pairs = ((codes[:-1] * _ONE) ^ (codes[1:] * _TWO)) >> _SHIFT
    pairs[~(named[:-1] | named[1:])] |= WHAT
    singles = ((codes[(codes >= _HAN) & ~named] * _THREE) >> _SHIFT) | (WHAT | SINGLE)
    found = np.concatenate((pairs[~(blank[:-1] | blank[1:])], singles))
    found = found[np.argsort(((found & HASH) << 1) | (found < WHAT))]  # of two equal ones WHAT comes first
    kept = np.ones(len(found), dtype=bool)
    np.not_equal(found[1:] & HASH, found[:-1] & HASH, out=kept[1:])
    return np.asarray(found[kept], dtype=np.uint32)


def things(form: str) -> frozenset[str]:
    """What a plain form is about: the things it names."""
    return frozenset(_THING.findall(form))


def numbers(form: str) -> tuple[tuple[str, str], ...]:
    """The building, unit, group and road numbers that a plain form names: (unit, number)."""
    return tuple({(unit, number) for number, unit in _NUMBER.findall(form)})
