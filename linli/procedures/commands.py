"""``linli procedures``: check declarations and draw them."""

import json
import sys
import tomllib
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import click

from linli.procedures import calendars
from linli.procedures.lint import lint, located
from linli.procedures.lint_language import together
from linli.procedures.lint_routing import lint_routing
from linli.procedures.load import DeclarationError, Problem, procedure, shipped
from linli.procedures.reader import lines_of
from linli.procedures.routing import load_routing


@click.group()
def procedures() -> None:
    """检查和绘制规程。Check declarations and draw them."""


@procedures.command("lint")
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。Print JSON.")
def lint_command(paths: tuple[Path, ...], as_json: bool) -> None:
    """检查规程、派单规则和日历；不给路径时检查自带的。Check declarations; without a path the shipped ones."""
    bodies = list(_read(paths) if paths else _shipped())
    known = set(shipped("calendars")) | {calendar_id(body) for kind, _, body in bodies if kind == "calendars"}
    problems = [problem for kind, name, body in bodies for problem in check(kind, body, name, known)]
    problems += between(bodies)
    if as_json:
        rows = [{"where": p.where, "path": p.path, "level": p.level, "zh": p.why.zh, "en": p.why.en} for p in problems]
        click.echo(json.dumps({"checked": len(bodies), "problems": rows}, ensure_ascii=False, indent=2))
    else:
        _print(len(bodies), problems)
    sys.exit(1 if any(p.level == "error" for p in problems) else 0)


@procedures.command("draw")
@click.argument("ident")
@click.option("--text", "as_text", is_flag=True, help="文字说明而非图。Text instead of a picture.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="写入文件。Write to a file.")
def draw_command(ident: str, as_text: bool, output: Path | None) -> None:
    """把规程画成 SVG 图，或列出谁在何时之前做什么。Draw a procedure as SVG, or say who does what by when.

    IDENT 是自带规程的标识或文件。IDENT is the name of a shipped procedure, or a file.
    """
    from linli.procedures.drawing import svg, told

    bodies = shipped("procedures")
    if ident not in bodies and not Path(ident).is_file():
        names = ", ".join(sorted(bodies))
        raise click.ClickException(f"没有规程“{ident}”；自带的有：{names}。No procedure {ident!r}; shipped: {names}.")
    try:
        found = procedure(bodies.get(ident) or Path(ident).read_text("utf-8-sig"), ident)
    except (DeclarationError, UnicodeDecodeError) as error:
        raise click.ClickException(str(error)) from error
    drawn = told(found) if as_text else svg(found)
    if output is None:
        click.echo(drawn)
    else:
        output.write_text(drawn, "utf-8")


def between(bodies: Collection[tuple[str, str, str]]) -> list[Problem]:
    """What is wrong between procedures: sub-matters that are not there, or cannot be opened so."""
    found = {p.id: p for p in (procedure(body, ident) for ident, body in shipped("procedures").items())}
    texts: dict[str, tuple[str, str]] = {}
    for kind, name, body in bodies:
        try:
            one = procedure(body, name) if kind == "procedures" else None
        except DeclarationError:
            continue
        if one is not None:
            found[one.id] = one
            texts[one.id] = (name, body)
    return [
        located(texts[ident][0], lines_of(texts[ident][1]), finding)
        for ident, finding in together(found)
        if ident in texts
    ]


def calendar_id(body: str) -> str:
    """The identifier that a calendar's body gives itself; "" where it cannot be read."""
    try:
        return str(tomllib.loads(body).get("id", ""))
    except tomllib.TOMLDecodeError:
        return ""


def check(kind: str, body: str, name: str, known: Collection[str] = ()) -> list[Problem]:
    """What is wrong or odd about one body. *kind*: procedures, routing, calendars; *known*: the calendars there are."""
    try:
        if kind == "routing":
            return lint_routing(load_routing(body, name), body, name)
        if kind == "calendars":
            calendars.load(body, name)
            return []
        return lint(procedure(body, name), body, name, known)
    except DeclarationError as error:
        return list(error.problems)
    except calendars.CalendarError as error:
        return [Problem(f"{error.fault.name}:{error.fault.line}", "", error.fault.reason)]


def _shipped() -> Iterator[tuple[str, str, str]]:
    for ident, body in shipped("procedures").items():
        yield "procedures", f"procedures/{ident}.toml", body
    for ident, body in shipped("routing").items():
        yield "routing", f"routing/{ident}.toml", body
    for ident, body in shipped("calendars").items():
        yield "calendars", f"calendars/{ident}.toml", body


def _read(paths: tuple[Path, ...]) -> Iterator[tuple[str, str, str]]:
    for path in paths:
        for file in sorted(path.rglob("*.toml")) if path.is_dir() else (path,):
            try:
                body = file.read_text("utf-8-sig")
            except UnicodeDecodeError as error:
                raise click.ClickException(f"{file}: 不是 UTF-8 文本。Not UTF-8 text: {error}") from error
            if file.parent.name != "catalogue":  # categories have a check of their own
                yield kind_of(body), str(file), body


def kind_of(body: str) -> str:
    """What a body declares, by what stands in it; what cannot be read counts as a procedure."""
    try:
        data: dict[str, Any] = tomllib.loads(body)
    except tomllib.TOMLDecodeError:
        return "procedures"
    if "rules" in data:
        return "routing"
    return "calendars" if data.keys() & {"always", "tables", "weekdays_off", "years"} else "procedures"


def _print(checked: int, problems: list[Problem]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console()
    if problems:
        table = Table(show_lines=True)
        for heading in ("位置 Where", "项 What", "说明 Why"):
            table.add_column(heading, overflow="fold")
        for problem in problems:
            colour = "red" if problem.level == "error" else "yellow"
            why = f"[{colour}]{escape(problem.why.zh)}[/]\n{escape(problem.why.en)}"
            table.add_row(escape(problem.where), escape(problem.path), why)
        console.print(table)
    errors = sum(p.level == "error" for p in problems)
    warnings = len(problems) - errors
    console.print(f"检查了{checked}个声明：{errors}个错误，{warnings}个提醒。")
    console.print(f"{checked} declarations checked: {errors} errors, {warnings} warnings.")
