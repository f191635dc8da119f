"""``linli import units``, ``linli import people`` and ``linli password``."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from linli.core.refusals import Refused
from linli.kernel import clock
from linli.parties.access import SYSTEM
from linli.parties.actions import set_password
from linli.parties.imports import Report, import_people, import_units
from linli.parties.queries import person_by_username
from linli.places.findings import error_file

SHOWN = 30
COUNTS = {
    "units_new": "新增单位 new units",
    "units_changed": "变更单位 units changed",
    "duties_changed": "职责变更 duties changed",
    "people_new": "新增人员 new people",
    "people_changed": "变更人员 people changed",
    "posts_new": "新增岗位 new posts",
    "unchanged": "未变 unchanged",
}


def _options(command: Callable[..., None]) -> Callable[..., None]:
    for option in (
        click.option("--json", "as_json", is_flag=True, help="输出 JSON。Print JSON."),
        click.option("--errors", type=click.Path(dir_okay=False, path_type=Path), help="逐行错误文件。The error file."),
        click.option("--dry-run", is_flag=True, help="只检查，不改动。Check only; change nothing."),
        click.argument("path", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path)),
    ):
        command = option(command)
    return command


@click.command("units")
@_options
def units(path: Path, dry_run: bool, errors: Path | None, as_json: bool) -> None:
    """导入单位及职责：CSV 或 xlsx。Import units with their duties: CSV or xlsx.

    列：单位名称、辖区代码、单位类型；可有职责领域、职责（分类，用分号隔开）、电话、英文名称、上级单位。有一处错误就不作任何改动。
    Columns: name, area, kind; optionally tag, duties (by semicolons), phone, name_en, parent.
    One error, and nothing changes.
    """
    _import(import_units, path, dry_run, errors, as_json)


@click.command("people")
@_options
def people(path: Path, dry_run: bool, errors: Path | None, as_json: bool) -> None:
    """导入人员及岗位：CSV 或 xlsx，每行一个岗位。Import people and their posts: CSV or xlsx, one post a row.

    列：登录名、姓名；可有电话、邮箱、单位、单位辖区代码、岗位、辖区代码。有一处错误就不作任何改动。
    Columns: username, name; optionally phone, email, unit, unit_area, role, area. One error, and nothing changes.
    """
    _import(import_people, path, dry_run, errors, as_json)


@click.command("password")
@click.argument("username")
@click.password_option(prompt="新密码 New password", confirmation_prompt="再输一次 Again")
def password(username: str, password: str) -> None:
    """给账号设置密码，例如第一位安全管理员。Give an account a password, such as the first administrator's.

    该账号的登录会全部退出；首次登录时须设置第二重验证。
    All its sessions end; it sets up a second factor at its first sign-in.
    """
    person = person_by_username(username.strip().lower())
    if person is None:
        click.echo(f"没有登录名为“{username}”的账号。There is no account “{username}”.", err=True)
        sys.exit(2)
    try:
        set_password(person.pk, password, actor=SYSTEM, at=clock.now())
    except Refused as refused:
        click.echo(f"{refused.refusal.words.zh}\n{refused.refusal.words.en}", err=True)
        sys.exit(2)
    click.echo(f"已设置。{person.name}（{person.username}）可以登录了。Done: {person.username} can sign in.")


def _import(verb: Callable[..., Report], path: Path, dry_run: bool, errors: Path | None, as_json: bool) -> None:
    console = Console(stderr=True)
    parts = (SpinnerColumn(), TextColumn("{task.description} {task.completed}"), TimeElapsedColumn())
    try:
        with Progress(*parts, console=console, transient=True, disable=as_json) as progress:
            task = progress.add_task(path.name, total=None)
            report = verb(path, actor=SYSTEM, at=clock.now(), dry_run=dry_run, tick=lambda: progress.advance(task))
    except Refused as refused:
        said = refused.refusal
        if as_json:
            click.echo(json.dumps({"file": path.name, "refused": _words(said)}, ensure_ascii=False))
        else:
            click.echo(f"{said.words.zh}\n{said.words.en}", err=True)
        sys.exit(2)
    if report.findings and errors is not None:
        errors.write_text(error_file(report.findings, report.originals), encoding="utf-8-sig")
    _show(report, dry_run, errors, as_json)
    sys.exit(1 if report.findings else 0)


def _words(refusal: Any) -> dict[str, str]:
    return {"code": refusal.code, "zh": refusal.words.zh, "en": refusal.words.en}


def _show(report: Report, dry_run: bool, errors: Path | None, as_json: bool) -> None:
    if as_json:
        held = {
            "file": report.file,
            "rows": report.rows,
            "written": report.written,
            "dry_run": dry_run,
            "counts": dict(report.counts),
            "findings": [finding.as_dict() for finding in report.findings],
        }
        click.echo(json.dumps(held, ensure_ascii=False, indent=2))
        return
    click.echo(f"{report.file}：{report.rows} 行 rows")
    for key, words in COUNTS.items():
        if report.counts[key]:
            click.echo(f"  {words}  {report.counts[key]}")
    for finding in report.findings[:SHOWN]:
        click.echo(f"  第 {finding.row} 行 row {finding.row}：{finding.problem.zh} {finding.problem.en}")
    if len(report.findings) > SHOWN:
        click.echo(f"  … {len(report.findings) - SHOWN}")
    if report.findings:
        where = (
            f"；错误文件 error file {errors}" if errors else "；加 --errors 文件名 可得到逐行错误文件 (--errors FILE)"
        )
        click.echo(
            f"有 {len(report.findings)} 行有误，没有作任何改动。"
            f"{len(report.findings)} rows are wrong; nothing was changed{where}"
        )
    elif dry_run:
        click.echo("检查通过，没有改动（--dry-run）。The file is fine; nothing was changed (--dry-run).")
    else:
        click.echo("已导入。Imported.")
