"""The whole generation, all or nothing: land, names, staff, history."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from linli.site.demo import ground, names, staff, words, write
from linli.site.demo.sizes import Size

BEFORE = timedelta(days=90)
"""How long before its history the city's places and posts began."""


def city(size: Size, seed: int, *, at: datetime, quiet: bool = False) -> dict[str, Any]:
    """Generate the city as it stands at *at*; returns counts. A killed run leaves nothing behind."""
    with _progress(quiet) as progress:
        with transaction.atomic():
            begin = at - timedelta(days=size.days) - BEFORE
            cells = progress.add_task("地块 Cells", total=size.grids)
            land = ground.make(size, seed, lambda done: progress.update(cells, completed=done))
            gazetteer = names.make(land, seed)
            write.places(land, gazetteer, at=begin)
            people = staff.make(land, size, seed, begin)
            write.staff(people, at=begin)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    levels = {"counties": "county", "townships": "township", "villages": "village", "grids": "grid"}
    made = {many: len(land.at(level)) for many, level in levels.items()}
    return {
        "city": words.city()["name"],
        "size": size.id,
        "seed": seed,
        **made,
        "names": sum(len(each) for each in gazetteer.by_grid.values()),
        "units": len(people.units),
        "people": len(people.people),
        "posts": len(people.posts),
    }


def _progress(quiet: bool) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        disable=quiet,
    )
