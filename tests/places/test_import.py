"""Imports into the database: all or nothing, again without change, with history."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import shapely
from click.testing import CliRunner
from django.db import IntegrityError, connection, transaction
from shapely import Polygon, box

from linli.audit.models import Entry
from linli.core.refusals import Refused
from linli.kernel import stamps
from linli.places import actions, queries
from linli.places.actions import Outcome
from linli.places.commands import places as command
from linli.places.coordinates import from_wgs84
from linli.places.models import Boundary, Place, PlaceName
from linli.places.plan import Options, Plan
from linli.places.planning import build
from linli.places.reading import read
from tests.places import material
from tests.places.material import EAST, WEST, city, collection, feature

pytestmark = pytest.mark.django_db
T0 = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
T1 = T0 + timedelta(days=30)


def plan_for(folder: Path, crs: str = "wgs84", **options: Any) -> Plan:
    options.setdefault("city_name", "样城市")
    return build(read([folder], crs), queries.standing("5190"), Options(**options))


def imported(folder: Path, at: datetime = T0, **options: Any) -> Outcome:
    return actions.import_places(plan_for(folder, **options), actor="system", at=at)


def state() -> tuple[list[Any], ...]:
    """Every row of the room, and what stands beside it."""
    tables = (Place, Boundary, PlaceName, Entry)
    return (*(sorted(table.objects.values_list(), key=str) for table in tables), sorted(stamps.read().items()))


def test_everything_is_there(tmp_path: Path) -> None:
    outcome = imported(city(tmp_path))
    assert outcome.added == {"city": 1, "county": 2, "township": 3, "village": 6, "grid": 36}
    assert outcome.boundaries_new == 2 + 3 + 6 + 36
    assert Place.objects.get(code="519000").area == "5190"
    grid = Place.objects.select_related("parent__parent__parent__parent").get(area="519001100201006")
    assert grid.parent
    assert grid.parent.parent
    assert [grid.parent.name, grid.parent.parent.name] == ["梨园村村委会", "石桥镇"]
    drawn = {b.place.area: shapely.from_wkb(bytes(b.geometry)) for b in Boundary.objects.select_related("place")}
    cells = [shape for area, shape in drawn.items() if len(area) == 15]
    assert shapely.coverage_is_valid(cells)
    assert shapely.union_all(cells).symmetric_difference(shapely.union_all([EAST, WEST])).area < 1e-9
    for area, shape in drawn.items():
        below = [s for a, s in drawn.items() if a.startswith(area) and len(a) == 15]
        assert shapely.union_all(below).symmetric_difference(shape).area < 1e-9
    assert PlaceName.objects.filter(kind="official", valid_to=None).count() == 48
    entry = Entry.objects.get(target_kind="places")
    assert (entry.verb, entry.area, entry.data["added"]["grid"]) == ("import", "5190", 36)


def test_again_changes_nothing(tmp_path: Path) -> None:
    imported(city(tmp_path))
    before = state()
    outcome = imported(tmp_path, T1)
    assert (outcome.changed, outcome.unchanged) == (0, 48)
    assert state() == before


def test_a_broken_plan_is_refused_whole(tmp_path: Path) -> None:
    city(tmp_path)
    (tmp_path / "villages.csv").write_text(material.table() + "519001009001,无上级,,,519001,东溪县\n", encoding="utf-8")
    before = state()
    with pytest.raises(Refused, match="nothing was changed"):
        imported(tmp_path)
    assert state() == before


@pytest.mark.parametrize("step", ["places", "boundaries", "close"])
def test_a_failure_half_way_leaves_nothing(tmp_path: Path, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = state()
    real = getattr(actions._Import, step)

    def failing(work: Any, *given: Any) -> None:
        real(work, *given)
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(actions._Import, step, failing)
    with pytest.raises(RuntimeError, match="full"):
        imported(city(tmp_path), close=True)
    assert state() == before


def test_a_new_name_keeps_the_old_one(tmp_path: Path) -> None:
    imported(city(tmp_path))
    text = material.table().replace("梨园村村委会", "梨花村村委会")
    (tmp_path / "villages.csv").write_text(text, encoding="utf-8")
    outcome = imported(tmp_path, T1)
    assert outcome.renamed == 1 + 6, "the village and its grids, whose names are made from it"
    assert (outcome.boundaries_changed, outcome.boundaries_new) == (0, 0)
    names = PlaceName.objects.filter(place__area="519001100201").order_by("valid_from")
    assert [(n.name, n.valid_from, n.valid_to) for n in names] == [
        ("梨园村村委会", T0, T1),
        ("梨花村村委会", T1, None),
    ]
    assert Place.objects.get(area="519001100201").name == "梨花村村委会"
    rows = queries.snapshot(0).gazetteer
    assert {(r.name, r.kind) for r in rows if r.area == "519001100201"} == {
        ("梨花村村委会", "official"),
        ("梨花村", "alias"),
        ("梨园村村委会", "alias"),
        ("梨园村", "alias"),
    }


def test_a_new_boundary_keeps_the_old_one(tmp_path: Path) -> None:
    imported(city(tmp_path))
    west = {b.place.area: bytes(b.geometry) for b in Boundary.objects.filter(place__area__startswith="519002")}
    text = collection(feature("519001", box(103.2, 29, 103.5, 29.2)), feature("519002", WEST))
    (tmp_path / "counties.geojson").write_text(text, encoding="utf-8")
    outcome = imported(tmp_path, T1)
    assert outcome.boundaries_changed == 1 + 2 + 4 + 24, "the county and all that is cut from it"
    both = Boundary.objects.filter(place__area="519001").order_by("valid_from")
    assert [(b.valid_from, b.valid_to) for b in both] == [(T0, T1), (T1, None)]
    assert shapely.from_wkb(bytes(both[0].geometry)).equals(EAST)
    now = Boundary.objects.filter(place__area__startswith="519002", valid_to=None)
    assert {b.place.area: bytes(b.geometry) for b in now} == west, "the neighbour's cells stay"


def test_vanished_places_are_said_and_closed_only_on_request(tmp_path: Path) -> None:
    imported(city(tmp_path))
    text = "".join(line + "\n" for line in material.table().splitlines() if "梨园村" not in line)
    (tmp_path / "villages.csv").write_text(text, encoding="utf-8")
    plan = plan_for(tmp_path)
    assert plan.vanished == ["519001100201"]
    assert [(f.kind, f.severity) for f in plan.findings] == [("vanished", "warning")]
    assert actions.import_places(plan, actor="system", at=T1).changed == 0
    assert Place.objects.get(area="519001100201").active_to is None
    outcome = imported(tmp_path, T1, close=True)
    assert outcome.closed == 1 + 6
    assert Place.objects.get(area="519001100201").active_to == T1
    gone = Boundary.objects.filter(place__area__startswith="519001100201")
    assert {b.valid_to for b in gone} == {T1}
    grids = Boundary.objects.filter(valid_to=None, place__level="grid").select_related("place")
    cells = [shapely.from_wkb(bytes(b.geometry)) for b in grids]
    assert shapely.coverage_is_valid([c for c, b in zip(cells, grids, strict=True) if b.place.area < "519002"])
    assert shapely.union_all(cells).symmetric_difference(shapely.union_all([EAST, WEST])).area < 1e-9
    assert sum(c.area for c in cells) == pytest.approx(EAST.area + WEST.area, rel=1e-9), "no hole is left behind"


def test_a_closed_place_that_comes_back(tmp_path: Path) -> None:
    imported(city(tmp_path))
    full = (tmp_path / "villages.csv").read_text(encoding="utf-8")
    text = "".join(line + "\n" for line in full.splitlines() if "梨园村" not in line)
    (tmp_path / "villages.csv").write_text(text, encoding="utf-8")
    imported(tmp_path, T1, close=True)
    (tmp_path / "villages.csv").write_text(full, encoding="utf-8")
    outcome = imported(tmp_path, T1 + timedelta(days=1))
    assert outcome.reopened == 7
    assert Place.objects.get(area="519001100201").active_to is None
    assert PlaceName.objects.filter(place__area="519001100201", valid_to=None).count() == 1


def test_fewer_grids_need_the_word(tmp_path: Path) -> None:
    imported(city(tmp_path))
    plan = plan_for(tmp_path, grids=30)
    assert {f.kind for f in plan.errors} == {"vanished"}
    assert len(plan.errors) == 6
    outcome = imported(tmp_path, T1, grids=30, close=True)
    assert outcome.closed == 6
    assert queries.snapshot(0).index.by_area.keys() >= {"519001001001005"}
    assert "519001001001006" not in queries.snapshot(0).index


def test_boundaries_may_come_later_than_the_codes(tmp_path: Path) -> None:
    (tmp_path / "villages.csv").write_text(material.table(), encoding="utf-8")
    assert imported(tmp_path).added.get("grid") is None
    (tmp_path / "villages.csv").unlink()
    text = collection(feature("519001", EAST), feature("519002", WEST))
    (tmp_path / "counties.geojson").write_text(text, encoding="utf-8")
    outcome = imported(tmp_path, T1)
    assert outcome.added == {"grid": 36}
    assert outcome.boundaries_new == 47


def _counties(folder: Path, *features: dict[str, Any]) -> None:
    (folder / "counties.geojson").write_text(collection(*features), encoding="utf-8")


@pytest.mark.parametrize(
    ("given", "stated"),
    [("gcj02", "wgs84"), ("bd09", "wgs84"), ("bd09", "gcj02"), ("wgs84", "gcj02")],
)
def test_a_wrongly_stated_system_is_found(tmp_path: Path, given: str, stated: str) -> None:
    imported(city(tmp_path))
    moved = [Polygon([from_wgs84(x, y, given) for x, y in shape.exterior.coords]) for shape in (EAST, WEST)]
    _counties(tmp_path, feature("519001", moved[0]), feature("519002", moved[1]))
    plan = plan_for(tmp_path, crs=stated)
    assert [(f.kind, f.code) for f in plan.errors] == [("wrong_system", "519001"), ("wrong_system", "519002")]
    assert f"--crs {given}" in plan.errors[0].mend.en
    assert plan_for(tmp_path, crs=given).errors == []


def test_a_township_drawn_later_is_cut_out_of_the_rest(tmp_path: Path) -> None:
    imported(city(tmp_path))
    town = box(103.2, 29.0, 103.3, 29.2)
    _counties(tmp_path, feature("519001", EAST), feature("519002", WEST), feature("519001001", town))
    imported(tmp_path, T1)
    grids = Boundary.objects.filter(valid_to=None, place__level="grid").select_related("place")
    cells = {b.place.area: shapely.from_wkb(bytes(b.geometry)) for b in grids}
    assert sum(c.area for c in cells.values()) == pytest.approx(EAST.area + WEST.area, rel=1e-9)
    assert shapely.coverage_is_valid([c for a, c in cells.items() if a.startswith("519001")])
    inside = shapely.union_all([c for a, c in cells.items() if a.startswith("519001001")])
    assert inside.symmetric_difference(town).area < 1e-9
    assert imported(tmp_path, T1).changed == 0


def test_a_single_boundary_is_checked_against_its_neighbours(tmp_path: Path) -> None:
    imported(city(tmp_path))
    (tmp_path / "villages.csv").unlink()
    _counties(tmp_path, feature("519002", box(103.0, 29.0, 103.3, 29.2)))
    assert [f.kind for f in plan_for(tmp_path).errors] == ["overlap"]


def test_history_is_not_written_backwards(tmp_path: Path) -> None:
    imported(city(tmp_path), T1)
    with pytest.raises(Refused, match="backwards"):
        imported(tmp_path, T0)


def test_two_cities_side_by_side(tmp_path: Path) -> None:
    imported(city(tmp_path))
    other = tmp_path / "other"
    other.mkdir()
    (other / "v.csv").write_text("code,name\n529000,邻城市\n529001,近县\n", encoding="utf-8")
    plan = build(read([other], None), queries.standing("5290"), Options())
    actions.import_places(plan, actor="system", at=T1)
    assert [entry.name for entry in queries.snapshot(0).index.children()] == ["样城市", "邻城市"]
    assert imported(tmp_path, T1).changed == 0


def test_the_tables_refuse_nonsense(tmp_path: Path) -> None:
    imported(city(tmp_path))
    parent = Place.objects.get(area="519001")
    wrong: list[dict[str, Any]] = [
        {"code": "5190011", "area": "5190011", "level": "township", "name": "短", "parent": parent},
        {"code": "519001777", "area": "519001777", "level": "village", "name": "级别不对", "parent": parent},
        {"code": "519001777", "area": "519001777", "level": "township", "name": "", "parent": parent},
        {"code": "519001777", "area": "519001777", "level": "township", "name": "无上级"},
        {"code": "519001001", "area": "519001001", "level": "township", "name": "重复", "parent": parent},
    ]
    for values in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            Place.objects.create(active_from=T0, **values)
    with pytest.raises(IntegrityError), transaction.atomic():
        Place.objects.filter(area="519001").update(active_to=T0 - timedelta(days=1))
    drawn = Boundary.objects.get(place__area="519001")
    drawn.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        Boundary.objects.create(
            **{f.name: getattr(drawn, f.name) for f in Boundary._meta.fields if f.name != "id"},
        )


def test_rename_and_names(tmp_path: Path) -> None:
    imported(city(tmp_path))
    actions.rename("519001100", "新石桥镇", actor="system", at=T1, reason="撤乡设镇")
    actions.rename("519001100", "新石桥镇", actor="system", at=T1)
    assert [n.name for n in queries.history(["519001100"])] == ["新石桥镇", "石桥镇"]
    rows = [("519001001001", "滨河花园", "estate", 103.31, 29.11), ("519001001001", "滨河花园", "estate", None, None)]
    assert actions.add_names(rows, actor="system", at=T1) == 1
    assert actions.add_names(rows, actor="system", at=T1) == 0
    assert ("滨河花园", "519001001001", "estate") in queries.snapshot(0).gazetteer
    with pytest.raises(Refused):
        actions.rename("519009", "无此县", actor="system", at=T1)
    with pytest.raises(Refused):
        actions.add_names([("519009", "某路", "road", None, None)], actor="system", at=T1)


def _run(*arguments: str) -> tuple[int, dict[str, Any]]:
    done = CliRunner().invoke(command, [*arguments, "--json"], catch_exceptions=False)
    return done.exit_code, json.loads(done.stdout)


def test_command_dry_run_changes_nothing(tmp_path: Path) -> None:
    before = state()
    code, report = _run(str(city(tmp_path)), "--crs", "wgs84", "--city-name", "样城市", "--dry-run")
    assert code == 0
    assert report["outcome"]["added"]["grid"] == 36
    assert state() == before


def test_command_and_its_error_file(tmp_path: Path) -> None:
    folder = city(tmp_path / "in")
    arguments = (str(folder), "--crs", "wgs84", "--city-name", "样城市")
    assert _run(*arguments)[1]["counts"] == {"city": 1, "county": 2, "township": 3, "village": 6, "grid": 36}
    assert _run(*arguments)[1]["outcome"]["changed"] == 0
    before = state()
    (folder / "villages.csv").write_text(material.table() + "5190010,短,,,,\n", encoding="utf-8")
    errors = tmp_path / "errors.csv"
    code, report = _run(*arguments, "--errors", str(errors))
    assert code == 1
    assert report["outcome"] is None
    assert [f["kind"] for f in report["findings"]] == ["code_length"]
    assert errors.read_bytes().startswith(b"\xef\xbb\xbf"), "Excel shows the Chinese"
    assert "5190010" in errors.read_text(encoding="utf-8-sig")
    assert state() == before


def test_command_speaks(tmp_path: Path) -> None:
    folder = city(tmp_path / "in")
    done = CliRunner().invoke(command, [str(folder), "--city-name", "样城市", "--errors", str(tmp_path / "e.csv")])
    assert done.exit_code == 1
    assert "--crs gcj02" in done.stdout
    assert "未作任何改动" in done.stdout
    done = CliRunner().invoke(command, [str(folder), "--city-name", "样城市", "--crs", "wgs84"])
    assert done.exit_code == 0
    assert "36" in done.stdout


def test_a_second_city_is_asked_about_first(tmp_path: Path) -> None:
    Place.objects.create(code="990100", area="9901", level="city", name="云汀市", active_from=T0)
    stamps.bump("places")
    arguments = [str(city(tmp_path / "in")), "--crs", "wgs84", "--city-name", "样城市"]
    before = state()
    done = CliRunner().invoke(command, arguments)
    assert done.exit_code == 2
    assert state() == before
    for part in ("云汀市", "样城市", "--yes", "地点不明的诉求仍归", "Nothing was imported"):
        assert part in done.stderr
    assert CliRunner().invoke(command, [*arguments, "--dry-run"]).exit_code == 0
    assert state() == before
    assert CliRunner().invoke(command, [*arguments, "--yes"]).exit_code == 0
    assert Place.objects.filter(name="样城市").exists()
    assert CliRunner().invoke(command, arguments).exit_code == 0  # it stands by now: nothing new to ask


def test_inside_is_a_range_scan(tmp_path: Path) -> None:
    imported(city(tmp_path))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    text = Place.objects.filter(queries.inside("519001100")).order_by("area").explain()
    assert "Index Cond" in text
    assert "places_place_area" in text
    assert Place.objects.filter(queries.inside("519001100")).count() == 1 + 2 + 12
