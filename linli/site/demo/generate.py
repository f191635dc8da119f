"""The whole generation, all or nothing: land, names, staff, history."""

import gc
import heapq
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from linli.core.routing import Roster
from linli.matters import reference, seals
from linli.parties import queries as parties
from linli.parties.demo import mark_demo
from linli.parties.models import Person
from linli.site.demo import ground, names, photos, staff, words, write
from linli.site.demo.arrivals import Door
from linli.site.demo.finale import scenes
from linli.site.demo.ground import Land
from linli.site.demo.history import Coming, History
from linli.site.demo.ledger import Ledger
from linli.site.demo.names import Gazetteer
from linli.site.demo.plans import Plans
from linli.site.demo.rhythm import arrivals
from linli.site.demo.sizes import Size
from linli.site.demo.staff import Staff

BEFORE = timedelta(days=90)
"""How long before its history the city's places and posts began."""
UNDELIVERED = timedelta(hours=1)
"""Notices younger than this are left to the sender; older ones have been read."""


def city(size: Size, seed: int, *, at: datetime, quiet: bool = False) -> dict[str, Any]:
    """Generate the city as it stands at *at*; returns counts. A killed run leaves nothing behind."""
    with _progress(quiet=quiet) as progress:
        with transaction.atomic():
            _hold_seals()
            begin = at - timedelta(days=size.days)
            cells = progress.add_task("地块 Cells", total=size.grids)
            land = ground.make(size, seed, lambda done: progress.update(cells, completed=done))
            gazetteer = names.make(land, seed)
            write.places(land, gazetteer, at=begin - BEFORE)
            there = set(Person.objects.values_list("username", flat=True))
            people = staff.make(land, size, seed, begin - BEFORE, there)
            if not there:  # beside real people nobody signs in with one click
                mark_demo()
            write.staff(people, at=begin - BEFORE, until=at)
            task = progress.add_task("事项 Matters", total=size.matters)
            lived = live(size, seed, land, gazetteer, people, at, lambda done: progress.update(task, completed=done))
            progress.update(task, completed=size.matters, description="写入 Commit")
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    return _counts(size, seed, land, gazetteer, people) | {
        "matters": lived.ledger.written,
        "steps": sum(lived.steps.values()),
        "refused": dict(lived.refused),
    }


def _hold_seals() -> None:
    """No seal is made until the city is there: events that appear behind a seal would break it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [seals.LOCK])


def live(
    size: Size, seed: int, land: Land, gazetteer: Gazetteer, people: Staff, at: datetime, said: Callable[[int], None]
) -> History:
    """Live through the past of a city that stands in the database, and write it."""
    reference.forget()
    held = reference.current(fresh=True)
    roster = Roster.build(parties.seats(at), held.declared.routing.rules, held.zone, {})
    ref = replace(held, roster=roster)
    ledger = Ledger(at, since=at - UNDELIVERED)
    door = Door(seed, ref, land, gazetteer, ledger)
    history = History(door, ref, ledger, photos.keep(size.photos, seed), Plans(door.speech, held.zone))
    end = at - timedelta(minutes=3)
    usual = (
        Coming(arrival.at, arrival.storm)
        for arrival in arrivals(size.matters, at - timedelta(days=size.days), end, held.zone, seed)
    )
    last = scenes(land, people.grids_of(people.signs["grid_worker"]), at)
    with _rarely_collecting():
        history.run(heapq.merge(usual, last, key=lambda coming: coming.at), at, said)
    reference.forget()
    return history


@contextmanager
def _rarely_collecting() -> Iterator[None]:
    """Tens of thousands of matters are alive at once, without cycles; looking for some costs an eighth of the time."""
    before = gc.get_threshold()
    gc.set_threshold(200_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _counts(size: Size, seed: int, land: Land, gazetteer: Gazetteer, people: Staff) -> dict[str, Any]:
    levels = {"counties": "county", "townships": "township", "villages": "village", "grids": "grid"}
    return {
        "city": words.city()["name"],
        "size": size.id,
        "seed": seed,
        **{many: len(land.at(level)) for many, level in levels.items()},
        "names": sum(len(each) for each in gazetteer.by_grid.values()),
        "units": len(people.units),
        "people": len(people.people),
        "posts": len(people.posts),
    }


def _progress(*, quiet: bool) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        disable=quiet,
    )
