"""A small city as files, and ways to spoil it."""

import json
from pathlib import Path
from typing import Any

from shapely import Polygon, box

from linli.places.plan import Options, Plan, Standing
from linli.places.planning import build
from linli.places.reading import read

COUNTIES = {"519001": "东溪县", "519002": "西岭县"}
TOWNS = {"519001001": "白鹭街道", "519001100": "石桥镇", "519002100": "云顶镇"}
VILLAGES = {
    "519001001001": "桂花社区居委会",
    "519001001002": "河街社区居委会",
    "519001100200": "石桥村村委会",
    "519001100201": "梨园村村委会",
    "519002100200": "云顶村村委会",
    "519002100201": "茶坪村村委会",
}
EAST, WEST = box(103.2, 29.0, 103.4, 29.2), box(103.0, 29.0, 103.2, 29.2)


def table() -> str:
    """The villages as a CSV with all levels in each row, as the statistics office publishes them."""
    lines = ["village_code,village,town_code,town,county_code,county"]
    for code, name in VILLAGES.items():
        lines.append(f"{code},{name},{code[:9]},{TOWNS[code[:9]]},{code[:6]},{COUNTIES[code[:6]]}")
    return "\n".join(lines) + "\n"


def feature(code: str, shape: Polygon | dict[str, Any], name: str = "") -> dict[str, Any]:
    """A GeoJSON feature."""
    geometry = shape if isinstance(shape, dict) else shape.__geo_interface__
    return {"type": "Feature", "properties": {"adcode": int(code), "name": name}, "geometry": geometry}


def collection(*features: dict[str, Any], **members: Any) -> str:
    """A GeoJSON file."""
    return json.dumps({"type": "FeatureCollection", "features": list(features), **members}, ensure_ascii=False)


def city(folder: Path) -> Path:
    """A folder with a good table and good county polygons (WGS84)."""
    folder.mkdir(exist_ok=True)
    (folder / "villages.csv").write_text(table(), encoding="utf-8")
    counties = collection(feature("519001", EAST, "东溪县"), feature("519002", WEST, "西岭县"))
    (folder / "counties.geojson").write_text(counties, encoding="utf-8")
    return folder


def planned(
    folder: Path, *, crs: str | None = "wgs84", standing: dict[str, Standing] | None = None, **options: Any
) -> Plan:
    """The plan for a folder."""
    options.setdefault("city_name", "样城市")
    return build(read([folder], crs), standing or {}, Options(**options))


def kinds(plan: Plan, severity: str = "error") -> list[str]:
    """What was found."""
    return [each.kind for each in plan.findings if each.severity == severity]
