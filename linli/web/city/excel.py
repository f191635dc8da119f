"""Tables as Excel files, for the city page and the administration."""

import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

import xlsxwriter
from django.http import HttpResponse
from django.utils import timezone

KIND: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
RISKY: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
Table = tuple[str, Sequence[str], Iterable[Sequence[object]]]


def safe(text: str) -> str:
    """A cell's text that no spreadsheet takes for a formula, also after it was saved as CSV."""
    return ("'" + text if text.startswith(RISKY) else text)[:32_000]


def answer(name: str, tables: Iterable[Table]) -> HttpResponse:
    """A workbook of tables (title, column names, rows). Shares (0 to 1) are written as floats, shown as percent."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True})
    when = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    share = book.add_format({"num_format": "0.0%"})
    for title, columns, rows in tables:
        sheet = book.add_worksheet("".join(c for c in title if c not in "[]:*?/\\'")[:31])
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, max(len(columns) - 1, 0), 18)
        for n, column in enumerate(columns):
            sheet.write_string(0, n, safe(column), head)
        for line, row in enumerate(rows, start=1):
            for n, value in enumerate(row):
                if isinstance(value, datetime):
                    sheet.write_datetime(line, n, timezone.localtime(value).replace(tzinfo=None), when)
                elif isinstance(value, float):
                    sheet.write_number(line, n, value, share)
                elif isinstance(value, int) and not isinstance(value, bool):
                    sheet.write_number(line, n, value)
                elif value not in (None, ""):
                    sheet.write_string(line, n, safe(str(value)))
    book.close()
    response = HttpResponse(out.getvalue(), content_type=KIND)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    response.headers["Cache-Control"] = "no-store"
    return response
