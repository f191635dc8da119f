"""Messages from a CSV file: headings in English or Chinese, and an error for each row that fails."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Final

from linli.core.words import Words
from linli.understanding.hotspots_topic import Message

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "id": ("id", "message_id", "留言编号", "编号", "工单编号"),
    "subject": ("subject", "title", "留言主题", "主题", "标题"),
    "time": ("time", "date", "query_date", "留言时间", "时间", "日期"),
    "detail": ("detail", "text", "query", "content", "留言详情", "详情", "内容", "留言内容"),
    "person": ("user", "person", "user_id", "留言用户", "用户", "用户编号"),
    "support": ("support", "likes", "点赞数", "支持数", "点赞"),
    "against": ("against", "dislikes", "反对数", "反对"),
}
NEEDED: Final = ("id", "subject", "time", "detail")
FIELD_LIMIT: Final = 4_000_000
_TIME = re.compile(
    r"\s*(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T\s]+(\d{1,2})[:：时](\d{1,2})(?:[:：分](\d{1,2})(?:\.\d+)?秒?)?分?)?\s*(Z|[+-]\d{2}:?\d{2})?\s*"
)


@dataclass(frozen=True, slots=True)
class RowError:
    """A row that was left out. *row* counts from 1, the headings being row 1."""

    row: int
    column: str
    words: Words

    def to_json(self) -> dict[str, object]:
        """Plain values."""
        return {"row": self.row, "column": self.column, "zh": self.words.zh, "en": self.words.en}


class MissingColumns(ValueError):
    """The file has no column for something that is needed."""

    def __init__(self, missing: Sequence[str], found: Sequence[str]) -> None:
        self.missing = tuple(missing)
        listed = "；".join(f"{name}（{'/'.join(COLUMNS[name])}）" for name in missing)
        super().__init__(f"缺少列 missing columns: {listed}；文件中有 the file has: {', '.join(found) or '—'}")


def decoded(raw: bytes) -> str:
    """The text of a file in UTF-8, UTF-16 with a mark, or GB18030; what fits none is replaced, never refused."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return raw.decode("utf-16", "replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("gb18030", "replace")


def read(path: Path, zone: tzinfo) -> tuple[list[Message], list[RowError]]:
    """All messages of a file and the rows that could not be read. Raises MissingColumns, OSError."""
    return parse(decoded(path.read_bytes()), zone)


def parse(text: str, zone: tzinfo) -> tuple[list[Message], list[RowError]]:
    """As ``read``, from the text itself. Times without a zone are in *zone*."""
    csv.field_size_limit(FIELD_LIMIT)
    lines = csv.reader(io.StringIO(text.replace("\x00", "")), strict=False)
    headings = [heading.strip().lower() for heading in next(lines, [])]
    places = {}
    for name, spellings in COLUMNS.items():
        places[name] = next((headings.index(spelling) for spelling in spellings if spelling in headings), None)
    missing = [name for name in NEEDED if places[name] is None]
    if missing:
        raise MissingColumns(missing, headings)
    messages: list[Message] = []
    errors: list[RowError] = []
    seen: set[str] = set()
    for number, row in _rows(lines, errors):
        given = {name: row[at].strip() if at is not None and at < len(row) else "" for name, at in places.items()}
        found = _message(given, number, zone, seen)
        if isinstance(found, RowError):
            errors.append(found)
        else:
            seen.add(found.id)
            messages.append(found)
    return messages, errors


def _rows(lines: "Iterator[list[str]]", errors: list[RowError]) -> Iterator[tuple[int, list[str]]]:
    number = 1
    while True:
        number += 1
        try:
            row = next(lines)
        except StopIteration:
            return
        except csv.Error as wrong:
            errors.append(RowError(number, "", Words(f"这一行无法读取：{wrong}", f"the row can't be read: {wrong}")))
            continue
        if any(cell.strip() for cell in row):
            yield number, row


def _message(given: Mapping[str, str], number: int, zone: tzinfo, seen: set[str]) -> Message | RowError:
    if not given["id"]:
        return RowError(number, "id", Words("没有编号", "no id"))
    if given["id"] in seen:
        return RowError(number, "id", Words(f"编号{given['id'][:40]}重复", f"id {given['id'][:40]} is there twice"))
    if not given["subject"] and not given["detail"]:
        return RowError(number, "subject", Words("没有内容", "no words"))
    at = instant(given["time"], zone)
    if at is None:
        shown = given["time"][:40]
        return RowError(
            number,
            "time",
            Words(
                f"时间“{shown}”无法识别，写作 2026-11-01 08:30:00",
                f"time “{shown}” not known; write 2026-11-01 08:30:00",
            ),
        )
    votes: dict[str, int] = {}
    for name in ("support", "against"):
        value = given[name] or "0"
        if not re.fullmatch(r"[0-9]{1,9}(?:\.0+)?", value):
            return RowError(number, name, Words(f"“{value[:40]}”不是数目", f"“{value[:40]}” is no number"))
        votes[name] = int(float(value))
    return Message(
        given["id"], given["subject"], given["detail"], at, given["person"], votes["support"], votes["against"]
    )


def instant(text: str, zone: tzinfo) -> datetime | None:
    """An instant in the usual spellings, None for anything else (years 1990 to 2100 only)."""
    match = _TIME.fullmatch(text[:60])
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    try:
        found = datetime(year, month, day, hour, minute, second, tzinfo=zone)
        if match[7]:
            offset = "+00:00" if match[7] == "Z" else match[7]
            found = datetime.fromisoformat(f"{found:%Y-%m-%dT%H:%M:%S}{offset}")
    except ValueError:
        return None
    return found if 1990 <= year <= 2100 else None
