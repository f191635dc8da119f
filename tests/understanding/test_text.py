"""Any text is read: nothing raises, every offset lies inside the text, floods stay cheap."""

import time
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linli.procedures.categories import Catalogue
from linli.understanding import personal
from linli.understanding.cold import Cold
from linli.understanding.gazetteer import Gazetteer
from linli.understanding.reader import read
from linli.understanding.reading import Reading
from linli.understanding.text import CUT, MENDED, READ_LIMIT, clean

NASTY = {
    "empty": "",
    "blank": " \t\u3000\n ",
    "emoji": "👨‍👩‍👧‍👦🏮路灯💡不亮😡",
    "rtl": "مصباح الشارع معطل \u202eabc\u202c",
    "zero-width": "路\u200b灯\ufeff不\u2060亮",
    "nul": "路灯\x00不亮\x00",
    "lone-surrogate": "路灯\ud800不亮\udfff",
    "combining-flood": "路灯" + "\u0301" * 5000 + "不亮",
    "rare-names": "我叫𠮷野䶮，路灯不亮",
    "expanding": "\ufdfa" * 3000,
    "full-width": "ＡＢＣ１３８１２３４５６７８，路灯不亮！",
    "crlf": "路灯\r\n不亮\r\n\r\n\r\n\r\n谢谢",
    "one-char": "灯",
    "numbers-only": "1、2、3、4、5、",
}


def well_formed(reading: Reading) -> None:
    size = len(reading.text)
    for span in (*reading.personal, *reading.advertising):
        assert 0 <= span.start < span.end <= size
    assert reading.parts
    assert reading.parts[0].span[0] == 0
    assert reading.parts[-1].span[1] == size
    for part, following in zip(reading.parts, reading.parts[1:], strict=False):
        assert part.span[1] == following.span[0]
    for part in reading.parts:
        assert part.text == reading.text[slice(*part.span)]
        assert 0 <= part.confidence <= 1
        assert part.sure == (not part.doubts)
    reading.text.encode("utf-8")


@pytest.mark.parametrize("name", NASTY)
def test_nasty_text_is_read(name: str, catalogue: Catalogue, gazetteer: Gazetteer) -> None:
    well_formed(read(NASTY[name], catalogue=catalogue, gazetteer=gazetteer))


@pytest.mark.parametrize("name", ["zero-width", "nul", "combining-flood", "lone-surrogate"])
def test_hidden_characters_do_not_hide_the_problem(name: str, catalogue: Catalogue) -> None:
    guess = read(NASTY[name], catalogue=catalogue, gazetteer=None).parts[0].category
    assert guess is not None
    assert guess.code == "urban.lighting.streetlamp"


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_categories=()), max_size=300))
def test_never_raises(catalogue: Catalogue, gazetteer: Gazetteer, text: str) -> None:
    well_formed(read(text, catalogue=catalogue, gazetteer=gazetteer))


PIECES = [
    "路灯不亮",
    "漏水",
    "望江楼社区",
    "和平",
    "另外，",
    "；",
    "1、",
    "着火了",
    "没有",
    "我叫王小明",
    "13812345678",
    "加微信abc12345",
    "第3网格",
    "\n",
]


MORE = [
    "关注公众号",
    "扫码领取",
    "责任编辑：李华",
    "昨晚十点",
    "三天前",
    "last night",
    "孩子被打",
    "煤气味",
    "There is a fire",
    "My name is John Smith",
    "住3栋2单元501",
    "E12345678",
    "🙂",
    "\u202e",
    "\u0301",
    "，",
    "。",
    " ",
]


@settings(max_examples=300, deadline=None)
@given(pieces=st.lists(st.sampled_from(PIECES + MORE), max_size=30))
def test_never_raises_with_a_model_and_an_instant(catalogue: Catalogue, pieces: list[str]) -> None:
    at = datetime(2026, 11, 23, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
    reading = read("".join(pieces), catalogue=catalogue, gazetteer=None, model=Cold(catalogue), at=at)
    well_formed(reading)
    masked = personal.mask(reading.text, reading.personal)
    assert len(masked) == len(reading.text)
    orjson.dumps(reading.to_json())


@settings(max_examples=300, deadline=None)
@given(pieces=st.lists(st.sampled_from(PIECES), max_size=30))
def test_never_raises_on_words_it_knows(catalogue: Catalogue, gazetteer: Gazetteer, pieces: list[str]) -> None:
    reading = read("".join(pieces), catalogue=catalogue, gazetteer=gazetteer)
    well_formed(reading)
    assert reading == read("".join(pieces), catalogue=catalogue, gazetteer=gazetteer)


def test_chinese_punctuation_stays_and_full_width_digits_fold() -> None:
    text, _, notices = clean("电话１３８１２３４５６７８，（急）！")
    assert text == "电话13812345678，（急）！"
    assert notices == ()


def test_notices() -> None:
    assert clean("路\ud800灯")[2] == (MENDED,)
    text, rest, notices = clean("路灯不亮" * 300_000)
    assert len(text) == READ_LIMIT
    assert rest
    assert notices == (CUT,)


def test_danger_beyond_the_limit_is_still_found(catalogue: Catalogue) -> None:
    reading = read("路灯不亮。" * 100_000 + "楼下着火了", catalogue=catalogue, gazetteer=None)
    assert reading.danger is not None
    assert reading.danger.kind == "fire"


FLOODS = {
    "words": "路灯不亮漏水垃圾" * 125_000,
    "cuts": "路灯；漏水；" * 170_000,
    "names": "和平社区新民村望江楼" * 100_000,
    "digits": "13812345678 " * 85_000,
    "letters": "a" * 1_000_000,
    "advert": "特价" + "a" * 1_000_000,
    "denied": "没有着火" * 250_000,
    "marks": "\u0301\u0316" * 500_000,
}


@pytest.mark.parametrize("name", FLOODS)
def test_a_megabyte_costs_little_more_than_cleaning_it(name: str, catalogue: Catalogue, gazetteer: Gazetteer) -> None:
    """A ratio, since wall time depends on the machine: reading a flood against one plain pass over a megabyte."""
    plain = "".join(chr(0x4E00 + n % 9000) for n in range(1_000_000))

    def one_pass() -> None:
        assert sum(1 for character in plain if character == "灯") > 0

    assert took(lambda: read(FLOODS[name], catalogue=catalogue, gazetteer=gazetteer)) < 100 * took(one_pass)


def took(function: Callable[[], object]) -> float:
    best = 1e9
    for _ in range(3):
        start = time.perf_counter()
        function()
        best = min(best, time.perf_counter() - start)
    return best
