"""Compiling the message catalogues (Babel; no GNU tools needed)."""

from pathlib import Path

import click
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

HOUSE = Path(__file__).resolve().parent.parent


def catalogues() -> list[Path]:
    """All catalogues of all rooms."""
    return sorted(HOUSE.glob("*/locale/*/*/LC_MESSAGES/django.po"))


def compile_all() -> int:
    """Compile the catalogues that changed; returns how many. Raises PoFileError for a broken one."""
    compiled = 0
    for source in catalogues():
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as file:
            catalogue = read_po(file, locale=source.parent.parent.name, abort_invalid=True)
        part = target.with_suffix(".part")
        with part.open("wb") as file:
            write_mo(file, catalogue)
        part.replace(target)
        compiled += 1
    return compiled


@click.command()
def command() -> None:
    """编译译文。Compile the translations that changed."""
    try:
        compiled = compile_all()
    except PoFileError as error:
        raise click.ClickException(f"译文文件有误 A catalogue is broken: {error}") from None
    click.echo(f"{compiled}/{len(catalogues())}")
