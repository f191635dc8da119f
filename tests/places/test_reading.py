"""Good and bad files, before any database."""

import codecs
import csv
import io
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, Polygon, box

from linli.places import checks, codes
from linli.places.coordinates import from_wgs84
from linli.places.findings import Spot, error_file
from linli.places.plan import Plan
from linli.places.reading import read
from tests.places import material
from tests.places.material import EAST, WEST, city, collection, feature, kinds, planned

BOWTIE = {
    "type": "Polygon",
    "coordinates": [[[103.2, 29.0], [103.4, 29.2], [103.4, 29.0], [103.2, 29.2], [103.2, 29.0]]],
}


def test_a_good_city(tmp_path: Path) -> None:
    plan = planned(city(tmp_path))
    assert plan.findings == []
    assert plan.counts() == {"city": 1, "county": 2, "township": 3, "village": 6, "grid": 36}
    assert plan.places["519001001001"].kind == "community"
    assert plan.places["519001100200"].kind == "village"
    assert plan.places["519001001001002"].name == "桂花社区第2网格"
    assert {each.source for each in plan.outlines.values()} == {"counties.geojson", "generated"}
    grids = [plan.outlines[area].shape for area in plan.places if len(area) == 15]
    assert sum(grid.area for grid in grids) == pytest.approx(EAST.area + WEST.area, rel=1e-9)


@pytest.mark.parametrize(
    "raw",
    [
        material.table().encode(),
        codecs.BOM_UTF8 + material.table().encode(),
        material.table().encode("gb18030"),
        material.table().encode("utf-16"),
        material.table().replace(",", "\t").encode(),
        material.table().replace(",", ";").replace("\n", "\r\n").encode(),
    ],
    ids=["utf8", "bom", "gb18030", "utf16", "tabs", "semicolons"],
)
def test_encodings_and_separators(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "v.csv").write_bytes(raw)
    plan = planned(tmp_path, generate=False)
    assert plan.errors == []
    assert plan.counts()["village"] == 6
    assert plan.places["519001001"].name == "白鹭街道"


def test_xlsx_with_a_title_and_numbers(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "v.xlsx")
    sheet = book.add_worksheet()
    sheet.merge_range(0, 0, 0, 2, "样城市村级区划一览")
    sheet.write_row(1, 0, ["区划代码", "名称", "类型"])
    rows = [(519001, "东溪县", ""), (519001001, "白鹭街道", ""), (519001001001, "桂花社区居委会", "社区")]
    for number, row in enumerate(rows, start=2):
        sheet.write_row(number, 0, row)
    book.close()
    plan = planned(tmp_path, generate=False)
    assert plan.errors == []
    assert list(plan.places) == ["5190", "519001", "519001001", "519001001001"]


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ("51900100100,少一位,519001001,白鹭街道,519001,东溪县", "code_length"),
        ("5190010010011234,多几位,519001001,白鹭街道,519001,东溪县", "code_length"),
        ("51900100100X,字母,519001001,白鹭街道,519001,东溪县", "code_length"),
        ("5.19001E+11,科学计数,519001001,白鹭街道,519001,东溪县", "code_as_number"),
        ("519001001009,,519001001,白鹭街道,519001,东溪县", "name_empty"),
        ("519001001009,张冠李戴,519002100,云顶镇,519002,西岭县", "wrong_parent"),
        ("519001001001,另一个名字,519001001,白鹭街道,519001,东溪县", "duplicate_code"),
        ("519001009001,无上级,,,519001,东溪县", "parent_missing"),
        ("521001001001,外地,521001001,外地镇,521001,外地县", "other_city"),
    ],
)
def test_bad_rows(tmp_path: Path, row: str, kind: str) -> None:
    city(tmp_path)
    (tmp_path / "villages.csv").write_text(material.table() + row + "\n", encoding="utf-8")
    plan = planned(tmp_path)
    assert kind in kinds(plan)
    assert {each.kind for each in plan.errors} == {kind}
    assert {each.row for each in plan.errors} == {8}, "the header is row 1"
    for each in plan.errors:
        assert all((each.problem.zh, each.problem.en, each.mend.zh, each.mend.en))


def test_error_file_has_the_original_row(tmp_path: Path) -> None:
    city(tmp_path)
    bad = "519001009001,=cmd(),,,519001,东溪县"
    (tmp_path / "villages.csv").write_text(material.table() + bad + "\n", encoding="utf-8")
    plan = planned(tmp_path)
    rows = list(csv.DictReader(io.StringIO(error_file(plan.errors, plan.originals))))
    assert len(rows) == 1
    assert rows[0]["village_code"] == "519001009001"
    assert rows[0]["village"] == "'=cmd()", "no spreadsheet runs it"
    assert rows[0]["行号 row"] == "8"
    assert "519001009" in rows[0]["问题 zh"]
    assert "does not exist" in rows[0]["problem en"]
    assert rows[0]["怎样改 zh"]
    assert rows[0]["mend en"]


def test_the_same_row_twice_is_said_not_refused(tmp_path: Path) -> None:
    text = material.table()
    (tmp_path / "v.csv").write_text(text + text.splitlines()[1] + "\n", encoding="utf-8")
    plan = planned(tmp_path, generate=False)
    assert plan.errors == []
    assert "listed_twice" in kinds(plan, "warning")


def test_a_column_that_is_never_taken(tmp_path: Path) -> None:
    (tmp_path / "v.csv").write_text("code,name,民族\n519001,东溪县,某\n", encoding="utf-8")
    plan = planned(tmp_path, generate=False)
    assert kinds(plan) == ["forbidden_column"]
    assert "519001" not in plan.places


def test_a_property_that_is_never_taken(tmp_path: Path) -> None:
    spoiled = feature("519001", EAST, "东溪县")
    spoiled["properties"]["宗教场所"] = "3"
    plan = _with(tmp_path, spoiled)
    assert kinds(plan) == ["forbidden_column"]


@pytest.mark.parametrize("text", ["", "a,b,c\n1,2,3\n", "名称\n东溪县\n"])
def test_no_column_of_codes(tmp_path: Path, text: str) -> None:
    (tmp_path / "v.csv").write_text(text, encoding="utf-8")
    assert "no_code_column" in kinds(planned(tmp_path, generate=False))


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("v.csv", b"\xff\xff\x80code,name\n"),
        ("v.xlsx", b"PK\x03\x04 not a workbook"),
        ("v.json", b"{"),
        ("v.json", b"[1, 2]"),
        ("v.json", b'{"type": "FeatureCollection", "features": 3}'),
    ],
)
def test_broken_files(tmp_path: Path, name: str, raw: bytes) -> None:
    (tmp_path / name).write_bytes(raw)
    assert "unreadable" in kinds(planned(tmp_path, generate=False))


def test_an_empty_folder(tmp_path: Path) -> None:
    assert "no_file" in kinds(planned(tmp_path))


def test_city_name_has_to_come_from_somewhere(tmp_path: Path) -> None:
    (tmp_path / "v.csv").write_text(material.table(), encoding="utf-8")
    assert kinds(planned(tmp_path, city_name="", generate=False)) == ["city_name"]
    assert kinds(planned(tmp_path, city_name="样城市", generate=False)) == []
    assert kinds(planned(tmp_path, city_code="12", generate=False)) == ["city_code"]


def _with(tmp_path: Path, *features: dict[str, Any], crs: str | None = "wgs84") -> Plan:
    city(tmp_path)
    (tmp_path / "counties.geojson").write_text(collection(*features), encoding="utf-8")
    return planned(tmp_path, crs=crs)


def test_coordinate_system_must_be_stated(tmp_path: Path) -> None:
    plan = _with(tmp_path, feature("519001", EAST), crs=None)
    assert kinds(plan) == ["crs_missing"]
    assert "--crs gcj02" in plan.errors[0].mend.en


def test_coordinate_system_of_the_file(tmp_path: Path) -> None:
    city(tmp_path)
    member = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}
    text = collection(feature("519001", EAST), feature("519002", WEST), crs=member)
    (tmp_path / "counties.geojson").write_text(text, encoding="utf-8")
    plan = planned(tmp_path, crs=None)
    assert plan.errors == []
    assert plan.outlines["519001"].crs == "cgcs2000"


def test_gcj02_is_converted(tmp_path: Path) -> None:
    moved = Polygon([from_wgs84(x, y, "gcj02") for x, y in EAST.exterior.coords])
    plan = _with(tmp_path, feature("519001", moved), crs="gcj02")
    shape = plan.outlines["519001"].shape
    assert shape.symmetric_difference(EAST).area < 1e-8
    assert moved.symmetric_difference(EAST).area > 1e-4
    assert plan.outlines["519001"].crs == "gcj02"


@pytest.mark.parametrize(
    ("geometry", "kind"),
    [
        (BOWTIE, "self_crossing"),
        ({"type": "Polygon", "coordinates": [[[29.0, 103.2], [29.2, 103.2], [29.2, 103.4], [29.0, 103.2]]]}, "swapped"),
        ({"type": "Polygon", "coordinates": [[[39.0, 76.2], [39.2, 76.2], [39.2, 76.4], [39.0, 76.2]]]}, "swapped"),
        (
            {"type": "Polygon", "coordinates": [[[103, 29], [float("nan"), 29.2], [103, 29.2], [103, 29]]]},
            "not_a_number",
        ),
        (
            {"type": "Polygon", "coordinates": [[["103", "29"], ["104", "29"], ["104", "30"], ["103", "29"]]]},
            "not_a_number",
        ),
        ({"type": "Polygon", "coordinates": [[[503, 29], [504, 29], [504, 30], [503, 29]]]}, "out_of_range"),
        ({"type": "Polygon", "coordinates": [[[103, 29], [104, 29]]]}, "not_a_polygon"),
        ({"type": "Polygon", "coordinates": []}, "not_a_polygon"),
        ({"type": "Polygon"}, "not_a_polygon"),
        ({"type": "Point", "coordinates": [103, 29]}, "not_a_polygon"),
        ({}, "not_a_polygon"),
    ],
)
def test_bad_polygons(tmp_path: Path, geometry: dict[str, Any], kind: str) -> None:
    plan = _with(tmp_path, feature("519001", geometry), feature("519002", WEST))
    assert kinds(plan) == [kind]
    assert plan.errors[0].code == "519001"
    assert plan.errors[0].row == 1


def test_overlap_with_area_and_where(tmp_path: Path) -> None:
    plan = _with(tmp_path, feature("519001", box(103.1, 29, 103.4, 29.2)), feature("519002", WEST))
    assert kinds(plan) == ["overlap"]
    text = plan.errors[0].problem.en
    assert "519002" in text
    assert "216." in text, "0.1° × 0.2° at 29.1° N are about 216 km²"
    assert "103.1" in text


def test_small_overlap_is_a_warning_a_sliver_a_note(tmp_path: Path) -> None:
    small = _with(tmp_path, feature("519001", box(103.195, 29, 103.4, 29.2)), feature("519002", WEST))
    assert (kinds(small), kinds(small, "warning")) == ([], ["overlap"])
    sliver = _with(tmp_path, feature("519001", box(103.1999, 29, 103.4, 29.2)), feature("519002", WEST))
    assert (kinds(sliver), kinds(sliver, "warning"), kinds(sliver, "note")) == ([], [], ["sliver"])


def test_gap_and_hole(tmp_path: Path) -> None:
    frame = box(103.0, 29.0, 103.4, 29.2)
    inner = box(103.1, 29.05, 103.3, 29.15)
    holed = Polygon(frame.exterior, [inner.exterior])
    plan = _with(tmp_path, feature("519001", holed), feature("519002", box(103.1, 29.05, 103.3, 29.1)))
    assert kinds(plan, "warning") == ["hole"]
    filled = _with(tmp_path, feature("519001", holed), feature("519002", inner))
    assert kinds(filled, "warning") == []
    pieces = [box(103, 29, 103.4, 29.05), box(103, 29.15, 103.4, 29.2), box(103, 29.05, 103.1, 29.15)]
    ring = [(Spot("f", n, str(n)), shape) for n, shape in enumerate([*pieces, box(103.3, 29.05, 103.4, 29.15)])]
    found = checks.siblings(ring)
    assert [each.kind for each in found] == ["gap"]
    assert f"{checks.square_metres(inner) / 1e6:.3f} km²" in found[0].problem.en


def test_outside_the_place_above(tmp_path: Path) -> None:
    away = box(105.0, 29.0, 105.2, 29.2)
    plan = _with(tmp_path, feature("519001", EAST), feature("519002", WEST), feature("519001001", away))
    assert kinds(plan) == ["outside_parent"]
    partly = box(103.38, 29.0, 103.42, 29.02)
    plan = _with(tmp_path, feature("519001", EAST), feature("519002", WEST), feature("519001001", partly))
    assert (kinds(plan), "outside_parent" in kinds(plan, "warning")) == ([], True)


def test_touching_itself_is_repaired_and_said(tmp_path: Path) -> None:
    two = MultiPolygon(
        [box(103.2, 29, 103.3, 29.2), box(103.3, 29, 103.4, 29.2)]
    )  # a shared edge: as published by some
    plan = _with(tmp_path, feature("519001", json.loads(json.dumps(two.__geo_interface__))), feature("519002", WEST))
    assert (kinds(plan), kinds(plan, "warning")) == ([], ["self_touching"])
    assert plan.outlines["519001"].shape.equals(EAST)


def test_the_file_with_more_places_is_preferred(tmp_path: Path) -> None:
    city(tmp_path)
    (tmp_path / "519001.json").write_text(collection(feature("519001", BOWTIE)), encoding="utf-8")
    plan = planned(tmp_path)
    assert plan.errors == [], "the other file's faults do not matter"
    assert plan.outlines["519001"].source == "counties.geojson"
    assert "passed_over" in kinds(plan, "note")


def test_a_polygon_of_nobody(tmp_path: Path) -> None:
    plan = _with(tmp_path, feature("519001", EAST), feature("519002", WEST), feature("519009", EAST))
    assert "no_such_place" in kinds(plan)


def test_drawn_below_and_cut_around(tmp_path: Path) -> None:
    drawn = box(103.2, 29.0, 103.3, 29.1)
    plan = _with(tmp_path, feature("519001", EAST), feature("519002", WEST), feature("519001001", drawn))
    assert plan.errors == []
    grids = {area: each.shape for area, each in plan.outlines.items() if len(area) == 15}
    assert len(grids) == 36
    assert sum(s.area for a, s in grids.items() if a.startswith("519001001")) == pytest.approx(drawn.area, rel=1e-6)
    rest = sum(s.area for a, s in grids.items() if a.startswith("519001100"))
    assert rest == pytest.approx(EAST.area - drawn.area, rel=1e-6)
    assert plan.outlines["519001001"].source == "counties.geojson"


def test_how_many_grids(tmp_path: Path) -> None:
    assert planned(city(tmp_path), grids=20).generated == 20
    assert planned(city(tmp_path), grids=1).generated == 6, "each village has one at least"
    assert planned(city(tmp_path), generate=False).generated == 0


def test_a_place_without_boundary_is_said(tmp_path: Path) -> None:
    plan = _with(tmp_path, feature("519001", EAST))
    assert plan.counts()["grid"] == 24
    assert [each.code for each in plan.findings if each.kind == "no_boundary"] == ["519002"]


def test_file_names_are_reported(tmp_path: Path) -> None:
    city(tmp_path)
    (tmp_path / "notes.md").write_text("x", encoding="utf-8")
    assert read([tmp_path, tmp_path / "villages.csv"], "wgs84").files == ["counties.geojson", "villages.csv"]


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)
CODES = st.sampled_from(["519001", "519001001", "519001001001", "", "5.19E+11", "519000000000", "５１９００１", "x"])


@settings(max_examples=150, deadline=None)
@given(raw=st.binary(max_size=300), suffix=st.sampled_from([".csv", ".xlsx", ".json"]))
def test_any_bytes_end_in_findings(raw: bytes, suffix: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / f"f{suffix}").write_bytes(raw)
        plan = planned(Path(name), generate=False)
    assert plan.errors or plan.findings or not set(plan.places) - {"5190"}


@settings(max_examples=150, deadline=None)
@given(rows=st.lists(st.tuples(CODES, st.text(max_size=8)), max_size=6))
def test_any_rows_end_in_places_or_findings(rows: list[tuple[str, str]]) -> None:
    out = io.StringIO()
    csv.writer(out).writerows([("code", "name"), *rows])
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "f.csv").write_bytes(out.getvalue().encode("utf-8", "replace"))
        plan = planned(Path(name), generate=False)
    assert all(place.name and codes.level_of(area) for area, place in plan.places.items())
    assert csv.reader(io.StringIO(error_file(plan.findings, plan.originals)))


@settings(max_examples=200, deadline=None)
@given(coordinates=JSON, kind=st.sampled_from(["Polygon", "MultiPolygon", "Point"]), properties=JSON)
def test_any_geojson_ends_in_findings(coordinates: Any, kind: str, properties: Any) -> None:
    geometry = {"type": kind, "coordinates": coordinates}
    named = {"adcode": "519001", "name": "东溪县"}
    features = [
        {"type": "Feature", "properties": named, "geometry": geometry},
        {"type": "Feature", "properties": properties, "geometry": coordinates},
    ]
    with tempfile.TemporaryDirectory() as name:
        for number, feature_ in enumerate(features):
            text = json.dumps({"type": "FeatureCollection", "features": [feature_]})
            (Path(name) / f"{number}.json").write_text(text, encoding="utf-8")
        plan = planned(Path(name), generate=False)
    assert plan.errors


@pytest.mark.parametrize(
    ("code", "area"),
    [
        ("511100", "5111"),
        ("511100000000", "5111"),
        ("511102", "511102"),
        ("511102000000", "511102"),
        ("511102004000", "511102004"),
        ("511102004001", "511102004001"),
        ("511102004001003", "511102004001003"),
    ],
)
def test_codes(code: str, area: str) -> None:
    assert codes.area_of(code) == area
    assert codes.area_of(codes.code_of(area)) == area


@pytest.mark.parametrize("code", ["", "51", "5111020", "51110X", "511102004001003000", "１２"])
def test_what_is_no_code(code: str) -> None:
    with pytest.raises(ValueError, match=r"code|digits"):
        codes.area_of(code)
