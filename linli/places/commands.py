"""``linli import places``."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from linli.places.findings import error_file
from linli.places.plan import Options, Plan

LEVELS = {
    "city": "市 city",
    "county": "县（市、区） counties",
    "township": "乡镇（街道） townships",
    "village": "村（社区） villages",
    "grid": "网格 grids",
}
SHOWN = 30
CHANGES = {
    "places_new": ("新增地方", "new places"),
    "renamed": ("更名", "renamed"),
    "reopened": ("恢复", "reopened"),
    "closed": ("停用", "closed"),
    "kinds_changed": ("类型变更", "kind changed"),
    "boundaries_new": ("新增边界", "new boundaries"),
    "boundaries_changed": ("边界变更", "boundaries changed"),
    "unchanged": ("地方未变", "places unchanged"),
}
COLOURS = {"error": "red", "warning": "yellow", "note": "dim"}


@click.command("places")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--city-code", default="", help="城市代码，如 511100。The city's code.")
@click.option("--city-name", default="", help="城市名称，如 乐山市。The city's name.")
@click.option(
    "--crs",
    type=click.Choice(["gcj02", "bd09", "wgs84", "cgcs2000"], case_sensitive=False),
    help="GeoJSON 的坐标系，必须说明。The coordinate system of the GeoJSON files; it has to be stated.",
)
@click.option(
    "--grids", type=click.IntRange(min=1), help="生成网格的总数（默认每村 6 个）。Grids in all (default: 6 a village)."
)
@click.option(
    "--generate-cells/--no-generate-cells", "generate", default=True, help="为没有边界的地方生成网格。Generate cells."
)
@click.option(
    "--close-vanished", is_flag=True, help="停用文件中已没有的地方。Close places that the files no longer list."
)
@click.option("--yes", is_flag=True, help="已有另一城市时不再询问。Do not ask when another city is there already.")
@click.option("--dry-run", is_flag=True, help="只检查，不改动。Check only; change nothing.")
@click.option(
    "--errors", type=click.Path(dir_okay=False, path_type=Path), help="逐行错误文件。Where to write the error file."
)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。Print JSON.")
def places(
    paths: tuple[Path, ...],
    city_code: str,
    city_name: str,
    crs: str | None,
    grids: int | None,
    generate: bool,
    close_vanished: bool,
    dry_run: bool,
    errors: Path | None,
    as_json: bool,
    yes: bool,
) -> None:
    """导入地方：CSV、xlsx 代码表与 GeoJSON 边界。Import places: tables of codes and GeoJSON boundaries.

    PATHS 可以是文件或文件夹。有一处错误就不作任何改动。
    PATHS are files or folders. One error, and nothing is changed.
    """
    options = Options(city_code, city_name, generate, grids, close=close_vanished)
    plan, outcome, seconds = run(
        paths, crs and crs.lower(), options, dry_run=dry_run, quiet=as_json, agreed=None if yes or dry_run else _agreed
    )
    written = _write_errors(plan, errors)
    report = {
        "dry_run": dry_run,
        "files": plan.files,
        "counts": plan.counts(),
        "generated": plan.generated,
        "outcome": outcome,
        "error_file": str(written) if written else None,
        "seconds": round(seconds, 1),
        "findings": [each.as_dict() for each in plan.findings],
    }
    if as_json:
        click.echo(json.dumps(report, ensure_ascii=False, indent=2))
    else:
        _say(plan, report)
    if plan.errors:
        sys.exit(1)


def run(
    paths: tuple[Path, ...],
    crs: str | None,
    options: Options,
    *,
    dry_run: bool,
    quiet: bool,
    agreed: Callable[[str, list[str]], None] | None = None,
) -> tuple[Plan, dict[str, Any] | None, float]:
    """Read, plan and carry out; the outcome is None when there are errors. Returns the seconds it took as well.

    *agreed* is asked (the new city, those that stand) before another city joins those that stand; it leaves if not.
    """
    from django.db import transaction

    from linli.kernel import clock
    from linli.places import actions, queries
    from linli.places.planning import build
    from linli.places.reading import read

    started = clock.monotonic()
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), disable=quiet, transient=True) as progress:
        task, material = progress.add_task("读取文件 Reading", total=None), read(paths, crs)
        villages = len({record.area for record in material.records if len(record.area) == 12})
        progress.update(task, description="检查并生成网格 Checking, cutting cells", total=options.grids or villages * 6)
        standing: dict[str, Any] = {}
        for city in {record.area[:4] for record in material.records} | {drawn.area[:4] for drawn in material.drawn}:
            standing |= queries.standing(city)
        plan = build(material, standing, options, lambda done: progress.update(task, completed=done))
        if plan.errors:
            return plan, None, clock.monotonic() - started
        if agreed and not standing and (there := queries.snapshot(0).index.children()):
            progress.stop()
            agreed(plan.places[plan.city].name, [entry.name for entry in there])
        progress.update(task, description="写入 Writing", total=None)
        with transaction.atomic():
            outcome = actions.import_places(plan, actor="system", at=clock.now())
            transaction.set_rollback(dry_run)
    return plan, outcome.as_dict(), clock.monotonic() - started


def _agreed(names: str, there: list[str]) -> None:
    """Say what a second city means, and ask. Without anybody to ask: leave, and say how to go on."""
    held = "、".join(there)
    click.echo(
        f"数据库里已有城市：{held}。导入后与“{names}”并存，原有的地方、人员和事项都不变；\n"
        f"地点不明的诉求仍归已有人员任职的城市，给“{names}”的人员设置岗位之前它收不到诉求。\n"
        f"要换成“{names}”，请用空的数据文件夹：DATA=另一文件夹 CITY=empty。\n"
        f"Another city is here already: {held}. “{names}” will stand beside it; places, people and matters stay as\n"
        f"they are. Requests of unknown place keep going to the city where people hold posts, and none come to\n"
        f"“{names}” until somebody does there. To have only “{names}”,\n"
        f"use an empty data folder: DATA=another CITY=empty.",
        err=True,
    )
    if not sys.stdin.isatty():
        click.echo("没有导入。确认请加 --yes。 Nothing was imported. Add --yes to go on.", err=True)
        sys.exit(2)
    click.confirm("继续导入？ Go on?", abort=True, err=True)


def _write_errors(plan: Plan, wanted: Path | None) -> Path | None:
    """The error file: where it is wanted; errors without a wish go to the present folder."""
    path = wanted or (Path("linli-import-errors.csv") if plan.errors else None)
    if path is None:
        return None
    found = [each for each in plan.findings if each.severity != "note"]
    # Excel reads UTF-8 only with the mark
    try:
        path.write_text(error_file(found, plan.originals), encoding="utf-8-sig", newline="")
    except OSError as error:  # the import itself is done or refused; only this file could not be written
        click.echo(f"错误文件写不出，请用 --errors 指定别处。 The error file cannot be written: {error}", err=True)
        return None
    return path


def _say(plan: Plan, report: dict[str, Any]) -> None:
    console = Console()
    table = Table("级别 level", "数量 count", title="、".join(plan.files[:4]) + (" …" if len(plan.files) > 4 else ""))
    for level, count in plan.counts().items():
        table.add_row(LEVELS[level], f"{count:,}")
    table.add_row("其中生成的网格 generated grids", f"{plan.generated:,}")
    console.print(table)
    for each in plan.findings[:SHOWN]:
        where = " ".join(str(part) for part in (each.file, f"#{each.row}" if each.row else "", each.code) if part)
        colour = COLOURS[each.severity]
        console.print(f"[{colour}]{each.severity}[/] ", end="")
        console.print(
            f"{where}：{each.problem.zh}{each.mend.zh}\n  {each.problem.en} {each.mend.en}",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
    if len(plan.findings) > SHOWN:
        console.print(f"… 还有 {len(plan.findings) - SHOWN} 条。 … and {len(plan.findings) - SHOWN} more.")
    if report["error_file"]:
        console.print(f"错误文件 Error file: {report['error_file']}", highlight=False)
    outcome = report["outcome"]
    if outcome is None:
        errors = len(plan.errors)
        console.print(f"[red]有 {errors} 处错误，未作任何改动。 {errors} error(s); nothing was changed.[/]")
        return
    changed = outcome["changed"]
    mark = "试运行，未作任何改动；将有 Dry run, nothing was changed; it would be" if report["dry_run"] else "完成 Done"
    console.print(f"{mark}: {changed:,} 处变更 changed, {report['seconds']} s")
    for key, (zh, en) in CHANGES.items():
        if outcome[key]:
            console.print(f"  {zh} {en}: {outcome[key]:,}")
