# ruff: noqa: E501
"""Invariant 22, the other doors: the same catalogue through Open311, and as files for ``linli import requests``."""

import csv
import io
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.invariants.bad_input import TEXTS
from tests.invariants.test_bad_input import SLOW, essence

if TYPE_CHECKING:
    from tests.matters.town import Town

pytestmark = pytest.mark.django_db
MOST = 4000  # characters of an Open311 description


@pytest.mark.timeout(0)
def test_open311_contains_everything(town: "Town") -> None:
    from django.test import Client

    from linli.kernel import clock
    from linli.matters.models import Statement
    from linli.parties import token_actions
    from linli.parties.access import SYSTEM
    from tests.matters.town import CITY, GRID

    _, secret = token_actions.issue_token("311", ["matters:create"], actor=SYSTEM, at=clock.now(), area=CITY)
    client = Client(raise_request_exception=False)
    wrong, taken = [], 0
    odd = (
        {},
        {"lat": "NaN", "long": "1e999"},
        {"lat": "29.505", "long": "103.705"},
        {"address_id": GRID},
        {"lat": "abc"},
        {"service_code": "\x00"},
    )
    client.get("/open311/v2/services.json")
    for number, (name, text) in enumerate(TEXTS.items()):
        form = {"service_code": "other", "description": text, "address_string": "路口", "api_key": secret} | odd[
            number % len(odd)
        ]
        began = time.monotonic()
        before = Statement.objects.count()
        answer = client.post("/open311/v2/requests.json", form)
        took = time.monotonic() - began
        stored = Statement.objects.count() - before
        if answer.status_code >= 500 or took > SLOW:
            wrong.append(f"{name}: {answer.status_code} in {took:.1f} s")
        elif answer.status_code >= 400:
            said = answer.json()
            if stored or not said or not all(one.get("code") and one.get("description") for one in said):
                wrong.append(f"{name}: {answer.status_code} {said} stored {stored}")
        else:
            taken += 1
            kept = Statement.objects.order_by("-matter_id").first()
            if (
                not stored
                or kept is None
                or (text.strip("\x00 \t\r\n\u3000") and essence(text) not in essence(kept.text))
            ):
                wrong.append(f"{name}: stored {stored} {kept and kept.text[:40]!r}")
    assert wrong == []
    assert taken > len(TEXTS) // 4


def imported(path: Path) -> Any:
    """What the import makes of a file: its outcome, or the refusal's code."""
    from linli.channels.files import requests, tables
    from linli.core.refusals import Refused
    from linli.kernel import clock

    try:
        return requests.run(list(tables.lines(path)), requests.Options(path.stem), clock.now)
    except Refused as refused:
        return refused.refusal.code


@pytest.mark.timeout(0)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_every_row_is_stored_or_named(town: "Town", tmp_path: Path, encoding: str) -> None:
    """All texts as rows of one file: each goes in, was known, or stands in the error file; nothing vanishes."""
    path = tmp_path / f"{encoding}.csv"
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(["编号", "诉求标题", "诉求内容", "诉求时间", "经度", "纬度", "地址"])
    odd = (
        "",
        "2026-02-30",
        "1899-01-01",
        "2199-12-31 25:00",
        "昨天",
        "=NOW()",
        "2026-11-01 08:00",
        "20261101",
        "\x00",
        "45000",
    )
    rows = [
        (str(n), "标题", text, odd[n % len(odd)], "NaN" if n % 7 == 0 else "", "29.5" if n % 5 == 0 else "", "")
        for n, text in enumerate(TEXTS.values())
    ]
    writer.writerows(rows)
    path.write_bytes(out.getvalue().encode(encoding, "surrogatepass" if encoding == "utf-16" else "strict"))
    outcome = imported(path)
    assert not isinstance(outcome, str), outcome
    assert outcome.rows == outcome.stored + outcome.closed + outcome.known + len(outcome.wrong)
    assert outcome.rows >= len(rows) - 4  # rows of nothing at all may be passed over
    assert all(one.refusal.words.zh for one in outcome.wrong)
    again = imported(path)
    assert (again.stored, again.closed) == (0, 0)


def bombs() -> dict[str, bytes]:
    """Files that are something else, or are broken."""
    big = io.BytesIO()
    with zipfile.ZipFile(big, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/worksheets/sheet1.xml", b"0" * 50_000_000)
        book.writestr("[Content_Types].xml", b"<Types/>")
    entity = io.BytesIO()
    with zipfile.ZipFile(entity, "w") as book:
        book.writestr("xl/workbook.xml", '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>')
        book.writestr("[Content_Types].xml", b"<Types/>")
    return {
        "empty.csv": b"", "blank.csv": b"\n\n\n", "header.csv": "编号,诉求内容\n".encode(), "nul.csv": b"\x00" * 4096, "png.csv": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 16,
        "cut.csv": "编号,诉求内容\n1,\"没有结束".encode(), "no text.csv": b"a,b\n1,2\n", "religion.csv": "编号,诉求内容,宗教信仰\n1,路灯不亮,无\n".encode(), "html.csv": b"<html><body>Not found</body></html>",
        "wide.csv": b",".join(b"c%d" % n for n in range(5000)) + b"\n", "long field.csv": "编号,诉求内容\n1,".encode() + b"a" * 2_000_000, "mixed.csv": "编号,诉求内容\n1,路灯\n".encode("gbk") + "2,路灯\n".encode(),
        "bomb.xlsx": big.getvalue(), "entity.xlsx": entity.getvalue(), "cut.xlsx": big.getvalue()[:900], "not a book.xlsx": b"hello", "empty.xlsx": b"", "latin.csv": "编号,诉求内容\n1,".encode() + b"caf\xe9\n",
    }  # fmt: skip


@pytest.mark.timeout(0)
@pytest.mark.parametrize("name", bombs())
def test_a_bad_file_is_refused_in_words(town: "Town", tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(bombs()[name])
    began = time.monotonic()
    outcome = imported(path)
    assert time.monotonic() - began < 5
    if not isinstance(outcome, str):
        assert outcome.rows == outcome.stored + outcome.closed + outcome.known + len(outcome.wrong)
