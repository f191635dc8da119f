"""Labelled letters from CSV files: columns subject, detail, label (in any order, others ignored), with clear problems.

``detail`` may be missing: then the subject stands alone. Corrections have the same columns and more.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "subject": ("subject", "留言主题", "主题", "标题"),
    "detail": ("detail", "留言详情", "详情", "内容"),
    "label": ("label", "一级标签", "标签", "分类"),
}
LONGEST: Final = 100_000
"""Characters of a field; a longer one is most likely a file with a lost quotation mark."""


class BadFile(ValueError):
    """A file that can't be used at all; the message says why, in both languages."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One labelled message. *line*: where its row begins in the file; 0 for none."""

    subject: str
    detail: str
    label: str
    line: int = 0
    code: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """A row that was passed over, and why."""

    line: int
    zh: str
    en: str

    def __str__(self) -> str:
        return f"第 {self.line} 行：{self.zh}。Line {self.line}: {self.en}."


def read(path: Path, *, labelled: bool = True) -> tuple[list[Letter], list[Problem]]:
    """The letters of *path* and the rows that can't be used. Raises BadFile."""
    text = _text(path)
    rows = csv.reader(io.StringIO(text, newline=""))
    try:
        head = next(rows, None)
    except csv.Error as wrong:
        raise BadFile(f"{path.name}：读不出表头（{wrong}）。The header can't be read ({wrong}).") from wrong
    if head is None or not any(map(str.strip, head)):
        raise BadFile(f"{path.name}：文件是空的。The file is empty.")
    where = _columns(path, head, labelled=labelled)
    letters: list[Letter] = []
    problems: list[Problem] = []
    for line, row in _numbered(rows, problems):
        found = _letter(line, row, len(head), where)
        if isinstance(found, Problem):
            problems.append(found)
        elif found is not None:
            letters.append(found)
    return letters, problems


def _text(path: Path) -> str:
    data = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return text.replace("\0", "")
    raise BadFile(f"{path.name}：编码既不是 UTF-8 也不是 GB18030，请另存为 UTF-8。Save the file as UTF-8.")


def _columns(path: Path, head: list[str], *, labelled: bool) -> dict[str, int]:
    names = [name.strip().lower() for name in head]
    where = {
        column: next(names.index(known) for known in spellings if known in names)
        for column, spellings in COLUMNS.items()
        if any(known in names for known in spellings)
    }
    where |= {"code": names.index("code")} if "code" in names else {}
    missing = [column for column in (("subject", "label") if labelled else ("subject",)) if column not in where]
    if missing:
        listed = "、".join(missing)
        raise BadFile(
            f"{path.name}：缺少列 {listed}；有的列是：{'、'.join(head)[:200]}。"
            f"Missing columns: {listed}. Needed: subject, label; detail if there is one."
        )
    return where


def _numbered(rows: Iterator[list[str]], problems: list[Problem]) -> Iterator[tuple[int, list[str]]]:
    """Each row with the line on which it begins (a quoted field may span several)."""
    reader = rows
    while True:
        line = getattr(reader, "line_num", 0) + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as wrong:
            problems.append(Problem(line, f"读不出这一行（{wrong}）", f"the row can't be read ({wrong})"))
            continue
        yield line, row


def _letter(line: int, row: list[str], width: int, where: Mapping[str, int]) -> Letter | Problem | None:
    """One row; None for a blank one."""
    if not any(map(str.strip, row)):
        return None
    if len(row) != width:
        return Problem(
            line, f"有 {len(row)} 列，表头有 {width} 列", f"it has {len(row)} columns, the header has {width}"
        )
    said = {column: row[number].strip() for column, number in where.items()}
    subject, detail, label = said["subject"], said.get("detail", ""), said.get("label", "")
    if not subject and not detail:
        return Problem(line, "主题和内容都是空的", "subject and detail are both empty")
    if max(len(subject), len(detail)) > LONGEST:
        return Problem(line, f"超过 {LONGEST:,} 字，可能少了引号", "it is too long; a quotation mark may be missing")
    if "label" in where and not label:
        return Problem(line, "没有标签", "the label is empty")
    return Letter(subject, detail, label, line, said.get("code", ""))
