"""When it happened: “昨晚十点”, “last night”, “三天前”, as an interval of instants, with the words that said so.

Relative to *at*, the instant the message was said, in the city's own zone; without it nothing is found. A day alone is
that day; a day and a part of it (晚上 18–24 …) that part; an hour is that hour. What would lie ahead of *at* is
read as the last such. Limits: holidays by name and the farmers' calendar are not read; of several times the most exact
is taken, of equals the first.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from linli.core.words import Words
from linli.understanding.reading import TimeGuess

READ: Final = 2_000
"""Characters that are searched."""
DAY: Final = timedelta(days=1)
HOUR: Final = timedelta(hours=1)

_DAYS: Final = {
    "大前天": 3, "前天": 2, "前日": 2, "前晚": 2, "前夜": 2, "昨天": 1, "昨日": 1, "昨晚": 1, "昨夜": 1, "昨早": 1,
    "今天": 0, "今日": 0, "今早": 0, "今晨": 0, "今晚": 0, "the day before yesterday": 2, "yesterday": 1,
    "last night": 1, "today": 0, "this morning": 0, "this afternoon": 0, "this evening": 0, "tonight": 0,
}  # fmt: skip
_PARTS: Final = {
    "凌晨": (0, 6), "清晨": (5, 8), "早上": (6, 10), "早晨": (6, 9), "上午": (8, 12), "中午": (11, 14),
    "下午": (12, 18), "傍晚": (17, 20), "晚上": (18, 24), "夜里": (20, 30), "夜间": (20, 30), "深夜": (22, 28),
    "半夜": (23, 29), "晚": (18, 24), "夜": (20, 30), "早": (6, 10), "晨": (5, 9), "morning": (6, 12),
    "afternoon": (12, 18), "evening": (18, 23), "night": (20, 30), "noon": (11, 14), "midnight": (23, 25),
}  # fmt: skip
_WEEKDAYS: Final = {
    "一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6,
    "monday": 0, "tuesday": 1, "wednesday": 2, "thursday": 3, "friday": 4, "saturday": 5, "sunday": 6,
}  # fmt: skip
_UNITS: Final = {
    "分钟": timedelta(minutes=1), "小时": HOUR, "钟头": HOUR, "天": DAY, "周": 7 * DAY, "星期": 7 * DAY, "月": 30 * DAY,
    "年": 365 * DAY, "minute": timedelta(minutes=1), "hour": HOUR, "day": DAY, "week": 7 * DAY, "month": 30 * DAY,
    "year": 365 * DAY,
}  # fmt: skip
_SPANS: Final = {
    "刚才": (HOUR / 2, 0 * HOUR), "刚刚": (HOUR / 2, 0 * HOUR), "方才": (HOUR / 2, 0 * HOUR),
    "just now": (HOUR / 2, 0 * HOUR),
    "这几天": (4 * DAY, 0 * DAY), "这两天": (2 * DAY, 0 * DAY), "最近": (14 * DAY, 0 * DAY), "近日": (7 * DAY, 0 * DAY),
    "近期": (14 * DAY, 0 * DAY), "recently": (14 * DAY, 0 * DAY), "these days": (7 * DAY, 0 * DAY),
}  # fmt: skip
_DIGITS: Final = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"两": 2, "几": 3}


def _either(words: Iterable[str]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


_N = "[0-9]{1,3}|[一二三四五六七八九十两几]{1,3}"
_HINT = re.compile("[0-9天晚早午昨今前周期刚近晨夜月年]|ago|last|yesterday|night|this|recent|just|day|month")
_DAY = re.compile(
    rf"(?P<day>{_either(_DAYS)})"
    r"|(?:(?P<year>20[0-9]{2})\s?[年./-]\s?)?(?P<month>1[0-2]|0?[1-9])\s?(?:月|[/-](?=[0-9]{1,2}(?:日|号|\s|$)))\s?"
    r"(?P<dom>3[01]|[12][0-9]|0?[1-9])\s?(?:日|号)?(?![0-9])"
    r"|(?P<before>上个?)?(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天])(?!天|个|次|年)"
    rf"|(?:on|last|since|this)\s(?P<named>{'|'.join(w for w in _WEEKDAYS if w.isascii())})"
)
_CLOCK = re.compile(
    rf"(?P<part>{_either(w for w in _PARTS if not w.isascii() and len(w) > 1)})?的?\s?"
    r"(?P<hour>2[0-4]|1[0-9]|[0-9]|[一二三四五六七八九十两]{1,3})\s?(?:点钟?|时(?!候|间)|[:：](?=[0-5][0-9]))\s?"
    r"(?:(?P<minute>[0-5]?[0-9])分?|(?P<half>半)|(?P<quarter>[一三]刻))?"
    r"|(?:at|around|about)?\s?(?P<ehour>1[0-2]|[1-9])(?:[:.](?P<eminute>[0-5][0-9]))?\s?(?P<half_day>[ap])\.?m\b"
)
_PART = re.compile(rf"的?\s?(?P<part>{_either(_PARTS)})")
_AGO = re.compile(
    rf"(?P<n>{_N}|半)\s?(?P<half>个?半)?个?多?(?P<unit>{_either(u for u in _UNITS if not u.isascii())})"
    r"多?(?P<ago>之?以?前|了|没|不|以来|都|还没)"
    r"|(?P<en>[0-9]{1,3}|an?|one|two|three|four|five|six|seven|ten|a few|several)\s"
    rf"(?P<eunit>{'|'.join(u for u in _UNITS if u.isascii())})s?\s(?P<eago>ago|now|already)"
    r"|for\s(?P<fn>[0-9]{1,3}|an?|one|two|three|four|five|six|seven|ten|several)\s"
    rf"(?P<funit>{'|'.join(u for u in _UNITS if u.isascii())})s?"
)
_SPAN = re.compile(rf"(?P<span>{_either(_SPANS)})|(?P<week>上周|上个?星期|last week)|(?P<lastmonth>上个?月|last month)")
_EN_N: Final = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "ten": 10,
    "a few": 3, "several": 3,
}  # fmt: skip


class _Found(NamedTuple):
    span: tuple[int, int]
    start: datetime
    end: datetime


def find(text: str, at: datetime | None) -> TimeGuess | None:
    """The most exact time that *text* (folded) names, or None. Never raises: an impossible date is passed over."""
    if at is None or not _HINT.search(text[:READ]):
        return None
    text = text[:READ]
    best: _Found | None = None
    for found in (*_days(text, at), *_hours(text, at), *_ago(text, at), *_spans(text, at)):
        if found.start <= at + DAY and (best is None or found.end - found.start < best.end - best.start):
            best = found
    return _told(text, best) if best else None


def _told(text: str, found: _Found) -> TimeGuess:
    said = text[found.span[0] : found.span[1]].strip()
    exact = found.end - found.start < DAY
    form = "%Y-%m-%d %H:%M" if exact else "%Y-%m-%d"
    first = found.start.strftime(form)
    last = (found.end if exact else found.end - timedelta(seconds=1)).strftime("%H:%M" if exact else form)
    shown = first if first == last else f"{first}–{last}"
    return TimeGuess(found.start, found.end, Words(f"“{said}” → {shown}", f"“{said}” → {shown}"))


def _midnight(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def _days(text: str, at: datetime) -> Iterator[_Found]:
    """Days, alone or with a part of the day or an hour directly after them."""
    for match in _DAY.finditer(text):
        day = _day_of(match, at)
        if day is None:
            continue
        word = match["day"] or ""
        inner = next((p for p in _PARTS if word.endswith(p)), "")
        clock = _CLOCK.match(text, match.end()) or _CLOCK.match(text, match.end() + 1)
        part = _PART.match(text, match.end())
        if clock is not None:
            start, end = _clocked(day, clock, inner)
            yield _Found((match.start(), clock.end()), start, end)
        elif part is not None or inner:
            low, high = _PARTS[part["part"] if part else inner]
            yield _Found((match.start(), part.end() if part else match.end()), day + low * HOUR, day + high * HOUR)
        else:
            yield _Found(match.span(), day, day + DAY)


def _day_of(match: re.Match[str], at: datetime) -> datetime | None:
    today = _midnight(at)
    if match["day"]:
        return today - _DAYS[match["day"]] * DAY
    if match["month"]:
        try:
            day = today.replace(year=int(match["year"] or at.year), month=int(match["month"]), day=int(match["dom"]))
            return day if match["year"] or day <= today + DAY else day.replace(year=at.year - 1)
        except ValueError:
            return None
    wanted = _WEEKDAYS[match["weekday"] or match["named"]]
    monday = today - today.weekday() * DAY
    day = monday + wanted * DAY - (7 * DAY if match["before"] else 0 * DAY)
    return day if day <= today else day - 7 * DAY


def _hours(text: str, at: datetime) -> Iterator[_Found]:
    """An hour without a day: the last such hour."""
    for match in _CLOCK.finditer(text):
        start, end = _clocked(_midnight(at), match, "")
        yield _Found(match.span(), start, end) if start <= at else _Found(match.span(), start - DAY, end - DAY)


def _clocked(day: datetime, match: re.Match[str], inner: str) -> tuple[datetime, datetime]:
    """The hour that *match* of ``_CLOCK`` says, on *day*; ten minutes where minutes are said."""
    if match["half_day"]:
        hour = int(match["ehour"]) % 12 + (12 if match["half_day"] == "p" else 0)
        minute = int(match["eminute"] or 0)
    else:
        hour = number(match["hour"])
        minute = (
            30 if match["half"] else {"一": 15, "三": 45}.get((match["quarter"] or " ")[0], int(match["minute"] or 0))
        )
        low, high = _PARTS.get(match["part"] or inner, (0, 24))
        if high > 24 and hour <= high - 24:
            hour += 24
        elif hour <= 12 and low >= 11 and hour + 12 <= high + 1 and not (low == 11 and hour >= 11):
            hour += 12
    start = day + hour * HOUR + timedelta(minutes=minute)
    exact = match["eminute"] or match["minute"] or match["half"] or match["quarter"]
    return start, start + (timedelta(minutes=10) if exact else HOUR)


def _ago(text: str, at: datetime) -> Iterator[_Found]:
    """So long ago, or for so long: from then to now, or about then."""
    for match in _AGO.finditer(text):
        if match["fn"] or match["en"]:
            name = match["fn"] or match["en"]
            count: float = int(name) if name.isdecimal() else _EN_N[name]
            unit, points = _UNITS[match["funit"] or match["eunit"]], match["eago"] == "ago"
        else:
            count = 0.5 if match["n"] == "半" else number(match["n"]) + (0.5 if match["half"] else 0)
            unit, points = _UNITS[match["unit"]], match["ago"].endswith("前")
        length = unit * count
        if unit >= DAY:
            then = _midnight(at - length)
            yield _Found(match.span(), then, then + max(DAY, unit) if points else at)
        else:
            yield _Found(match.span(), at - length - unit, at - length + unit if points else at)


def _spans(text: str, at: datetime) -> Iterator[_Found]:
    for match in _SPAN.finditer(text):
        if match["span"]:
            back, until = _SPANS[match["span"]]
            yield _Found(match.span(), at - back, at - until)
        elif match["week"]:
            monday = _midnight(at) - at.weekday() * DAY
            yield _Found(match.span(), monday - 7 * DAY, monday)
        else:
            first = _midnight(at).replace(day=1)
            yield _Found(match.span(), (first - DAY).replace(day=1), first)


def number(text: str) -> int:
    """A count in Arabic or Chinese figures up to 999; “几” is taken as three."""
    if text.isdecimal():
        return int(text)
    total, current = 0, 0
    for character in text:
        if character == "十":
            total, current = total + (current or 1) * 10, 0
        else:
            current = _DIGITS.get(character, 0)
    return total + current
