"""Importing units and people: good and bad files, encodings, idempotence, forbidden columns, nothing by halves."""

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from linli.audit.models import Entry
from linli.core.refusals import Refused
from linli.kernel import stamps
from linli.parties import commands, imports
from linli.parties.access import SYSTEM
from linli.parties.columns import refuse_forbidden
from linli.parties.models import Duty, Person, Post, Unit
from tests.parties.people import AT

pytestmark = pytest.mark.django_db

UNITS = """单位名称,辖区代码,单位类型,职责领域,职责,上级单位
市综治中心,511100,综治中心,,,
市中区综治中心,511102,centre,,,市综治中心
市中区住建局,511102,部门,住建,roads；water.pipe,
"""
PEOPLE = """登录名,姓名,手机,单位,岗位,辖区代码
zhang,张三,13800000001,市中区综治中心,受理员,511102
Zhang,张三,13800000001,市中区综治中心,网格员,511102004001001
li,李四,,市中区住建局,officer,
wang,王五,,,,
"""


def write(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def sheet(folder: Path, text: str) -> Path:
    import xlsxwriter

    path = folder / "table.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet()
        page.merge_range(0, 0, 0, 3, "单位一览表")
        for y, row in enumerate(csv.reader(io.StringIO(text)), start=1):
            for x, cell in enumerate(row):
                page.write(y, x, int(cell) if cell.isdigit() else cell)
    return path


def units(path: Path, **options: bool) -> imports.Report:
    return imports.import_units(path, actor=SYSTEM, at=AT, **options)


def people(path: Path, **options: bool) -> imports.Report:
    return imports.import_people(path, actor=SYSTEM, at=AT, **options)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "xlsx"])
def test_units_and_people_come_in_whatever_the_encoding(tmp_path: Path, encoding: str) -> None:
    def given(name: str, text: str) -> Path:
        return sheet(tmp_path, text) if encoding == "xlsx" else write(tmp_path, name, text, encoding)

    report = units(given("units.csv", UNITS))
    assert report.findings == []
    assert report.counts == {"units_new": 3, "duties_changed": 1}
    county = Unit.objects.get(name="市中区综治中心")
    assert (county.kind, county.level, county.parent and county.parent.name) == ("centre", "county", "市综治中心")
    assert Unit.objects.get(name="市综治中心").area == "5111"
    assert set(Duty.objects.values_list("category", flat=True)) == {"roads", "water.pipe"}
    report = people(given("people.csv", PEOPLE))
    assert report.findings == []
    assert report.counts == {"people_new": 3, "posts_new": 3}
    zhang = Person.objects.get(username="zhang")
    assert not zhang.has_usable_password()
    assert sorted(zhang.posts.values_list("role", "area")) == [
        ("grid_worker", "511102004001001"),
        ("operator", "511102"),
    ]


def test_the_same_file_twice_changes_nothing(tmp_path: Path) -> None:
    files = write(tmp_path, "u.csv", UNITS), write(tmp_path, "p.csv", PEOPLE)
    units(files[0])
    people(files[1])
    before = Entry.objects.count()
    assert units(files[0]).counts == {"unchanged": 3}
    assert people(files[1]).counts == {"unchanged": 3}
    assert Entry.objects.count() == before
    changed = people(write(tmp_path, "p.csv", PEOPLE.replace("13800000001", "13900000009")))
    assert changed.counts["people_changed"] == 1
    assert Person.objects.get(username="zhang").phone == "13900000009"


def test_a_bad_row_keeps_the_whole_file_out(tmp_path: Path) -> None:
    units(write(tmp_path, "u.csv", UNITS))
    stamp = stamps.read()["parties"]
    bad = (
        PEOPLE + "zhao,赵六,,没有的单位,受理员,511102\nqian,,,,,\n孙 七,孙七,,,,\nzhou,周八,,市中区住建局,大王,511102\n"
    )
    bad += "wu,吴九,,市中区住建局,officer,51110\n"
    bad += "zheng,郑十,,市中区住建局,system_admin,\nzheng,郑十,,市中区住建局,audit_admin,\n"
    report = people(write(tmp_path, "p.csv", bad))
    assert [(f.row, f.kind) for f in report.findings] == [
        (6, "field_wrong"),
        (7, "field_missing"),
        (8, "field_wrong"),
        (9, "choice_unknown"),
        (10, "field_wrong"),
        (12, "two_administrators"),
    ]
    assert not report.written
    assert not Person.objects.exists()
    assert not Post.objects.exists()
    assert stamps.read()["parties"] == stamp
    assert "没有的单位" in report.findings[0].problem.zh


def test_a_dry_run_says_what_would_happen(tmp_path: Path) -> None:
    report = units(write(tmp_path, "u.csv", UNITS), dry_run=True)
    assert report.counts["units_new"] == 3
    assert not report.written
    assert not Unit.objects.exists()
    assert not Entry.objects.exists()


@pytest.mark.parametrize(
    "column",
    [
        "民族",
        "宗教信仰",
        "政治面貌",
        "是否党员",
        "指纹编号",
        "人脸照片",
        "面部特征",
        "虹膜",
        "声纹",
        "信用分",
        "群众评分",
        "重点人员标记",
        "民族（必填）",
        "ethnicity",
        "religion",
        "religious_belief",
        "PoliticalParty",
        "party",
        "fingerprint_id",
        "faceId",
        "face-photo",
        "iris",
        "voiceprint",
        "biometricHash",
        "DNA",
        "risk_level",
        "rating",
        "creditScore",
        "race",
        "Ethnic group",
        " 民 族 ",
    ],
)
def test_forbidden_columns_are_refused_by_name(tmp_path: Path, column: str) -> None:
    lines = PEOPLE.splitlines()
    text = "\n".join([f"{lines[0]},{column}", *(f"{line},x" for line in lines[1:])])
    with pytest.raises(Refused) as caught:
        people(write(tmp_path, "p.csv", text))
    assert caught.value.refusal.code == "forbidden_column"
    assert column.strip() in caught.value.refusal.words.zh
    assert not Person.objects.exists()


def test_ordinary_columns_pass() -> None:
    refuse_forbidden(
        [
            "姓名",
            "电话",
            "单位",
            "岗位",
            "辖区代码",
            "备注",
            "接口",
            "国籍",
            "等次",
            "name",
            "interface",
            "trace",
            "place",
            "surface",
            "area",
            "address",
        ]
    )


def test_files_that_cannot_be_used_are_refused(tmp_path: Path) -> None:
    def refused(name: str, raw: bytes) -> str:
        path = tmp_path / name
        path.write_bytes(raw)
        with pytest.raises(Refused) as caught:
            units(path)
        return caught.value.refusal.code

    assert refused("a.csv", "姓名,电话\n张三,1\n".encode()) == "field_wrong"
    assert refused("empty.csv", b"") == "field_wrong"
    assert refused("b.xlsx", b"not a workbook") == "file_broken"
    assert refused("c.csv", b"\x81\xff\xff\x00\xfe") == "bad_encoding"


def test_places_that_do_not_exist_are_refused_once_there_are_places(tmp_path: Path) -> None:
    from linli.places.models import Place

    Place.objects.create(code="511100", area="5111", level="city", name="乐山市", active_from=AT)
    report = units(write(tmp_path, "u.csv", UNITS))
    assert [(f.row, f.kind) for f in report.findings] == [(3, "place_unknown"), (4, "place_unknown")]
    assert not Unit.objects.exists()


def test_the_command_writes_a_row_level_error_file(tmp_path: Path) -> None:
    bad = write(tmp_path, "u.csv", UNITS + "=cmd(),9,部门,,,\n")
    errors = tmp_path / "errors.csv"
    outcome = CliRunner().invoke(commands.units, [str(bad), "--errors", str(errors)])
    assert outcome.exit_code == 1, outcome.output
    rows = list(csv.DictReader(io.StringIO(errors.read_text(encoding="utf-8-sig"))))
    assert len(rows) == 1
    assert rows[0]["单位名称"] == "'=cmd()"
    assert rows[0]["行号 row"] == "5"
    assert "辖区代码" in rows[0]["问题 zh"]
    assert rows[0]["怎样改 zh"]
    assert not Unit.objects.exists()
    good = write(tmp_path, "u.csv", UNITS)
    said = CliRunner().invoke(commands.units, [str(good), "--json"])
    assert said.exit_code == 0
    assert json.loads(said.stdout)["counts"] == {"units_new": 3, "duties_changed": 1}
    assert Unit.objects.count() == 3


def test_the_command_says_which_column_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "p.csv", "登录名,姓名,民族\na1,甲,汉\n")
    outcome = CliRunner().invoke(commands.people, [str(path)])
    assert outcome.exit_code == 2
    assert "民族" in outcome.output


def test_the_first_administrator_gets_a_password_on_the_machine() -> None:
    held = Person.objects.create(username="first", name="首任", created_at=AT)
    run = CliRunner().invoke
    weak = run(commands.password, ["first"], input="12345\n12345\n")
    assert weak.exit_code == 2
    assert "密码" in weak.output
    assert run(commands.password, ["nobody"], input="蓝色的自行车-4917\n蓝色的自行车-4917\n").exit_code == 2
    done = run(commands.password, ["First"], input="蓝色的自行车-4917\n蓝色的自行车-4917\n")
    assert done.exit_code == 0, done.output
    assert "4917" not in done.output
    held.refresh_from_db()
    assert held.check_password("蓝色的自行车-4917")
