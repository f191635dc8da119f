"""Importing units and people from CSV and xlsx: all or nothing, the same file twice changes nothing.

Rows go through the room's own verbs, so an import can do no more than a page can. A row that is refused becomes a
finding; with one finding the whole transaction is rolled back.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.db import transaction

from linli.core.refusals import Refused
from linli.core.words import Words
from linli.parties import actions, columns, guards
from linli.parties.access import Viewer
from linli.parties.models import Duty, Person, Post, Unit
from linli.parties.refusals import missing, wrong
from linli.places import queries as places
from linli.places.findings import Finding
from linli.places.tables import csv_rows, sheet_rows

Row = Mapping[str, str]
Step = Callable[[Row], None]
_MEND = Words(
    "请改正这一行，再导入整个文件；已导入过的不会重复。",
    "Mend this row and import the whole file again; what is there already is not doubled.",
)
_SHEETS = {".xlsx", ".xls", ".xlsb", ".ods"}


@dataclass(slots=True)
class Report:
    """What an import did (or would do): counts by outcome, findings by row, the rows as they were given."""

    file: str
    rows: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    originals: dict[tuple[str, int], dict[str, str]] = field(default_factory=dict)
    written: bool = False


def import_units(
    path: Path, *, actor: Viewer, at: datetime, dry_run: bool = False, tick: Callable[[], None] = lambda: None
) -> Report:
    """Units with their duties. Columns: name, area, kind; tag, duties, phone, name_en, parent if given.

    Raises Refused for a file that cannot be used at all (unreadable, a column is missing or may not be collected).
    """
    return _run(path, columns.UNITS, ("name", "area", "kind"), lambda r: _Units(actor, at, r).take, at, dry_run, tick)


def import_people(
    path: Path, *, actor: Viewer, at: datetime, dry_run: bool = False, tick: Callable[[], None] = lambda: None
) -> Report:
    """People and their posts, one post a row. Columns: username, name; phone, email, unit, unit_area, role, area.

    Nobody can sign in until a security administrator gives a password. Raises Refused as ``import_units`` does.
    """
    return _run(path, columns.PEOPLE, ("username", "name"), lambda r: _People(actor, at, r).take, at, dry_run, tick)


def read(path: Path) -> Iterator[list[str]]:
    """The rows of a CSV (UTF-8, BOM, UTF-16, GB18030) or a spreadsheet's first sheet. Raises Refused."""
    try:
        if path.suffix.lower() in _SHEETS:
            yield from sheet_rows(path)
        else:
            yield from csv_rows(path.read_bytes())
    except UnicodeDecodeError:
        raise Refused("bad_encoding") from None
    except Exception as error:  # a spreadsheet library raises its own kinds for a damaged file
        if isinstance(error, Refused):
            raise
        raise Refused("file_broken") from error


def _run(
    path: Path,
    table: dict[str, tuple[str, ...]],
    needed: tuple[str, ...],
    prepare: Callable[[Report], Step],
    at: datetime,
    dry_run: bool,
    tick: Callable[[], None],
) -> Report:
    report = Report(path.name)
    rows = list(_records(read(path), table, needed, report))
    with transaction.atomic(), actions.one_stamp():
        take = prepare(report)
        for number, row in rows:
            report.rows += 1
            try:
                with transaction.atomic():
                    take(row)
            except Refused as refused:
                report.findings.append(_finding(report.file, number, row, refused))
            tick()
        report.written = not dry_run and not report.findings
        if not report.written:
            transaction.set_rollback(True)
    return report


def _records(
    rows: Iterator[list[str]], table: dict[str, tuple[str, ...]], needed: tuple[str, ...], report: Report
) -> Iterator[tuple[int, Row]]:
    """The rows below the header, which may stand below a title within the first ten rows."""
    header: list[str] = []
    spots: dict[str, int] = {}
    for number, cells in enumerate(rows, start=1):
        if not header:
            candidate = columns.found(cells, table)
            if all(key in candidate for key in needed):
                columns.refuse_forbidden(cells)
                header, spots = cells, candidate
            elif number >= 10:
                break
        elif any(cell.strip() for cell in cells):
            report.originals[report.file, number] = dict(zip(header, cells, strict=False))
            yield number, {key: cells[n].strip().lstrip("'") if n < len(cells) else "" for key, n in spots.items()}
    if not header:
        names = Words("、".join(table[key][-1] for key in needed), ", ".join(needed))
        raise wrong(Words("表头", "header"), Words(f"须有这些列：{names.zh}", f"it needs the columns {names.en}"))


def _finding(file: str, number: int, row: Row, refused: Refused) -> Finding:
    said = refused.refusal
    return Finding(number, file, row.get("username") or row.get("area", ""), said.code, said.words, _MEND)


def _area(text: str, known: frozenset[str]) -> str:
    area = guards.area_of(text[:4] if len(text) == 6 and text.endswith("00") else text)
    if known and area not in known:
        raise Refused("place_unknown", area=area)
    return area


class _Units:
    """Rows of units; what stands is read once."""

    def __init__(self, actor: Viewer, at: datetime, report: Report) -> None:
        self.actor, self.at, self.report = actor, at, report
        self.places = frozenset(places.active().values_list("area", flat=True))
        self.units = {(unit.area, unit.name): unit for unit in Unit.objects.all()}
        self.duties: dict[UUID, set[str]] = {}
        for unit, category in Duty.objects.values_list("unit_id", "category"):
            self.duties.setdefault(unit, set()).add(category)

    def take(self, row: Row) -> None:
        """One unit: made, changed, or as it was."""
        area = _area(row["area"], self.places)
        values = {key: row[key] for key in ("tag", "phone", "name_en") if key in row}
        values["kind"] = columns.kind_of(row["kind"])
        unit = self.units.get((area, row["name"]))
        if unit is None:
            parent = self._parent(row.get("parent", ""), area)
            unit = actions.create_unit(row["name"], area, actor=self.actor, at=self.at, parent=parent, **values)
            self.report.counts["units_new"] += 1
        elif any(getattr(unit, key) != value for key, value in values.items()):
            actions.change_unit(unit.id, values, actor=self.actor, at=self.at)
            self.report.counts["units_changed"] += 1
        else:
            self.report.counts["unchanged"] += 1
        wanted = {part for part in re.split(r"[;；、,，|\s]+", row.get("duties", "")) if part}
        if "duties" in row and wanted != self.duties.get(unit.id, set()):
            actions.set_duties(unit.id, wanted, actor=self.actor, at=self.at, source=self.report.file)
            self.report.counts["duties_changed"] += 1
        self.units[area, unit.name] = unit
        self.duties[unit.id] = wanted

    def _parent(self, name: str, area: str) -> UUID | None:
        """The unit of that name over the nearest area around *area*."""
        if not name:
            return None
        found = [unit for (place, said), unit in self.units.items() if said == name and area.startswith(place)]
        if not found:
            raise wrong(
                Words("上级单位", "parent"),
                Words(f"没有“{name}”，请先导入它", f"there is no “{name}”; import it first"),
            )
        return max(found, key=lambda unit: len(unit.area)).id


class _People:
    """Rows of people and posts; what stands is read once."""

    def __init__(self, actor: Viewer, at: datetime, report: Report) -> None:
        self.actor, self.at, self.report = actor, at, report
        self.places = frozenset(places.active().values_list("area", flat=True))
        self.people = {person.username: person for person in Person.objects.all()}
        self.units: dict[str, list[Unit]] = {}
        for unit in Unit.objects.all():
            self.units.setdefault(unit.name, []).append(unit)
        self.posts = set(Post.objects.filter(valid_to__isnull=True).values_list("person", "unit", "role", "area"))

    def take(self, row: Row) -> None:
        """One person with one post, or without any."""
        username = guards.username_of(row["username"])
        values = {key: row[key] for key in ("name", "phone", "email") if row.get(key)}
        person = self.people.get(username)
        new = person is None
        if person is None:
            person = actions.create_person(username, actor=self.actor, at=self.at, **({"name": ""} | values))
            self.people[username] = person
            self.report.counts["people_new"] += 1
        elif any(getattr(person, key) != value for key, value in values.items()):
            actions.change_person(person.pk, values, actor=self.actor, at=self.at)
            for key, value in values.items():
                setattr(person, key, value)
            self.report.counts["people_changed"] += 1
        try:
            if row.get("role"):
                self._post(person, row)
            elif row.get("unit"):
                raise missing(Words("岗位", "role"))
        except Refused:
            if new:  # rolled back with its row
                del self.people[username]
            raise

    def _post(self, person: Person, row: Row) -> None:
        if not row.get("unit"):
            raise missing(Words("单位", "unit"))
        role = guards.role_of(row["role"])
        unit = self._unit(row["unit"], row.get("unit_area", ""), row.get("area", ""))
        area = _area(row["area"], self.places) if row.get("area") else unit.area
        key = (person.pk, unit.id, role, area)
        if key in self.posts:
            self.report.counts["unchanged"] += 1
            return
        actions.grant_post(person.pk, unit.id, role, area, actor=self.actor, at=self.at)
        self.posts.add(key)
        self.report.counts["posts_new"] += 1

    def _unit(self, name: str, unit_area: str, area: str) -> Unit:
        """The unit of that name: in *unit_area* if said, else the nearest around the post's *area*, or the only one."""
        found = self.units.get(name, [])
        if unit_area:
            found = [unit for unit in found if unit.area == unit_area]
        elif len(found) > 1 and area:
            around = [unit for unit in found if area.startswith(unit.area)]
            longest = max((len(unit.area) for unit in around), default=0)
            found = [unit for unit in around if len(unit.area) == longest]
        if len(found) != 1:
            why = (
                Words(f"没有“{name}”，请先导入单位", f"there is no “{name}”; import the units first")
                if not found
                else Words(
                    f"有{len(found)}个“{name}”，请填写单位辖区代码", f"{len(found)} are named “{name}”; give unit_area"
                )
            )
            raise wrong(Words("单位", "unit"), why)
        return found[0]
