"""The shipped calendars and tables, and how a broken one is refused."""

from datetime import UTC, date, datetime

import pytest

from linli.core.calendars import YearMissing
from linli.core.spans import Span
from linli.procedures import calendars

# As announced; written down from the notices, apart from the files.
NOTICES = {
    2018: (
        "0101 0215-0221 0405-0407 0429-0501 0618 0924 1001-1007 1230-1231",
        "0211 0224 0408 0428 0929 0930 1229",
    ),
    2019: ("0101 0204-0210 0405-0407 0501-0504 0607-0609 0913-0915 1001-1007", "0202 0203 0428 0505 0929 1012"),
    2020: ("0101 0124-0202 0404-0406 0501-0505 0625-0627 1001-1008", "0119 0426 0509 0628 0927 1010"),
    2021: (
        "0101-0103 0211-0217 0403-0405 0501-0505 0612-0614 0919-0921 1001-1007",
        "0207 0220 0425 0508 0918 0926 1009",
    ),
    2022: (
        "0101-0103 0131-0206 0403-0405 0430-0504 0603-0605 0910-0912 1001-1007 1231",
        "0129 0130 0402 0424 0507 1008 1009",
    ),
    2023: (
        "0101-0102 0121-0127 0405 0429-0503 0622-0624 0929-1006",
        "0128 0129 0423 0506 0625 1007 1008",
    ),
    2024: (
        "0101 0210-0217 0404-0406 0501-0505 0610 0915-0917 1001-1007",
        "0204 0218 0407 0428 0511 0914 0929 1012",
    ),
    2025: ("0101 0128-0204 0404-0406 0501-0505 0531-0602 1001-1008", "0126 0208 0427 0928 1011"),
    2026: (
        "0101-0103 0215-0223 0404-0406 0501-0505 0619-0621 0925-0927 1001-1007",
        "0104 0214 0228 0509 0920 1010",
    ),
}
# Weekdays off less weekends worked are the statutory days; what a notice moves over New Year shows in two years.
STATUTORY_DAYS = {
    **dict.fromkeys(range(2004, 2008), 10), **dict.fromkeys(range(2008, 2025), 11), 2025: 13, 2026: 13,
    2005: 9, 2006: 9, 2007: 12,  # 31 December 2005, 30-31 December 2006, 29-31 December 2007
    2011: 10, 2012: 12,  # 31 December 2011 was worked for 2012
    2015: 12,  # 3 September 2015
    2020: 13,  # two more days of the Spring Festival
}  # fmt: skip


def days(year: int, text: str) -> set[date]:
    out: set[date] = set()
    for part in text.split():
        first, _, last = part.partition("-")
        begin, end = (date(year, int(mmdd[:2]), int(mmdd[2:])) for mmdd in (first, last or first))
        out |= {date.fromordinal(n) for n in range(begin.toordinal(), end.toordinal() + 1)}
    return out


@pytest.mark.parametrize("year", NOTICES)
def test_the_tables_say_what_the_notices_say(year: int) -> None:
    off, worked = (days(year, text) for text in NOTICES[year])
    table = calendars.tables("cn")[year]
    assert {d for d in table.holidays if d.weekday() < 5} == {d for d in off if d.weekday() < 5}
    assert table.make_up == worked
    assert f"{year}年部分节假日安排的通知" in table.source
    assert "国办发明电〔" in table.source


def test_every_year_adds_up() -> None:
    tables = calendars.tables("cn")
    assert list(tables) == list(range(2004, 2027))
    for year, table in tables.items():
        off = sum(day.weekday() < 5 for day in table.holidays)
        assert off - len(table.make_up) == STATUTORY_DAYS[year], year
        assert all(day.weekday() >= 5 for day in table.make_up)


def test_the_shipped_calendars() -> None:
    shipped = calendars.shipped()
    assert set(shipped) == {"always", "cn-workdays", "cn-statutory", "cn-custody", "daily-hours"}
    for calendar in shipped.values():
        assert calendar.names.zh
        assert calendar.names.en
        assert calendar.source
        assert calendar.zone == "Asia/Shanghai"
    assert shipped["always"].always
    assert "unverified" in shipped["cn-workdays"].source
    assert not shipped["cn-custody"].roll
    with pytest.raises(KeyError):
        calendars.tables("../cn")


MINIMAL = """
id = "mine"
zone = "Asia/Shanghai"
tables = "cn"
source = "本市规定"
names = { zh = "本市", en = "Our city" }
"""
NEXT_YEAR = """
[years.2027]
source = "本市录入"
off = [{ from = 2027-01-01, to = 2027-01-03 }]
worked = [2027-01-09]
"""


def test_a_city_enters_a_year() -> None:
    start, span = datetime(2026, 12, 31, 2, tzinfo=UTC), Span.parse("1 working_d")
    with pytest.raises(YearMissing):
        calendars.load(MINIMAL, "mine.toml").due(start, span)
    entered = calendars.load(MINIMAL + NEXT_YEAR, "mine.toml")
    assert entered.due(start, span) == datetime(2027, 1, 4, 16, tzinfo=UTC)
    assert entered.is_working(date(2027, 1, 9))
    assert not entered.is_working(date(2026, 10, 1))
    both = calendars.merged([entered], calendars.shipped())
    assert both["mine"] is entered
    assert len(both) == len(calendars.shipped()) + 1


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("id = ", 1, "TOML"),
        (MINIMAL + "colour = 1\n", 7, "unknown key colour"),
        (MINIMAL.replace('"mine"', '"Mine!"'), 2, "small letters"),
        (MINIMAL.replace("Asia/Shanghai", "Asia/Nowhere"), 3, "time zone"),
        (MINIMAL.replace('tables = "cn"', 'tables = "mars"'), 4, "no tables"),
        (MINIMAL.replace('tables = "cn"', ""), 2, "needs tables"),
        (MINIMAL.replace('"本市规定"', "3"), 5, "source"),
        (MINIMAL.replace("zh =", "de ="), 6, "zh and en"),
        (MINIMAL + 'opens = ["9-12"]\n', 7, "09:00-12:00"),
        (MINIMAL + 'opens = ["13:00-17:00", "09:00-12:00"]\n', 7, "in order"),
        (MINIMAL + 'opens = ["13:00-24:30"]\n', 7, "09:00-12:00"),
        (MINIMAL + 'weekdays_off = ["sunday"]\n', 7, "list of mon"),
        (MINIMAL + 'weekdays_off = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]\n', 7, "one weekday"),
        (MINIMAL + "roll = 1\n", 7, "true or false"),
        (MINIMAL + NEXT_YEAR.replace("2027]", "27]"), 8, "no year"),
        (MINIMAL + NEXT_YEAR.replace('source = "本市录入"', ""), 8, "names no source"),
        (MINIMAL + NEXT_YEAR.replace("worked = [2027-01-09]", ""), 8, "off and worked"),
        (MINIMAL + NEXT_YEAR.replace("2027-01-09", "2027-01-08"), 11, "weekday already"),
        (MINIMAL + NEXT_YEAR.replace("2027-01-09", "2027-01-03"), 10, "both off and worked"),
        (MINIMAL + NEXT_YEAR.replace("2027-01-09", "2028-01-09"), 11, "not in 2027"),
        (MINIMAL + NEXT_YEAR.replace("2027-01-09", '"soon"'), 8, "no date"),
        (MINIMAL + NEXT_YEAR.replace("to = 2027-01-03", "to = 2026-12-31"), 10, "not in 2027"),
        (MINIMAL + NEXT_YEAR.replace("to = 2027-01-03", "to = 2027-08-03"), 10, "too long"),
        (MINIMAL + NEXT_YEAR.replace(", to = 2027-01-03", ""), 10, "days off as"),
        (MINIMAL + NEXT_YEAR + "wroked = []\n", 12, "unknown key wroked"),
    ],
)
def test_a_broken_calendar_is_refused_with_file_line_and_reason(text: str, line: int, words: str) -> None:
    with pytest.raises(calendars.CalendarError, match=words) as refused:
        calendars.load(text, "mine.toml")
    fault = refused.value.fault
    assert (fault.name, fault.line) == ("mine.toml", line)
    assert fault.reason.zh
    assert fault.said("en").startswith(f"mine.toml:{line}: ")
