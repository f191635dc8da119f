"""``linli import categories``: a city's own catalogue (level1, level2, level3) becomes published declarations."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import click

from linli.core.refusals import Refused
from linli.kernel import clock, declarations, outbox
from linli.matters.declared import load_all
from linli.procedures import categories
from linli.procedures.taxonomy import Taxonomy, from_taxonomy_csv


def read_rows(data: bytes) -> list[dict[str, str]]:
    """The rows of a CSV in UTF-8 (with or without BOM) or GB18030. Raises Refused for another encoding."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return list(csv.DictReader(io.StringIO(data.decode(encoding))))
        except UnicodeDecodeError:
            continue
    raise Refused("bad_encoding")


def import_categories(data: bytes, *, actor: str, dry_run: bool) -> Taxonomy:
    """Map what the catalogue knows by name, publish the rest; nothing changes when anything is wrong. Idempotent.

    Raises Refused("bad_encoding", "declaration_broken").
    """
    known = load_all().catalogue
    made = from_taxonomy_csv(read_rows(data), known)
    problems = categories.check([*categories.shipped_bodies(), *made.bodies])
    if problems:
        raise Refused("declaration_broken", why=problems[0].said("zh"))
    if not dry_run:
        at = clock.now()
        for body in made.bodies:
            declarations.publish("category", body.name, body.text, actor=actor, at=at)
        if made.bodies:
            outbox.put("recompute", f"categories:{at.isoformat()}", {"why": "categories imported", "actor": actor}, at)
    return made


@click.command("categories")
@click.argument("path", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="只检查，不改动。Check only; change nothing.")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。Print JSON.")
def command(path: Path, *, dry_run: bool, as_json: bool) -> None:
    """导入分类目录：CSV，列 level1、level2、level3。Import a catalogue of categories: CSV with three levels."""
    try:
        made = import_categories(path.read_bytes(), actor="system:command line", dry_run=dry_run)
    except Refused as refused:
        raise click.ClickException(f"{refused.refusal.words.zh}\n{refused.refusal.words.en}") from refused
    found: dict[str, Any] = {
        "mapped": made.mapped,
        "new": made.new,
        "problems": [p.said("zh") for p in made.problems],
        "dry_run": dry_run,
    }
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    click.echo(f"对应已有分类 mapped: {made.mapped}   新增分类 new: {made.new}")
    for problem in found["problems"]:
        click.echo(f"  {problem}")
    if dry_run:
        click.echo("试运行，没有改动。Dry run: nothing changed.")
