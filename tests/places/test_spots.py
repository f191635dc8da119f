"""Named spots from tables: placed by code or point, all or nothing, with row-level findings."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from linli.places import spots

HEAD = "名称,别名,类型,代码,经度,纬度,来源\n"


def planned(tmp_path: Path, text: str, crs: str = "wgs84") -> spots.Plan:
    path = tmp_path / "spots.csv"
    path.write_text(text, encoding="utf-8-sig")
    plan = spots.Plan()
    known = {"990102", "990102001001", "990102001001001"}
    inside = lambda lon, lat: "990102001001001" if 103.7 <= lon <= 103.71 else None  # noqa: E731
    return spots.build(spots.read(path, plan), plan, crs=crs, known=known, locate=inside)


def test_rows_are_placed_by_code_or_point(tmp_path: Path) -> None:
    plan = planned(
        tmp_path,
        HEAD
        + "金色家园,金色小区；老棉纺厂宿舍,小区,990102001001,103.705,29.505,街道台账\n"
        + "滨江路,,道路,990102001001,,,\n"
        + "柳荫菜市场,,市场,,103.705,29.505,\n",
    )
    assert plan.errors == []
    assert plan.spots == 3
    assert [(n.area, n.name, n.kind) for n in plan.names] == [
        ("990102001001001", "金色家园", "estate"),
        ("990102001001001", "金色小区", "estate"),
        ("990102001001001", "老棉纺厂宿舍", "estate"),
        ("990102001001", "滨江路", "road"),
        ("990102001001001", "柳荫菜市场", "landmark"),
    ]
    assert plan.names[0].source == "街道台账"


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ("某,,小区,990102001001,,,", "name"),
        ("金色家园,,飞船,990102001001,,,", "kind"),
        ("金色家园,,小区,990102999,,,", "no_such_place"),
        ("金色家园,,小区,,119.0,29.5,", "nowhere"),
        ("金色家园,,小区,,,,", "nowhere"),
        ("金色家园,,小区,,一百,29.5,", "point"),
        ("金色家园,,小区,990102001001,200,99,", "point"),
    ],
)
def test_a_bad_row_is_an_error_with_its_number(tmp_path: Path, row: str, kind: str) -> None:
    plan = planned(tmp_path, HEAD + "滨江路,,道路,990102001001,,,\n" + row + "\n")
    (finding,) = plan.errors
    assert (finding.kind, finding.row) == (kind, 3)
    assert finding.problem.zh
    assert finding.mend.en


def test_points_need_their_coordinate_system(tmp_path: Path) -> None:
    plan = planned(tmp_path, HEAD + "金色家园,,小区,,103.705,29.505,\n", crs="")
    assert [f.kind for f in plan.errors] == ["point"]


def test_columns_about_people_are_refused(tmp_path: Path) -> None:
    plan = planned(tmp_path, "名称,代码,宗教\n清真寺,990102001001,x\n")
    assert [f.kind for f in plan.errors] == ["forbidden_column"]


def test_a_repeated_row_counts_once(tmp_path: Path) -> None:
    plan = planned(tmp_path, HEAD + "滨江路,,道路,990102001001,,,\n" * 2)
    assert plan.spots == 1
    assert [f.kind for f in plan.findings] == ["twice"]


@pytest.mark.django_db(transaction=True)
def test_the_command_tries_then_does(tmp_path: Path, town: Any) -> None:
    """A dry run changes nothing; the run adds; again adds nothing; understanding knows the name at once."""
    from linli.matters import reference
    from linli.places.models import PlaceName
    from linli.places.spot_commands import command
    from tests.matters.town import GRID, VILLAGE

    path = tmp_path / "spots.csv"
    path.write_text(HEAD + f"金色家园,老棉纺厂,小区,{GRID},,,台账\n", encoding="utf-8")
    before = PlaceName.objects.count()
    dry = CliRunner().invoke(command, [str(path), "--dry-run", "--json"])
    assert json.loads(dry.output)["added"] == 2, dry.output
    assert PlaceName.objects.count() == before
    done = CliRunner().invoke(command, [str(path), "--json"])
    assert json.loads(done.output)["added"] == 2
    again = CliRunner().invoke(command, [str(path), "--json"])
    assert json.loads(again.output)["added"] == 0
    assert PlaceName.objects.get(name="老棉纺厂").source == "台账"
    found = reference.current(fresh=True).gazetteer.find("老棉纺厂宿舍楼下没有路灯")
    assert [guess.area for guess in found] == [GRID]
    path.write_text(HEAD + f"银色家园,,小区,{VILLAGE},,,\n错,,小区,{GRID},,,\n", encoding="utf-8")
    errors = tmp_path / "errors.csv"
    bad = CliRunner().invoke(command, [str(path), "--json", "--errors", str(errors)])
    assert bad.exit_code == 1
    assert not PlaceName.objects.filter(name="银色家园").exists()
    assert "错" in errors.read_text("utf-8-sig")


@pytest.mark.django_db(transaction=True)
def test_a_name_that_is_ended_is_known_no_more(town: Any) -> None:
    from linli.core.refusals import Refused
    from linli.matters import reference
    from linli.places import actions
    from linli.places.models import PlaceName
    from tests.matters.town import GRID, T0

    actions.add_names([(GRID, "金色家园", "estate", None, None)], actor="person:x", at=T0)
    assert reference.current(fresh=True).gazetteer.find("金色家园停水")
    held = PlaceName.objects.get(name="金色家园")
    actions.end_name(held.pk, actor="person:x", at=T0)
    assert reference.current(fresh=True).gazetteer.find("金色家园停水") == ()
    with pytest.raises(Refused):
        actions.end_name(held.pk, actor="person:x", at=T0)
    official = PlaceName.objects.filter(kind="official").first()
    assert official is not None
    with pytest.raises(Refused):
        actions.end_name(official.pk, actor="person:x", at=T0)


@pytest.fixture
def town(db: None) -> Any:
    from linli.matters import reference
    from tests.matters.town import build_town

    yield build_town()
    reference.forget()
