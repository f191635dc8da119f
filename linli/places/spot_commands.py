"""``linli import spots``."""

import json
import sys
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from linli.places import spots
from linli.places.findings import error_file

SHOWN = 30


@click.command("spots")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--crs",
    type=click.Choice(["gcj02", "bd09", "wgs84", "cgcs2000"], case_sensitive=False),
    help="经纬度的坐标系；文件有经纬度时必须说明。The coordinate system, where the files have lon and lat.",
)
@click.option("--dry-run", is_flag=True, help="只检查，不改动。Check only; change nothing.")
@click.option(
    "--errors", type=click.Path(dir_okay=False, path_type=Path), help="逐行错误文件。Where to write the error file."
)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。Print JSON.")
def command(paths: tuple[Path, ...], crs: str | None, *, dry_run: bool, errors: Path | None, as_json: bool) -> None:
    """导入地名点：道路、小区、学校、市场、楼栋。Import named spots: roads, estates, schools, markets, buildings.

    PATHS 是 CSV 或 xlsx，列：名称、别名、类型、代码或经纬度、来源。有一处错误就不作任何改动。
    PATHS are CSV or xlsx with name, aliases, kind, code or lon and lat, source. One error, and nothing is changed.
    """
    plan, added = run(paths, (crs or "").lower(), actor="system", dry_run=dry_run)
    written = _write_errors(plan, errors)
    report: dict[str, Any] = {
        "dry_run": dry_run,
        "spots": plan.spots,
        "names": len(plan.names),
        "added": added,
        "error_file": str(written) if written else None,
        "findings": [each.as_dict() for each in plan.findings],
    }
    if as_json:
        click.echo(json.dumps(report, ensure_ascii=False, indent=2))
    else:
        _say(plan, report)
    if plan.errors:
        sys.exit(1)


def run(
    paths: tuple[Path, ...], crs: str, *, actor: str, dry_run: bool, names: tuple[str, ...] = ()
) -> tuple[spots.Plan, int | None]:
    """Read, place and keep; how many names are new, None when there are errors. *names*: of the files, for people."""
    from django.db import transaction

    from linli.kernel import clock
    from linli.places import actions, queries

    held = queries.snapshot(0)
    plan = spots.Plan()
    rows = [
        row
        for number, path in enumerate(paths)
        for row in spots.read(path, plan, names[number] if number < len(names) else "")
    ]
    spots.build(rows, plan, crs=crs, known=held.index.by_area, locate=held.locator.locate_one)
    if plan.errors:
        return plan, None
    with transaction.atomic():
        added = actions.import_spots(plan.names, actor=actor, at=clock.now())
        transaction.set_rollback(dry_run)
    return plan, added


def _write_errors(plan: spots.Plan, wanted: Path | None) -> Path | None:
    path = wanted or (Path("linli-import-errors.csv") if plan.errors else None)
    if path is None:
        return None
    try:
        path.write_text(error_file(plan.findings, plan.originals), encoding="utf-8-sig", newline="")
    except OSError as error:  # the import itself is done or refused; only this file could not be written
        click.echo(f"错误文件写不出，请用 --errors 指定别处。 The error file cannot be written: {error}", err=True)
        return None
    return path


def _say(plan: spots.Plan, report: dict[str, Any]) -> None:
    console = Console()
    for each in plan.findings[:SHOWN]:
        colour = "red" if each.severity == "error" else "yellow"
        console.print(f"[{colour}]{each.file}:{each.row}[/] {each.problem.zh} {each.mend.zh}", highlight=False)
        console.print(f"    {each.problem.en} {each.mend.en}", highlight=False)
    if len(plan.findings) > SHOWN:
        console.print(f"另有 {len(plan.findings) - SHOWN} 条。 {len(plan.findings) - SHOWN} more.")
    if report["error_file"]:
        console.print(f"错误文件 Error file: {report['error_file']}", highlight=False)
    if plan.errors:
        count = len(plan.errors)
        console.print(f"[red]有 {count} 处错误，未作任何改动。 {count} error(s); nothing was changed.[/]")
        return
    mark = "试运行，未作任何改动；将新增 Dry run; it would add" if report["dry_run"] else "完成，新增 Done, added"
    console.print(f"{mark} {report['added']:,} / {len(plan.names):,} 个名称 names, {plan.spots:,} 处 spots")
