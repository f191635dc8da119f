"""Named spots (roads, estates, landmarks, buildings) from tables: rows, findings, and a plan. Pure."""

import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from linli.places import codes
from linli.places.coordinates import to_wgs84
from linli.places.findings import ERROR, WARNING, Finding, Spot
from linli.places.tables import csv_rows, forbidden_columns, sheet_rows

LARGEST: Final = 50 * 2**20
LONGEST: Final = 120
_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "name": ("name", "名称", "名字", "地名", "标准名称"),
    "aliases": ("aliases", "alias", "别名", "俗称", "曾用名", "简称"),
    "kind": ("kind", "type", "类型", "类别"),
    "code": ("code", "area", "grid", "代码", "所在代码", "网格代码", "区划代码", "所在网格", "社区代码"),
    "lon": ("lon", "lng", "longitude", "经度"),
    "lat": ("lat", "latitude", "纬度"),
    "source": ("source", "来源", "出处"),
}
KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "road": ("road", "道路", "路", "街", "巷", "街道路名"),
    "estate": ("estate", "小区", "院落", "居民小区", "聚居点", "楼盘"),
    "landmark": ("landmark", "地标", "学校", "市场", "医院", "单位", "公园", "车站", "school", "market"),
    "building": ("building", "楼栋", "楼", "栋", "门牌"),
    "alias": ("alias", "别名", "地方别名"),
}
_LISTED: Final = str.maketrans("；,，、|/", ";;;;;;")


@dataclass(frozen=True, slots=True)
class Row:
    """One spot as the file says it; degrees as given."""

    spot: Spot
    name: str
    aliases: tuple[str, ...]
    kind: str
    code: str
    lon: str
    lat: str
    source: str


@dataclass(frozen=True, slots=True)
class Name:
    """One name to be kept: for a spot and for each of its aliases. Degrees in WGS84, or None."""

    area: str
    name: str
    kind: str
    lon: float | None
    lat: float | None
    source: str


@dataclass(slots=True)
class Plan:
    """What an import of spots will do. With an error nothing is changed."""

    names: list[Name] = field(default_factory=list)
    spots: int = 0
    findings: list[Finding] = field(default_factory=list)
    originals: dict[tuple[str, int], Mapping[str, str]] = field(default_factory=dict)

    @property
    def errors(self) -> list[Finding]:
        """What keeps it from being carried out."""
        return [each for each in self.findings if each.severity == ERROR]


def read(path: Path, plan: Plan, name: str = "") -> list[Row]:
    """The rows of a CSV (UTF-8, UTF-16, GB18030) or xlsx file; what is wrong becomes a finding of *plan*."""
    whole = Spot(name or path.name, 0, "")
    try:
        if path.stat().st_size > LARGEST:
            raise ValueError(f"> {LARGEST >> 20} MB")
        sheet = path.suffix.lower() in (".xlsx", ".xls")
        return list(_rows(sheet_rows(path) if sheet else csv_rows(path.read_bytes()), whole, plan))
    except Exception as error:  # a broken file of any kind becomes a finding; the library's words stand in it
        problem = (f"文件读不出：{error}", f"The file cannot be read: {error}")
        mend = ("请另存为 xlsx 或 CSV UTF-8。", "Save it as xlsx or CSV UTF-8.")
        plan.findings.append(whole.found("unreadable", problem, mend))
        return []


def _rows(table: Iterator[list[str]], whole: Spot, plan: Plan) -> Iterator[Row]:
    header: list[str] = []
    columns: dict[str, int] = {}
    for number, cells in enumerate(table, start=1):
        if not columns:
            found = _columns(cells)
            if "name" in found and ("code" in found or {"lon", "lat"} <= found.keys()):
                if refused := forbidden_columns(cells, whole):
                    plan.findings.append(refused)
                    return
                header, columns = cells, found
            elif number >= 10:
                break
        elif any(cell.strip() for cell in cells):
            plan.originals[whole.file, number] = dict(zip(header, cells, strict=False))
            got = {key: _clean(cells[at]) if at < len(cells) else "" for key, at in columns.items()}
            yield _row(got, Spot(whole.file, number, got.get("code", "")))
    if not columns:
        problem = ("没有找到所需的列。", "The columns that are needed were not found.")
        mend = (
            "表头至少要有“名称”，以及“代码”或“经度、纬度”；还可以有“别名、类型、来源”。",
            "Head the columns name, and code or lon and lat; aliases, kind and source may follow.",
        )
        plan.findings.append(whole.found("no_columns", problem, mend))


def _columns(cells: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for at, title in enumerate(cells):
        word = unicodedata.normalize("NFKC", title).strip().lower()
        for key, words in _COLUMNS.items():
            if word in words:
                found.setdefault(key, at)
    return found


def _clean(text: str) -> str:
    return unicodedata.normalize("NFC", text.replace("\x00", "").replace("\u200b", "")).strip().lstrip("'")


def _row(got: Mapping[str, str], spot: Spot) -> Row:
    aliases = [each.strip() for each in got.get("aliases", "").translate(_LISTED).split(";")]
    said = got.get("kind", "").lower()
    kind = next((kind for kind, words in KINDS.items() if said in words), "" if said else "landmark")
    return Row(
        spot,
        got.get("name", ""),
        tuple(dict.fromkeys(each for each in aliases if each and each != got.get("name"))),
        kind,
        got.get("code", ""),
        got.get("lon", ""),
        got.get("lat", ""),
        got.get("source", "")[:200],
    )


def build(
    rows: Sequence[Row],
    plan: Plan,
    *,
    crs: str,
    known: Collection[str],
    locate: Callable[[float, float], str | None],
) -> Plan:
    """Fill *plan*: each row placed by its code or its point. *known*: areas that are there; *locate*: WGS84 to area."""
    seen: dict[tuple[str, str], int] = {}
    for row in rows:
        wrong = _wrong(row)
        point, problem = (None, wrong) if wrong else _point(row, crs)
        area, problem = ("", problem) if problem else _area(row, point, known, locate)
        if problem:
            plan.findings.append(problem)
            continue
        if (first := seen.setdefault((row.name, area), row.spot.row)) != row.spot.row:
            plan.findings.append(_twice(row, first))
            continue
        lon, lat = point or (None, None)
        plan.spots += 1
        plan.names += [Name(area, name, row.kind, lon, lat, row.source) for name in (row.name, *row.aliases)]
    return plan


def _wrong(row: Row) -> Finding | None:
    """A name or kind that can't be kept."""
    bad = next((name for name in (row.name, *row.aliases) if not 2 <= len(name) <= LONGEST), None)
    if bad is not None:
        problem = (
            f"名称“{bad[:20]}”应有 2 至 {LONGEST} 个字。",
            f"A name has 2 to {LONGEST} characters: “{bad[:20]}”.",
        )
        return row.spot.found("name", problem, ("请填写完整名称。", "Enter the full name."))
    if not row.kind:
        listed = "、".join(words[1] for words in KINDS.values())
        mend = (f"请写：{listed}。", f"Write one of: {', '.join(KINDS)}.")
        return row.spot.found("kind", ("不认识这个类型。", "The kind is not known."), mend)
    return None


def _point(row: Row, crs: str) -> tuple[tuple[float, float] | None, Finding | None]:
    if not row.lon and not row.lat:
        return None, None
    try:
        if not crs:
            raise ValueError("--crs")
        lon, lat = to_wgs84(float(row.lon), float(row.lat), crs)
        return (round(float(lon), 7), round(float(lat), 7)), None
    except ValueError as error:
        problem = (
            f"坐标“{row.lon}，{row.lat}”不能用：{error}",
            f"The point “{row.lon}, {row.lat}” is no good: {error}",
        )
        mend = (
            "请填写十进制的经度、纬度，并说明坐标系（--crs）。",
            "Give longitude and latitude in decimal degrees, and state the coordinate system (--crs).",
        )
        return None, row.spot.found("point", problem, mend)


def _area(
    row: Row,
    point: tuple[float, float] | None,
    known: Collection[str],
    locate: Callable[[float, float], str | None],
) -> tuple[str, Finding | None]:
    """The lowest place: the grid of the point where it lies inside the code, else the code."""
    here = locate(*point) if point else None
    code = ""
    if row.code:
        try:
            code = codes.area_of(row.code)
        except ValueError:
            code = "?"
        if code not in known:
            problem = (f"没有代码为 {row.code} 的地方。", f"There is no place with the code {row.code}.")
            mend = ("请核对代码，或先导入该地方。", "Check the code, or import that place first.")
            return "", row.spot.found("no_such_place", problem, mend)
    if code and here and not here.startswith(code):
        problem = (f"坐标落在 {here}，不在代码 {code} 内。", f"The point lies in {here}, not in {code}.")
        return "", row.spot.found("differ", problem, ("请核对坐标和代码。", "Check the point and the code."))
    if not code and not here:
        problem = (
            "没有代码，坐标也不在本市任何网格内。",
            "There is no code, and the point lies in no grid of the city.",
        )
        mend = ("请补上网格或社区代码，或核对坐标。", "Add the code of its grid or village, or check the point.")
        return "", row.spot.found("nowhere", problem, mend)
    return here or code, None


def _twice(row: Row, first: int) -> Finding:
    problem = (f"与第 {first} 行重复，只计一次。", f"The same as row {first}; counted once.")
    return row.spot.found("twice", problem, ("可以删去其中一行。", "One of the rows may be deleted."), WARNING)
