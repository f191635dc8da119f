"""Tables of requests as rows of text: CSV in UTF-8, UTF-16 or GB18030, and xlsx. Nothing is interpreted here."""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from linli.channels.files import columns
from linli.core.refusals import Refused

LARGEST: Final = 512 * 2**20  # bytes of a table once unpacked
HEADER_WITHIN: Final = 10  # rows: titles over the header, in merged cells
_CELL: Final = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the file. *number* counts as a spreadsheet shows it; *original* is the whole row by its header."""

    number: int
    values: dict[str, str]
    original: dict[str, str]


def lines(path: Path) -> Iterator[Line]:
    """The rows below the header. Raises Refused (table_broken, bad_encoding, no_text_column, forbidden_column)."""
    rows = _rows(path)
    header: list[str] = []
    places: dict[str, list[int]] = {}
    for number, row in enumerate(rows, start=1):
        if not places:
            found = columns.columns_of(row)
            if columns.usable(found) and sum(bool(cell.strip()) for cell in row) > 1:
                header, places = row, found
                if named := columns.forbidden(row):
                    raise Refused("forbidden_column", column="、".join(named))
            elif number >= HEADER_WITHIN:
                break
        elif any(cell.strip() for cell in row):
            values = {field: _first(row, spots) for field, spots in places.items()}
            yield Line(number, values, dict(zip(header, row, strict=False)))
    if not places:
        raise Refused("no_text_column")


def _first(row: list[str], spots: list[int]) -> str:
    """The first of the columns that holds anything."""
    for spot in spots:
        if spot < len(row) and row[spot].strip():
            return row[spot].replace("\x00", "").strip().lstrip("'")
    return ""


def _rows(path: Path) -> Iterator[list[str]]:
    with path.open("rb") as file:
        head = file.read(4)
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return _sheet(path)
    return _csv(path)


def decoded(raw: bytes) -> str:
    """Text of a CSV file: marks first, then UTF-16 by its NULs, strict UTF-8, GB18030. Raises Refused."""
    try:
        if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
            return raw.decode("utf-16")
        sample = raw[:4000]
        if sample.count(0) * 4 > len(sample):
            return raw.decode("utf-16-le" if sample[1::2].count(0) >= sample[::2].count(0) else "utf-16-be")
        try:
            return raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            return raw.decode("gb18030")
    except UnicodeDecodeError as error:
        raise Refused("bad_encoding") from error


def _csv(path: Path) -> Iterator[list[str]]:
    if path.stat().st_size > LARGEST:
        raise Refused("body_too_large", limit=f"{LARGEST // 2**20} MB")
    text = decoded(path.read_bytes()).replace("\x00", "")
    head = text.split("\n", 1)[0]
    mark = max(",;\t", key=head.count)
    before = csv.field_size_limit(_CELL)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=mark)
    except csv.Error as error:
        raise Refused("table_broken", why=str(error)) from error
    finally:
        csv.field_size_limit(before)


def _sheet(path: Path) -> Iterator[list[str]]:
    """The first sheet that holds anything."""
    from python_calamine import CalamineError, CalamineWorkbook

    _not_a_bomb(path)
    try:
        book = CalamineWorkbook.from_path(str(path))
        for name in book.sheet_names:
            rows: Iterable[list[Any]] = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            if rows:
                yield from ([_cell(value) for value in row] for row in rows)
                return
    except (CalamineError, OSError, ValueError) as error:
        raise Refused("table_broken", why=str(error)[:200]) from error


def _not_a_bomb(path: Path) -> None:
    """Refuse a workbook that would unpack to more than a table can be."""
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as packed:
        size = sum(entry.file_size for entry in packed.infolist())
    if size > LARGEST:
        raise Refused("body_too_large", limit=f"{LARGEST // 2**20} MB")


def _cell(value: Any) -> str:
    """A cell as text: whole numbers lose Excel's ``.0``, times are ISO."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    if isinstance(value, datetime | date):
        return value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
    return "" if value is None else str(value)
