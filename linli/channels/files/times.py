"""The times that tables carry, in the ways people and programs write them."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

_FORMS: Final = (
    *("%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"),
    *("%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%Y", "%Y.%m.%d", "%Y%m%d"),
    *("%Y年%m月%d日 %H:%M:%S", "%Y年%m月%d日 %H:%M", "%Y年%m月%d日%H时%M分", "%Y年%m月%d日"),
)
_EXCEL: Final = datetime(1899, 12, 30)  # noqa: DTZ001  (a spreadsheet's day 0, local)
_SERIAL: Final = re.compile(r"\d{5}(\.\d+)?")


def instant(text: str, zone: ZoneInfo) -> datetime | None:
    """The instant in UTC; without a zone of its own it is the city's time. None when it is no time."""
    text = " ".join(text.split())
    local = _local(text) if text else None
    if local is None:
        return None
    try:
        return (local.replace(tzinfo=zone) if local.tzinfo is None else local).astimezone(UTC)
    except (OverflowError, ValueError):
        return None


def _local(text: str) -> datetime | None:
    if _SERIAL.fullmatch(text):
        return _EXCEL + timedelta(seconds=round(float(text) * 86400))
    for form in _FORMS:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007  (the zone follows)
        except ValueError:
            continue
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
