"""``linli import requests``."""

import json
import sys
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

SHOWN = 20
NOTES = {
    "time_unknown": ("没有时间", "no time given"),
    "closing_time_unknown": ("没有办结时间", "closing time unknown"),
    "closed_before_opened": ("办结早于提出，按提出时间计", "closed before opened: taken as closed when opened"),
    "coordinates_unusable": ("坐标不可用，已略去", "coordinates unusable, left out"),
    "outside_city": ("坐标在本市以外，地点待定", "outside the city, place unknown"),
}


@click.command("requests")
@click.argument("path", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--source", default="", help="来源名称；默认为文件名。Where it comes from; the file's name by default.")
@click.option("--city", default="", help="诉求所属地方代码，如 5111。The area the requests belong to.")
@click.option(
    "--crs",
    type=click.Choice(["wgs84", "cgcs2000", "gcj02", "bd09"]),
    default="wgs84",
    help="坐标系。The coordinate system of the columns lon and lat.",
)
@click.option("--history", is_flag=True, help="全部作为已办结的历史。Take every row as finished history.")
@click.option("--errors", type=click.Path(dir_okay=False, path_type=Path), help="逐行错误文件。The error file.")
@click.option("--dry-run", is_flag=True, help="只检查，不改动。Check only; change nothing.")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。Print JSON.")
def requests(
    path: Path, source: str, city: str, crs: str, history: bool, errors: Path | None, dry_run: bool, as_json: bool
) -> None:
    """导入诉求：CSV（UTF-8、GB18030、UTF-16）或 xlsx。Import requests from CSV or xlsx.

    同一文件可以重复导入，每条诉求只进一次。不能导入的行写入错误文件，改好后再导入该文件即可。
    A file may be imported again: each request goes in once. Rows that cannot go in are written to the error file; mend
    and import that file.
    """
    from linli.channels.files.requests import Options
    from linli.core.refusals import Refused

    options = Options(source or path.stem, city, crs, history, dry_run)
    try:
        report, wrong = run(path, options, quiet=as_json)
    except Refused as refused:
        words = refused.refusal.words
        body = {"file": str(path), "refused": refused.refusal.code, "zh": words.zh, "en": words.en}
        click.echo(json.dumps(body, ensure_ascii=False) if as_json else f"{words.zh}\n{words.en}", err=not as_json)
        sys.exit(1)
    written = write_errors(path, wrong, errors)
    report["error_file"] = str(written) if written else None
    if as_json:
        click.echo(json.dumps(report, ensure_ascii=False, indent=2))
    else:
        _say(report, wrong)
    if wrong:
        sys.exit(1)


def run(path: Path, options: Any, *, quiet: bool) -> tuple[dict[str, Any], list[Any]]:
    """Import the file; a report and the rows that could not go in. Raises Refused for the file as a whole."""
    from linli.channels.files import requests as importing
    from linli.channels.files import tables
    from linli.kernel import clock

    started = clock.monotonic()
    parts = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*parts, console=Console(stderr=True), disable=quiet, transient=True) as progress:
        task = progress.add_task("读取文件 Reading", total=None)
        lines = list(tables.lines(path))
        progress.update(task, description="导入 Importing", total=len(lines))
        got = importing.run(lines, options, clock.now, lambda n: progress.update(task, advance=n))
    seconds = clock.monotonic() - started
    codes: dict[str, int] = {}
    for each in got.wrong:
        codes[each.refusal.code] = codes.get(each.refusal.code, 0) + 1
    return {
        "file": str(path),
        "source": options.source,
        "dry_run": options.dry_run,
        "rows": got.rows,
        "stored": got.stored,
        "matters": got.matters,
        "closed_history": got.closed,
        "known_before": got.known,
        "refused": codes,
        "notes": got.notes,
        "seconds": round(seconds, 1),
        "rows_per_second": round(got.rows / seconds) if seconds else 0,
    }, got.wrong


def write_errors(path: Path, wrong: list[Any], wanted: Path | None) -> Path | None:
    """The error file: the rows as they were, with what is wrong and how to mend it, in both languages."""
    if not wrong:
        return None
    from linli.core.words import Words
    from linli.places.findings import Finding, error_file

    mend = Words(
        "改好后导入本文件；已导入的行不会重复。",
        "Mend the row and import this file; rows that went in are not repeated.",
    )
    found = [Finding(w.line.number, path.name, w.refusal.code, "request", w.refusal.words, mend) for w in wrong]
    originals = {(path.name, w.line.number): w.line.original for w in wrong}
    target = wanted or Path(f"{path.stem}-errors.csv")
    try:
        target.write_text(error_file(found, originals), encoding="utf-8-sig", newline="")
    except OSError as error:
        click.echo(f"错误文件写不出，请用 --errors 指定别处。 The error file cannot be written: {error}", err=True)
        return None
    return target


def _say(report: dict[str, Any], wrong: list[Any]) -> None:
    console = Console(highlight=False)
    mark = "试运行，未作改动 Dry run, nothing changed" if report["dry_run"] else "完成 Done"
    console.print(
        f"{mark}: {report['rows']:,} 行 rows, {report['stored']:,} 条入库 stored "
        f"({report['matters']:,} 个事项 matters, "
        f"{report['closed_history']:,} 条为历史 as history), {report['known_before']:,} 条已有 known before, "
        f"{len(wrong):,} 条未入 refused; {report['seconds']} s, {report['rows_per_second']:,}/s"
    )
    for name, count in report["notes"].items():
        zh, en = NOTES.get(name, (name, name))
        console.print(f"  {zh} {en}: {count:,}")
    for each in wrong[:SHOWN]:
        words = each.refusal.words
        console.print(f"  #{each.line.number} {words.zh}\n    {words.en}", markup=False, soft_wrap=True)
    if len(wrong) > SHOWN:
        console.print(f"  … 还有 {len(wrong) - SHOWN} 条。 … and {len(wrong) - SHOWN} more.")
    if report["error_file"]:
        console.print(f"错误文件 Error file: {report['error_file']}")
