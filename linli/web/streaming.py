"""Long tables as Excel or CSV, sent while they are read: the first byte at once, whatever their length.

Formats and widths are xlsxwriter's: it makes the book with its head alone, and the rows are written into that book's
only sheet on their way out. Memory holds one portion of rows.
"""

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final, cast
from xml.sax.saxutils import escape

import xlsxwriter
from django.utils import timezone, translation

PORTION: Final = 500  # rows made between two pieces that are sent
SHEET: Final = "xl/worksheets/sheet1.xml"
RISKY: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NOT_XML: Final = {n: None for n in range(32) if n not in (9, 10, 13)} | {0xFFFE: None, 0xFFFF: None}
_EPOCH: Final = datetime(1899, 12, 30, tzinfo=UTC)  # day 0 of spreadsheets, which know no zones
Row = Sequence[Any]


def escaped(text: str) -> str:
    """A cell's text that no spreadsheet takes for a formula, also after it was saved as CSV."""
    return "'" + text if text.startswith(RISKY) else text


class _Sink:
    """Where the zip is written: kept until it is taken. Cannot seek, so sizes follow each file."""

    def __init__(self) -> None:
        self._held = bytearray()

    def write(self, data: bytes) -> int:
        self._held += data
        return len(data)

    def flush(self) -> None:
        """Nothing waits below."""

    def take(self) -> bytes:
        data = bytes(self._held)
        self._held.clear()
        return data


def _portions(rows: Iterator[Row], language: str | None) -> Iterator[list[Row]]:
    """Rows in portions, each made in the language of the reader who asked: the answer is sent after the view ended."""
    while True:
        with translation.override(language):
            block = list(islice(rows, PORTION))
        if not block:
            return
        yield block


def xlsx(title: str, columns: Sequence[tuple[str, int]], rows: Iterator[Row]) -> Iterator[bytes]:
    """A workbook of one sheet, piece by piece. *columns*: (name, width); cells are text, whole numbers or instants."""
    parts, style = _frame(title, columns)
    return _sent(parts, style, _portions(rows, translation.get_language()))


def _sent(parts: dict[str, bytes], style: int, portions: Iterator[list[Row]]) -> Iterator[bytes]:
    sink = _Sink()
    with zipfile.ZipFile(cast(Any, sink), "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
        for name, data in parts.items():
            if name != SHEET:
                book.writestr(name, data)
        before, _end, after = parts[SHEET].partition(b"</sheetData>")
        with book.open(SHEET, "w", force_zip64=True) as sheet:
            sheet.write(before)
            yield sink.take()
            number = 1
            for block in portions:
                for row in block:
                    number += 1
                    sheet.write(_row(number, row, style))
                yield sink.take()
            sheet.write(b"</sheetData>" + after)
    yield sink.take()


def _frame(title: str, columns: Sequence[tuple[str, int]]) -> tuple[dict[str, bytes], int]:
    """The files of a book that has only its head, and the number of the style for instants."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "constant_memory": True})
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True})
    when = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    sheet = book.add_worksheet("".join(c for c in title if c not in "[]:*?/\\'")[:31])
    sheet.freeze_panes(1, 1)
    for number, (name, width) in enumerate(columns):
        sheet.set_column(number, number, width)
        sheet.write_string(0, number, name, head)
    sheet.write_blank(0, len(columns), None, when)  # a style is kept only where it is used
    book.close()
    with zipfile.ZipFile(io.BytesIO(out.getvalue())) as made:
        parts = {entry: made.read(entry) for entry in made.namelist()}
    start = parts[SHEET].find(b"<dimension")
    end = parts[SHEET].find(b"/>", start) + 2
    parts[SHEET] = parts[SHEET][:start] + parts[SHEET][end:]  # the last row is not known yet
    return parts, int(when.xf_index)


def _row(number: int, row: Row, style: int) -> bytes:
    return f'<row r="{number}">{"".join(_cell(value, style) for value in row)}</row>'.encode()


def _cell(value: Any, style: int) -> str:
    if isinstance(value, datetime):
        local = timezone.localtime(value).replace(tzinfo=UTC)
        return f'<c s="{style}"><v>{(local - _EPOCH).total_seconds() / 86400:.10f}</v></c>'
    if isinstance(value, int):
        return f"<c><v>{int(value)}</v></c>"
    if not value:
        return "<c/>"
    text = escape(escaped(str(value))[:32_000].translate(_NOT_XML))
    return f'<c t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def comma_separated(columns: Sequence[tuple[str, int]], rows: Iterator[Row]) -> Iterator[bytes]:
    """The same as CSV (UTF-8 with the mark that Excel looks for), piece by piece."""
    return _lines([name for name, _width in columns], _portions(rows, translation.get_language()))


def _lines(names: list[str], portions: Iterator[list[Row]]) -> Iterator[bytes]:
    yield b"\xef\xbb\xbf"
    for block in _chained([names], portions):
        out = io.StringIO()
        csv.writer(out).writerows([_plain(value) for value in row] for row in block)
        yield out.getvalue().encode()


def _chained(first: list[Row], portions: Iterator[list[Row]]) -> Iterator[list[Row]]:
    yield first
    yield from portions


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
    return str(int(value)) if isinstance(value, int) else escaped(str(value or ""))
