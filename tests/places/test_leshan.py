"""The real city: codes and county polygons of Leshan, when the field data is there."""

import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import shapely

from linli.places import actions, queries
from linli.places.models import Boundary, Place
from linli.places.plan import Options
from linli.places.planning import build
from linli.places.reading import read

AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


@pytest.fixture
def paths(field_data: Path) -> list[Path]:
    found = [field_data / "leshan-divisions", field_data / "leshan-boundary"]
    if not all(path.is_dir() for path in found):
        pytest.skip("no Leshan in the field data")
    return found


@pytest.mark.django_db
def test_leshan(paths: list[Path]) -> None:
    started = time.monotonic()
    plan = build(read(paths, "gcj02"), {}, Options())
    assert plan.errors == []
    outcome = actions.import_places(plan, actor="system", at=AT)
    assert time.monotonic() - started < 60
    assert outcome.added == {"city": 1, "county": 11, "township": 132, "village": 1370, "grid": 8220}
    assert {each.source for each in plan.outlines.values()} == {
        "511100_full.json",
        "511100_outline.json",
        "generated",
    }
    kinds = {each.kind for each in plan.findings}
    assert kinds == {"gap", "self_touching", "sliver", "passed_over", "same"}
    _tiles_exactly()
    _locates()
    again = build(read(paths, "gcj02"), queries.standing("5111"), Options())
    assert actions.import_places(again, actor="system", at=AT).changed == 0


def _tiles_exactly() -> None:
    drawn = {
        b.place.area: shapely.from_wkb(bytes(b.geometry))
        for b in Boundary.objects.select_related("place").filter(valid_to=None)
    }
    grids = [shape for area, shape in drawn.items() if len(area) == 15]
    counties = [shape for area, shape in drawn.items() if len(area) == 6]
    assert shapely.coverage_is_valid(grids)
    assert sum(g.area for g in grids) == pytest.approx(sum(c.area for c in counties), rel=1e-7)
    villages = [shape for area, shape in drawn.items() if len(area) == 12]
    assert shapely.coverage_is_valid(villages)
    apart = [area for area, shape in drawn.items() if len(area) in (9, 12) and len(shapely.get_parts(shape)) > 1]
    assert len(apart) <= 6, "only where a published county itself lies in several parts"
    assert {area[:6] for area in apart} <= {"511123", "511126", "511129"}


def _locates() -> None:
    locator = queries.snapshot(0).locator
    people_square = locator.locate_one(103.7589, 29.5858)  # the county seat's own centre, converted
    assert people_square is not None
    assert people_square.startswith("511102")
    points = np.random.default_rng(1).uniform((103.0, 28.5), (104.2, 29.9), (100_000, 2))
    started = time.process_time()  # of this core alone, whatever else the machine does
    found = locator.locate(points)
    spent = time.process_time() - started
    rate = len(points) / spent
    print(f"{rate:,.0f} points a second on one core, {rate / 100_000:.1f} times what is asked")
    assert spent < 1, "100,000 points a second are asked; about 0.3 s were seen"
    assert 0.4 < sum(area is not None for area in found) / len(found) < 0.9
    assert Place.objects.filter(area=found[found != None][0]).exists()  # noqa: E711 an array comparison


def test_without_a_stated_system_it_is_refused(paths: list[Path]) -> None:
    plan = build(read(paths, None), {}, Options())
    assert {each.kind for each in plan.errors} >= {"crs_missing"}
    assert len([each for each in plan.errors if each.kind == "crs_missing"]) == 13
