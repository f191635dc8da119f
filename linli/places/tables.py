"""Tables of places: CSV (UTF-8, BOM, UTF-16, GB18030) and xlsx become records; bad rows become findings. Pure."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from linli.core.refusals import Refusal
from linli.places import codes
from linli.places.findings import Finding, Spot
from linli.places.material import Material, Record

_LEVEL_WORDS: Final = {
    "city": ("city", "市", "地市", "城市", "市级"),
    "county": ("county", "县", "区县", "县区", "县级", "区", "县市区", "district"),
    "township": ("town", "township", "乡镇", "街道", "乡镇街道", "镇街", "乡级", "street"),
    "village": ("village", "村", "社区", "村社区", "村居", "村级", "community"),
    "grid": ("grid", "网格", "单元网格"),
}
_CODE_TAILS: Final = ("code", "代码", "编码", "编号", "码")
_NAME_TAILS: Final = ("", "name", "名称", "名", "名字")
_GENERIC: Final = {
    "code": (
        "code",
        "adcode",
        "areacode",
        "gbcode",
        "代码",
        "编码",
        "区划代码",
        "行政区划代码",
        "统计用区划代码",
        "地方代码",
    ),
    "name": ("name", "名称", "地名", "区划名称", "单位名称", "地方名称"),
    "kind": ("kind", "类型", "地方类型"),
    "parent": ("parentcode", "parent", "上级代码", "上级编码", "上级"),
}
_SEALED: Final = (
    "民族",
    "宗教",
    "信仰",
    "政治面貌",
    "党派",
    "指纹",
    "人脸",
    "ethnicity",
    "religion",
    "politics",
    "biometric",
)
_KINDS: Final = {
    "社区": "community",
    "community": "community",
    "居委会": "community",
    "村": "village",
    "village": "village",
}


def decoded(raw: bytes) -> str:
    """Text of a CSV file: byte-order marks first, then strict UTF-8, then GB18030. Raises UnicodeDecodeError."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("gb18030")


def csv_rows(raw: bytes) -> Iterator[list[str]]:
    text = decoded(raw).replace("\x00", "")
    head = text.split("\n", 1)[0]
    mark = max(",;\t", key=head.count)
    yield from csv.reader(io.StringIO(text, newline=""), delimiter=mark)


def sheet_rows(path: Path) -> Iterator[list[str]]:
    """The first sheet that holds anything; whole numbers lose Excel's ``.0``."""
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_path(str(path))
    for name in book.sheet_names:
        rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        if rows:
            for row in rows:
                yield [str(int(v)) if isinstance(v, float) and v.is_integer() else str(v) for v in row]
            return


def _plain(text: str) -> str:
    return re.sub(r"[\s_\-（）()/·:：]+", "", unicodedata.normalize("NFKC", text)).lower()


def columns_of(header: Sequence[str]) -> dict[str, int]:
    """Which column holds what: ``code``, ``name``, ``kind``, ``parent``, or ``<level>_code`` and ``<level>``."""
    found: dict[str, int] = {}
    for number, title in enumerate(header):
        word = _plain(title)
        for key, aliases in _GENERIC.items():
            if word in aliases:
                found.setdefault(key, number)
        for level, words in _LEVEL_WORDS.items():
            if word in {w + tail for w in words for tail in _CODE_TAILS}:
                found.setdefault(f"{level}_code", number)
            elif word in {w + tail for w in words for tail in _NAME_TAILS}:
                found.setdefault(level, number)
    return found


def _usable(columns: Mapping[str, int]) -> bool:
    return "code" in columns or any(f"{level}_code" in columns for level in codes.LEVELS)


def read_table(rows: Iterator[list[str]], whole: Spot, material: Material) -> None:
    """Rows of a table; the header may stand below a title (merged cells), within the first ten rows."""
    header: list[str] = []
    columns: dict[str, int] = {}
    for number, row in enumerate(rows, start=1):
        if not columns:
            if _usable(found := columns_of(row)):
                header, columns = row, found
                if refused := forbidden_columns(row, whole):
                    material.findings.append(refused)
                    return
            elif number >= 10:
                break
        elif any(cell.strip() for cell in row):
            original = dict(zip(header, row, strict=False))
            material.originals[whole.file, number] = original
            _read_row(row, columns, Spot(whole.file, number, ""), material)
    if not columns:
        material.findings.append(
            whole.found(
                "no_code_column",
                ("没有找到代码列。", "No column of codes was found."),
                (
                    "请在表头写“区划代码、名称”，或 county_code,county,town_code,town,village_code,village。",
                    "Head the columns code,name or county_code,county,town_code,town,village_code,village.",
                ),
            )
        )


def forbidden_columns(titles: Sequence[str], whole: Spot) -> Finding | None:
    """The refusal of a file that carries what Linli never stores of people; None when it carries nothing of it."""
    named = [title for title in titles if any(word in _plain(title) for word in _SEALED)]
    if not named:
        return None
    words = Refusal("forbidden_column", {"column": "、".join(named)}).words
    mend = ("请删去这些列后重新导入。", "Delete these columns and import again.")
    return whole.found("forbidden_column", (words.zh, words.en), mend)


def _cell(row: Sequence[str], columns: Mapping[str, int], key: str) -> str:
    spot = columns.get(key)
    text = row[spot] if spot is not None and spot < len(row) else ""
    return unicodedata.normalize("NFC", text.replace("\u200b", "").replace("\ufeff", "")).strip().lstrip("'")


def _read_row(row: Sequence[str], columns: Mapping[str, int], spot: Spot, material: Material) -> None:
    said = [
        (level, _cell(row, columns, f"{level}_code"), _cell(row, columns, level))
        for level in codes.LEVELS
        if f"{level}_code" in columns and _cell(row, columns, f"{level}_code")
    ]
    if not said or "code" in columns:
        code = _cell(row, columns, "code")
        said = [*said, ("", code, _cell(row, columns, "name"))]
    kind = _KINDS.get(_cell(row, columns, "kind").lower(), "")
    below = ""
    for level, code, name in reversed(said):
        direct = not below
        area = area_said(code, level, Spot(spot.file, spot.row, code), material)
        if area is None:
            return
        here = Spot(spot.file, spot.row, codes.code_of(area))
        if below and not below.startswith(area):
            material.findings.append(_wrong_parent(here, below))
            return
        if not name and direct:
            material.findings.append(_nameless(here))
            return
        if name:
            material.records.append(Record(here, area, name, kind if direct else "", direct))
        below = area
    given = _cell(row, columns, "parent")
    if given and not _is_parent(given, below if len(said) == 1 else ""):
        material.findings.append(_wrong_parent(Spot(spot.file, spot.row, given), said[-1][1]))


def _is_parent(given: str, area: str) -> bool:
    if not area:
        return True
    try:
        return codes.area_of(_digits(given)) == codes.parent_area(area)
    except ValueError:
        return False


def _digits(code: str) -> str:
    return unicodedata.normalize("NFKC", code).replace(" ", "")


def area_said(code: str, level: str, spot: Spot, material: Material) -> str | None:
    try:
        return codes.area_of(_digits(code), level or None)
    except ValueError:
        pass
    if re.fullmatch(r"[0-9.]+[eE]\+?[0-9]+", code):
        material.findings.append(
            spot.found(
                "code_as_number",
                (
                    f"代码“{code}”被表格软件改成了科学计数法，尾数已丢失。",
                    f"The code “{code}” was turned into a number.",
                ),
                ("请把该列设为“文本”格式后重新填写。", "Format the column as text and enter the codes again."),
            )
        )
    else:
        wanted = f"{max(6, codes.AREA_LENGTH[level])}" if level else "6、9、12 或 15"
        english = wanted.replace("、", ", ").replace("或", "or")
        problem = (f"代码“{code}”应为 {wanted} 位数字。", f"The code “{code}” should have {english} digits.")
        mend = (
            "请按统计用区划代码填写；网格为村级代码加三位。",
            "Use the official code; a grid is the village's code and 3 digits.",
        )
        material.findings.append(spot.found("code_length", problem, mend))
    return None


def _nameless(spot: Spot) -> Finding:
    return spot.found(
        "name_empty",
        (f"{spot.code} 没有名称。", f"{spot.code} has no name."),
        ("请填写正式名称。", "Enter the official name."),
    )


def _wrong_parent(spot: Spot, below: str) -> Finding:
    return spot.found(
        "wrong_parent",
        (
            f"{below} 不属于 {spot.code}：代码的前几位对不上。",
            f"{below} is not part of {spot.code}: the digits differ.",
        ),
        ("请核对本行的两个代码。", "Check both codes of this row."),
    )
