"""``linli understand places FILE``: how well places are found in sentences whose places are known."""

import json
from pathlib import Path

import click

from linli.understanding.gazetteer import Gazetteer


@click.command("places")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--city",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="某城市的数据文件夹：用它的地名。A city's data folder: its place names.",
)
@click.option(
    "--divisions",
    type=click.Path(exists=True, path_type=Path),
    help="区划代码表（文件或文件夹）：不用数据库，直接用表中的地名。A table of codes: its names, without a database.",
)
@click.option("--grids", default=6, help="用代码表时，每村的网格数。Grids a village, with --divisions.")
def command(file: Path, city: Path | None, divisions: Path | None, grids: int) -> None:
    """衡量地点识别的准确程度，输出 JSON。Measure how well places are found; prints JSON.

    FILE 的列：text、kind、expects、codes、names、prior（见文档 places-in-words）。
    Columns of FILE: text, kind, expects, codes, names, prior (see the page places-in-words).
    """
    from linli.understanding import gazetteer_measure as measuring

    try:
        listed = measuring.sentences(file)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    if divisions is not None:
        gazetteer = from_table(divisions, grids)
    else:
        from linli.site.understand import _city

        _, known, notes = _city(city)
        if known is None:
            raise click.UsageError("\n".join(notes) or "请用 --city 或 --divisions。 Name --city or --divisions.")
        gazetteer = known
    click.echo(json.dumps(measuring.measure(gazetteer, listed), ensure_ascii=False, indent=2))


def from_table(path: Path, grids: int = 6) -> Gazetteer:
    """The gazetteer of an official table of codes, each village with *grids* numbered grids."""
    from linli.places.codes import level_of
    from linli.places.reading import read

    names = {record.area: record.name for record in read((path,), "gcj02").records}
    rows = [(name, area, level_of(area)) for area, name in sorted(names.items())]
    if rows and rows[0][1][:4] not in names:
        rows.insert(0, (_city_name(rows[0][1][:4]), rows[0][1][:4], "city"))
    numbered = [
        (f"第{number}网格", f"{area}{number:03d}", "grid")
        for area in names
        if len(area) == 12
        for number in range(1, grids + 1)
    ]
    return Gazetteer.build(rows + numbered)


def _city_name(code: str) -> str:
    from linli.understanding.gazetteer_words import elsewhere

    return next((name for known, name in elsewhere() if known == code), code)
