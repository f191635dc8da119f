"""When it happened, relative to Monday 2026-11-23 09:30 in the city's zone."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.procedures.categories import Catalogue
from linli.understanding import times
from linli.understanding.lexicon import folded
from linli.understanding.reader import read

ZONE = ZoneInfo("Asia/Shanghai")
AT = datetime(2026, 11, 23, 9, 30, tzinfo=ZONE)


def on(day: int, hour: int = 0, minute: int = 0, month: int = 11, year: int = 2026) -> datetime:
    return datetime(year, month, day, tzinfo=ZONE) + timedelta(hours=hour, minutes=minute)


SAID = [
    ("昨晚十点楼上装修", on(22, 22), on(22, 23)),
    ("昨天晚上10点半", on(22, 22, 30), on(22, 22, 40)),
    ("今天早上七点停水", on(23, 7), on(23, 8)),
    ("前天下午有人倒垃圾", on(21, 12), on(21, 18)),
    ("昨天", on(22), on(23)),
    ("昨夜两点", on(23, 2), on(23, 3)),
    ("半夜两点还在施工", on(23, 2), on(23, 3)),
    ("中午12点", on(22, 12), on(22, 13)),
    ("下午三点一刻", on(22, 15, 15), on(22, 15, 25)),
    ("上周五晚上很吵", on(20, 18), on(20, 24)),
    ("周六", on(21), on(22)),
    ("11月20日晚上8点", on(20, 20), on(20, 21)),
    ("12月31日", on(31, month=12, year=2025), on(31, 24, month=12, year=2025)),
    ("2025年3月5日", on(5, month=3, year=2025), on(6, month=3, year=2025)),
    ("三天前", on(20), on(21)),
    ("停水两天了", on(21), AT),
    ("路灯坏了一个多星期了", on(16), AT),
    ("刚才有人打架", AT - timedelta(minutes=30), AT),
    ("上个月", on(1, month=10), on(1)),
    ("Last night at 11 pm", on(22, 23), on(22, 24)),
    ("The lamp has been out for three days", on(20), AT),
    ("It broke this morning", on(23, 6), on(23, 12)),
    ("since Friday", on(20), on(21)),
]


@pytest.mark.parametrize(("text", "start", "end"), SAID)
def test_said(text: str, start: datetime, end: datetime) -> None:
    found = times.find(folded(text), AT)
    assert found is not None
    assert (found.start, found.end) == (start, end)
    assert found.reason.zh.startswith("“")


@pytest.mark.parametrize(
    "text",
    ["路灯不亮", "1号楼3单元", "三点水路", "一周年", "2月30日", "", "门牌12-3-401", "天天超市"],
)
def test_no_time(text: str) -> None:
    assert times.find(text, AT) is None


def test_nothing_without_an_instant(catalogue: Catalogue) -> None:
    text = "昨晚十点路灯不亮"
    assert read(text, catalogue=catalogue, gazetteer=None).parts[0].time is None
    part = read(text, catalogue=catalogue, gazetteer=None, at=AT).parts[0]
    assert part.time is not None
    assert part.time.reason in part.reasons
    said = read(text, catalogue=catalogue, gazetteer=None, at=AT).to_json()
    assert said["parts"][0]["time"]["start"] == "2026-11-22T22:00:00+08:00"  # type: ignore[index]


@given(
    st.text(
        "昨前今天晚早上下午凌晨半夜周星期一二三四五六日月年点分刻钟时0123456789:：/-. 前了ago last pmam", max_size=60
    ),
    st.integers(0, 30_000).map(lambda days: AT.replace(year=2001) + timedelta(days=days)),
)
def test_never_raises_and_is_an_interval(text: str, at: datetime) -> None:
    found = times.find(folded(text), at)
    if found is not None:
        assert found.start < found.end
        assert found.start <= at + timedelta(days=2)
