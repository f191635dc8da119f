"""Reading files and folders of places: tables, and GeoJSON whose coordinate system must be stated. Pure."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from linli.places import codes
from linli.places.findings import NOTE, WARNING, Finding, Spot
from linli.places.material import Drawn, Material, Record
from linli.places.tables import area_said, columns_of, csv_rows, decoded, forbidden_columns, read_table, sheet_rows

SUFFIXES: Final = (".csv", ".xlsx", ".xls", ".json", ".geojson")
LARGEST: Final = 200 * 2**20


def files_of(paths: Sequence[Path]) -> list[Path]:
    """The files themselves; a folder stands for its files of known types, by name."""
    found: list[Path] = []
    for path in paths:
        inside = sorted(p for p in path.iterdir() if p.suffix.lower() in SUFFIXES) if path.is_dir() else [path]
        found += [each for each in inside if each not in found]
    return found


def read(paths: Sequence[Path], crs: str | None = None) -> Material:
    """Read files and folders. *crs*: what is stated about GeoJSON coordinates (gcj02, bd09, wgs84, cgcs2000)."""
    material = Material()
    for path in files_of(paths):
        material.files.append(path.name)
        whole = Spot(path.name, 0, "")
        try:
            if path.stat().st_size > LARGEST:
                raise ValueError(f"{path.stat().st_size >> 20} MB > {LARGEST >> 20} MB")
            raw = path.read_bytes()
            if path.suffix.lower() in (".json", ".geojson"):
                _read_geojson(raw, whole, crs, material)
            else:
                rows = sheet_rows(path) if path.suffix.lower() in (".xlsx", ".xls") else csv_rows(raw)
                read_table(rows, whole, material)
        except Exception as error:  # a broken file of any kind becomes a finding; the library's words stand in it
            material.findings.append(_unreadable(whole, error))
    if not material.files:
        words = ("没有可读的文件。", "There is no file to read.")
        mend = (f"请给出 {'、'.join(SUFFIXES)} 文件或其文件夹。", f"Name files or folders with {', '.join(SUFFIXES)}.")
        material.findings.append(Spot(str(paths[0]) if paths else "", 0, "").found("no_file", words, mend))
    return material


def _unreadable(spot: Spot, error: Exception) -> Finding:
    return spot.found(
        "unreadable",
        (f"文件读不出：{error}", f"The file cannot be read: {error}"),
        (
            "请用 Excel 另存为 xlsx 或 CSV UTF-8，或检查 GeoJSON 是否完整。",
            "Save it as xlsx or as CSV UTF-8, or check that the GeoJSON is complete.",
        ),
    )


def _stated_crs(document: Mapping[str, Any], stated: str | None, whole: Spot, material: Material) -> str | None:
    """The coordinate system of a GeoJSON file: what the command said, else its ``crs`` member."""
    member = document.get("crs")
    text = json.dumps(member, ensure_ascii=False).lower() if member else ""
    own = None
    for mark, name in (("gcj", "gcj02"), ("bd09", "bd09"), ("bd-09", "bd09"), ("4490", "cgcs2000"), ("4326", "wgs84")):
        if mark in text:
            own = name
            break
    own = own or ("wgs84" if "crs84" in text else None)
    if stated and own and stated != own:
        problem = (
            f"文件自称 {own}，按命令所说的 {stated} 读取。",
            f"The file says {own}; it is read as {stated}, as stated.",
        )
        mend = ("如有疑问，请在地图上核对一个已知地点。", "If in doubt, compare a known spot on a map.")
        material.findings.append(whole.found("crs_differs", problem, mend, WARNING))
    if stated or own:
        return stated or own
    problem = ("没有说明坐标系，不能猜。", "The coordinate system is not stated, and it is not guessed.")
    mend = (
        "请加上 --crs gcj02（高德、腾讯、DataV）、--crs bd09（百度）或 --crs wgs84（GPS、国家大地坐标）。",
        "Add --crs gcj02 (AMap, Tencent, DataV), --crs bd09 (Baidu) or --crs wgs84 (GPS, CGCS2000).",
    )
    material.findings.append(whole.found("crs_missing", problem, mend))
    return None


def _read_geojson(raw: bytes, whole: Spot, stated: str | None, material: Material) -> None:
    document = json.loads(decoded(raw))
    if not isinstance(document, dict):
        raise ValueError("not a GeoJSON object")
    features = document.get("features") if document.get("type") == "FeatureCollection" else [document]
    if not isinstance(features, list) or not all(isinstance(each, dict) for each in features):
        raise ValueError("not a GeoJSON FeatureCollection")
    crs = _stated_crs(document, stated, whole, material)
    if crs is None:
        return
    titles = sorted({str(key) for feature in features for key in feature.get("properties") or {}})
    if refused := forbidden_columns(titles, whole):
        material.findings.append(refused)
        return
    for number, feature in enumerate(features, start=1):
        _read_feature(feature, Spot(whole.file, number, ""), crs, material)
    if not features:
        problem, mend = (
            ("文件里没有要素。", "The file holds no features."),
            ("可以去掉这个文件。", "Leave the file out."),
        )
        material.findings.append(whole.found("empty", problem, mend, NOTE))


def _read_feature(feature: Mapping[str, Any], spot: Spot, crs: str, material: Material) -> None:
    properties = {str(k): v for k, v in (feature.get("properties") or {}).items()}
    flat = {k: "" if v is None else str(v) for k, v in properties.items() if not isinstance(v, dict | list)}
    material.originals[spot.file, spot.row] = flat
    columns = columns_of(list(flat))
    key = next((k for k in ("code", *(f"{level}_code" for level in reversed(codes.LEVELS))) if k in columns), None)
    values = list(flat.values())
    code = values[columns[key]].removesuffix(".0") if key else ""
    area = area_said(code, "", Spot(spot.file, spot.row, code), material)
    if area is None:
        return
    here = Spot(spot.file, spot.row, codes.code_of(area))
    level = codes.level_of(area)
    name = next((values[columns[k]].strip() for k in ("name", level) if k in columns), "")
    if name:
        material.records.append(Record(here, area, name, from_map=True))
    material.drawn.append(Drawn(here, area, feature.get("geometry") or {}, crs))
