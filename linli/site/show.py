"""What commands print for people and for programs."""

import json

import click
from rich.console import Console
from rich.table import Table

from linli.kernel import settings as kernel_settings


def print_settings(as_json: bool) -> None:
    """The table of settings: variable, type, default, value, meaning."""
    rows = kernel_settings.table(kernel_settings.current())
    if as_json:
        listed = [
            {
                "variable": row.variable,
                "type": row.kind.en,
                "default": row.default,
                "value": row.value,
                "meaning": {"zh": row.meaning.zh, "en": row.meaning.en},
            }
            for row in rows
        ]
        click.echo(json.dumps(listed, ensure_ascii=False, indent=2))
        return
    table = Table("变量 Variable", "类型 Type", "默认 Default", "当前 Value", "说明 Meaning")
    for row in rows:
        table.add_row(
            row.variable, f"{row.kind.zh}\n{row.kind.en}", row.default, row.value, f"{row.meaning.zh}\n{row.meaning.en}"
        )
    Console().print(table)
