"""``linli import requests``: encodings, headers, odd cells, history and open requests, once each; error files."""

import csv
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import xlsxwriter
from click.testing import CliRunner

from linli.channels.files import tables, times, wording
from linli.channels.files.columns import columns_of, forbidden, is_closed
from linli.core import chain
from linli.core.refusals import Refused
from linli.kernel import clock
from linli.matters.models import Clock, Event, Matter, Remark, Statement
from tests.matters.town import GRID

HEAD = "留言编号,留言主题,留言详情,留言时间"
ROWS = "1,路灯不亮,柳荫社区第一网格路灯不亮,2019/2/28 11:25:05\n2,漏水,第二网格水管漏水,2019-03-01\n"
SHANGHAI = ZoneInfo("Asia/Shanghai")


def write(folder: Path, text: str | bytes, encoding: str = "utf-8", name: str = "a.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return path


def run(path: Path, *options: str) -> dict[str, Any]:
    from linli.channels.files.commands import requests

    result = CliRunner().invoke(requests, [str(path), "--json", "--errors", str(path.with_suffix(".errors")), *options])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    body: dict[str, Any] = json.loads(result.stdout)
    return body | {"exit": result.exit_code}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings(town: Any, tmp_path: Path, encoding: str) -> None:
    report = run(write(tmp_path, f"{HEAD}\n{ROWS}", encoding))
    assert (report["rows"], report["stored"], report["exit"]) == (2, 2, 0)
    assert Statement.objects.filter(text="路灯不亮\n柳荫社区第一网格路灯不亮").exists()


def test_an_import_can_be_repeated(town: Any, tmp_path: Path) -> None:
    path = write(tmp_path, f"{HEAD}\n{ROWS},没有编号,一,\n,没有编号,二,\n,没有编号,二,\n")
    first, again = run(path, "--source", "s"), run(path, "--source", "s")
    assert (first["stored"], first["known_before"]) == (4, 1)
    assert (again["stored"], again["known_before"], again["exit"]) == (0, 5, 0)
    assert Matter.objects.count() == first["matters"]
    assert run(path, "--source", "other")["stored"] == 4


def test_a_row_that_changed_is_refused(town: Any, tmp_path: Path) -> None:
    run(write(tmp_path, f"{HEAD}\n{ROWS}"), "--source", "s")
    report = run(write(tmp_path, f"{HEAD}\n{ROWS.replace('水管', '管道')}"), "--source", "s")
    assert report["refused"] == {"row_changed": 1}
    assert report["known_before"] == 1


def test_dry_runs_change_nothing(town: Any, tmp_path: Path) -> None:
    report = run(write(tmp_path, f"{HEAD}\n{ROWS}"), "--dry-run")
    assert (report["stored"], Matter.objects.count()) == (2, 0)


def test_open_requests_begin_now_and_are_marked(town: Any, tmp_path: Path) -> None:
    before = clock.now()
    run(write(tmp_path, f"{HEAD}\n{ROWS}"), "--source", "旧平台")
    matter = Matter.objects.get(area=GRID)
    event = Event.objects.get(matter=matter)
    assert matter.opened_at >= before
    assert event.data["import"] == {"source": "旧平台", "reported_at": "2019-02-28T03:25:05+00:00"}
    assert (event.actor_kind, event.actor_name) == ("system", "旧平台")
    assert min(Clock.objects.values_list("next_at", flat=True)) > before
    assert verified(matter) == []


def verified(matter: Matter) -> list[Any]:
    rows = Event.objects.filter(matter=matter).order_by("seq")
    events = [
        chain.Event(r.matter_id, r.seq, r.at, r.actor_kind, r.actor, r.step, r.data, bytes(r.prev), bytes(r.hash))
        for r in rows
    ]
    return chain.verify(events, chain.Head(matter.seq, bytes(matter.head)))


def test_finished_requests_become_history(town: Any, tmp_path: Path) -> None:
    text = "id,title,query,query_date,reply,reply_date,reply_agency\n"
    text += (
        "7,路灯,第一网格路灯不亮,2015-03-01,已修复，请王师傅看过,2015-03-04,城管局\n8,井盖,第二网格井盖丢失,-,已办,-,\n"
    )
    report = run(write(tmp_path, text), "--source", "mail")
    assert report["closed_history"] == report["stored"] == 2
    assert report["notes"] == {"time_unknown": 1, "closing_time_unknown": 1}
    assert not Clock.objects.exists()
    old = Matter.objects.get(code__contains="20150301")
    assert old.opened_at == datetime(2015, 2, 28, 16, tzinfo=UTC)
    assert old.closed_at == datetime(2015, 3, 3, 16, tzinfo=UTC)
    assert (old.stage, old.outcome, old.seq, old.holder_post_id) == ("closed", "imported", 2, None)
    opened, ended = Event.objects.filter(matter=old).order_by("seq")
    assert (opened.step, opened.at, ended.step) == ("open", old.opened_at, "import")
    assert ended.data["agency"] == "城管局"
    assert "王师傅" not in json.dumps(ended.data, ensure_ascii=False)
    assert Remark.objects.get(matter=old).text.startswith("已修复")
    assert [verified(matter) for matter in Matter.objects.all()] == [[], []]
    assert run(write(tmp_path, text), "--source", "mail")["known_before"] == 2


def test_history_raises_no_alarm(town: Any, tmp_path: Path) -> None:
    from linli.kernel.models import Outbox
    from linli.matters.sweep import sweep_once

    run(write(tmp_path, f"{HEAD}\n{ROWS}"), "--history")
    assert not Outbox.objects.exists()
    assert sweep_once(clock.now() + timedelta(days=30)).fired == 0


def test_rows_that_cannot_go_in_come_back_with_words(town: Any, tmp_path: Path) -> None:
    long, million = "长" * 20_001, "x" * 1_000_000
    path = write(
        tmp_path, f"{HEAD}\n1,,,2019/1/1\n2,=cmd,{long},\n3,x,{million},\n4,好,第一网格路灯不亮,\n5,\x00,\x00,\n"
    )
    report = run(path)
    assert report["refused"] == {"empty_text": 2, "text_too_long": 2}
    assert (report["stored"], report["exit"]) == (1, 1)
    with Path(report["error_file"]).open(encoding="utf-8-sig", newline="") as file:
        csv.field_size_limit(10**7)
        rows = list(csv.DictReader(file))
    assert {row["留言编号"] for row in rows} == {"1", "2", "3", "5"}
    assert all("请" in row["问题 zh"] + row["怎样改 zh"] and row["mend en"] for row in rows)
    assert not rows[1]["留言主题"].startswith("=")
    mended = [row | {"留言详情": "第一网格井盖丢失", "留言主题": "井盖"} for row in rows]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(mended[0]))
        writer.writeheader()
        writer.writerows(mended)
    assert run(path)["stored"] == 4


@pytest.mark.parametrize(
    "title", ["民族", "宗教信仰", "政治面貌", "Ethnicity", "religion", "人脸特征", "race", "信用等级"]
)
def test_forbidden_columns_refuse_the_file(town: Any, tmp_path: Path, title: str) -> None:
    report = run(write(tmp_path, f"{HEAD},{title}\n{ROWS}"))
    assert (report["refused"], report["exit"]) == ("forbidden_column", 1)
    assert title in report["zh"]
    assert not Matter.objects.exists()


def test_ordinary_columns_are_not_forbidden() -> None:
    assert forbidden(["PoliceDistrict", "Trace", "Terrace", "信件编号", "人数", "Census Neighborhoods"]) == []


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "no_text_column"),
        (b"a,b\n1,2\n", "no_text_column"),
        (b"\x81\x81\xff\xff,\x80", "bad_encoding"),
        (b"PK\x03\x04 nonsense", "table_broken"),
        (b"\xd0\xcf\x11\xe0 nonsense", "table_broken"),
    ],
)
def test_files_that_are_no_tables(town: Any, tmp_path: Path, content: bytes, code: str) -> None:
    assert run(write(tmp_path, content))["refused"] == code


def test_xlsx_with_merged_titles_and_numbers_as_text(town: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.merge_range("A1:D1", "2019年留言汇总", book.add_format({"align": "center"}))
        sheet.write_row("A2", HEAD.split(","))
        day = book.add_format({"num_format": "yyyy/m/d h:mm"})
        sheet.write_row("A3", [188006, "路灯不亮", "第一网格路灯不亮"])
        sheet.write_datetime("D3", datetime(2019, 2, 28, 11, 25, 5), day)  # noqa: DTZ001
        sheet.write_row("A4", ["188007", "漏水", "第二网格漏水", "43524.5"])
        sheet.write_row("A5", ["'188008", 12345, "号码当主题", ""])
    report = run(path, "--source", "x")
    assert (report["stored"], report["notes"]) == (3, {"time_unknown": 1})
    from linli.kernel.models import Idempotency

    assert set(Idempotency.objects.values_list("key", flat=True)) == {"188006", "188007", "188008"}
    said = {e.data["import"]["reported_at"] for e in Event.objects.all()}
    assert said == {"2019-02-28T03:25:05+00:00", "2019-02-28T04:00:00+00:00", None}


def test_coordinates_outside_or_unusable_keep_the_row(town: Any, tmp_path: Path) -> None:
    text = "ServiceRequestNum,SRType,CreatedDate,CloseDate,Latitude,Longitude,Address\n"
    text += "1,SW-Rat,02/09/2016 09:57:58 AM,02/10/2016 10:00:00 AM,39.29,-76.63,1 MAIN ST\n"
    text += "2,SW-Rat,02/09/2016 09:57:58 AM,,95,200,2 MAIN ST\n3,SW-Rat,,,x,y,\n4,SW-Rat,,,29.505,103.705,\n"
    report = run(write(tmp_path, text))
    assert report["stored"] == 4
    assert report["notes"]["outside_city"] == 1
    assert report["notes"]["coordinates_unusable"] == 2
    assert sorted(Matter.objects.values_list("area", flat=True)) == ["9901", "9901", "9901", GRID]
    assert "SW-Rat，1 MAIN ST" in set(Statement.objects.values_list("text", flat=True))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2019/2/28 11:25:05", "2019-02-28T03:25:05"),
        ("2019-02-28 11:25", "2019-02-28T03:25:00"),
        ("02/28/2019 11:25:05 AM", "2019-02-28T03:25:05"),
        ("2019年2月28日", "2019-02-27T16:00:00"),
        ("2019-02-28T11:25:05Z", "2019-02-28T11:25:05"),
        ("2019-02-28T11:25:05+08:00", "2019-02-28T03:25:05"),
        ("43524.5", "2019-02-28T04:00:00"),
        ("1969-12-31", "1969-12-30T16:00:00"),
        ("2020-02-29", "2020-02-28T16:00:00"),
        ("2019-02-29", None),
        ("-", None),
        ("", None),
        ("0001-01-01", None),
        ("明天", None),
    ],
)
def test_times(text: str, wanted: str | None) -> None:
    found = times.instant(text, SHANGHAI)
    assert (found.isoformat() if found else None) == (f"{wanted}+00:00" if wanted else None)


def test_times_of_the_far_ends(town: Any, tmp_path: Path) -> None:
    text = "id,text,time,closed\n1,第一网格路灯不亮,1955-01-01,1955-02-01\n2,第二网格漏水,2999-01-01,2999-02-01\n"
    assert run(write(tmp_path, text))["closed_history"] == 2
    assert all(m.closed_at is not None and m.closed_at <= clock.now() for m in Matter.objects.all())


def test_words_are_said_once() -> None:
    assert wording.text_of({"subject": "路灯", "detail": "路灯不亮"}) == "路灯不亮"
    assert wording.text_of({"subject": "求助", "detail": "路灯不亮"}) == "求助\n路灯不亮"
    assert wording.text_of({"subject": "-", "detail": "", "category": "A", "address": "B"}) == "A，B"
    assert wording.text_of({}) == ""
    assert is_closed("Closed (Duplicate)")
    assert not is_closed("Open")
    assert columns_of(["SR Record_ID", "x", "CreatedDate "]) == {"id": [0], "time": [2]}


def test_a_workbook_that_unpacks_without_end_is_refused(tmp_path: Path) -> None:
    import zipfile

    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        with packed.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            for _ in range(600):
                sheet.write(b"\0" * 2**20)
    with pytest.raises(Refused) as refused:
        list(tables.lines(path))
    assert refused.value.refusal.code == "body_too_large"


REAL = {
    "tipdm-c/train.csv": 6573,
    "tipdm-c/attachment3.csv": 4326,
    "shangluo-mayor-mailbox/mails.csv": 1187,
    "baltimore-311/baltimore_311_sample.csv": 10_000,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", list(REAL))
def test_real_files_go_in_whole(town: Any, field_data: Path, tmp_path: Path, scale: float, name: str) -> None:
    from linli.channels.files import requests as importing
    from linli.channels.files.requests import Options

    lines = list(tables.lines(field_data / name))
    assert len(lines) == REAL[name]
    part = lines[:: round(1 / scale)]
    options = Options(name, "9901")
    first, again = importing.run(part, options, clock.now), importing.run(part, options, clock.now)
    assert (first.stored, first.wrong) == (len(part), [])
    assert (again.known, again.stored) == (len(part), 0)
    assert Matter.objects.count() == first.matters
