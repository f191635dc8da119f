"""``linli understand read``: what is understood from one sentence, without storing anything."""

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from linli.kernel import settings

if TYPE_CHECKING:
    from linli.core.catalogue import Catalogue
    from linli.understanding.classify import Voice
    from linli.understanding.gazetteer import Gazetteer
    from linli.understanding.reading import Reading


@click.command("read")
@click.argument("sentence")
@click.option(
    "--city",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="某城市的数据文件夹：用它的分类、地名和模型。A city's data folder: its catalogue, place names and model.",
)
@click.option("--json", "form", flag_value="json", default=True, help="输出 JSON（默认）。Print JSON (the default).")
@click.option("--text", "form", flag_value="text", help="输出便于阅读的文字。Print it to be read by people.")
@click.option("--cold", is_flag=True, help="不用训练好的模型。Without a trained model.")
def command(sentence: str, city: Path | None, form: str, *, cold: bool) -> None:
    """显示系统从一句话中理解到了什么。Print what is understood from one sentence (- reads it from standard input).

    不需要数据库；指定 --city 且该城市的数据库在运行时，会用到地名。No database is needed; with --city and its database
    running, place names are used.
    """
    from linli.understanding.reader import read

    if sentence == "-":
        sentence = sys.stdin.read()
    catalogue, gazetteer, notes = _city(city)
    model = None if cold else _model(city, notes)
    found = read(sentence, catalogue=catalogue, gazetteer=gazetteer, model=model)
    for note in notes:
        click.echo(note, err=True)
    if form == "text":
        click.echo(told(found, catalogue))
    else:
        click.echo(json.dumps(found.to_json(), ensure_ascii=False, indent=2))


def _city(city: Path | None) -> tuple["Catalogue", "Gazetteer | None", list[str]]:
    """Catalogue and gazetteer; the shipped catalogue and none where no database of the city runs."""
    from linli.procedures.categories import shipped

    if city is None:
        return shipped(), None, []
    if not os.environ.get("LINLI_DATABASE_URL"):
        from linli.kernel.postgres import Cluster

        if Cluster(city).pid() is None:
            note = "该城市的数据库没有运行，未使用地名。The city's database is not running: place names are not used."
            return shipped(), None, [note]
    os.environ["LINLI_DATA"] = str(city)
    return (*_from_database(), [])


def _model(city: Path | None, notes: list[str]) -> "Voice | None":
    """The newest model of the data folder; numpy loads only where there is one."""
    folder = (city or settings.current().data) / "understanding"
    if not any(folder.glob("*.json")):
        return None
    from linli.understanding.model import store

    try:
        return store.load(folder)
    except store.BadModel as wrong:
        notes.append(f"模型不能用，按分类目录理解。The model can't be used; read by the catalogue: {wrong}")
        return None


def _from_database() -> tuple["Catalogue", "Gazetteer"]:
    from linli.site.bootstrap import django_ready

    django_ready()
    from django.db import connections

    from linli.kernel import postgres
    from linli.matters import declared, reference
    from linli.places import queries as places
    from linli.understanding.gazetteer import Gazetteer

    with postgres.using():
        try:
            return declared.load_all().catalogue, Gazetteer.build(reference.gazetteer_rows(places.snapshot(0)))
        finally:
            connections.close_all()


def told(found: "Reading", catalogue: "Catalogue") -> str:
    """The reading in a few lines for people, in both languages."""
    lines: list[str] = []
    for number, part in enumerate(found.parts, 1):
        category = catalogue.get(part.category.code) if part.category else None
        lines.append(f"{number}. {part.text.strip()}")
        named = (
            f"{category.path.zh} ({category.path.en}), {part.category.confidence:.2f}"
            if category and part.category
            else "– 看不出 unknown"
        )
        lines.append(f"   分类 category: {named}")
        lines += [f"     {reason.zh}  |  {reason.en}" for reason in part.reasons]
        place = f"{part.place.name} {part.place.area}" if part.place else "、".join(p.name for p in part.places) or "–"
        lines.append(f"   地点 place: {place}")
        lines.append(f"   类型 kind: {part.kind}" + (f"   危险 danger: {part.danger.kind}" if part.danger else ""))
        lines += [f"   ? {doubt.zh}  |  {doubt.en}" for doubt in part.doubts]
    lines += [f"   [{span.kind}] {found.text[span.start : span.end]}" for span in (*found.personal, *found.advertising)]
    lines += [f"! {notice.zh}  |  {notice.en}" for notice in found.notices]
    return "\n".join(lines)
