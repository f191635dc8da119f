"""The same seed gives the same city; another seed another one; the parts it is made of."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import shapely
from django.db import transaction

from linli.matters.models import Event, Matter, Statement
from linli.procedures.categories import shipped
from linli.site.demo import generate, ground, rhythm, words
from linli.site.demo.sizes import SIZES, shares, uneven

AT = datetime(2026, 11, 18, 6, 30, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")


def lived(seed: int) -> list[Any]:
    """A small city's history without its ids."""
    found: list[Any] = []
    with transaction.atomic():
        generate.city(SIZES["small"], seed, at=AT, quiet=True)
        columns = ("code", "stage", "category", "area", "level", "outcome", "rating", "opened_at", "closed_at")
        found.append(list(Matter.objects.order_by("code").values_list(*columns, "holder_post__person__username")))
        found.append(list(Statement.objects.order_by("matter__code").values_list("text", "contact_name")))
        found.append(list(Event.objects.order_by("matter__code", "seq").values_list("step", "at", "actor_name")))
        transaction.set_rollback(True)
    return found


@pytest.mark.django_db
def test_a_seed_decides_everything_but_ids() -> None:
    one, again, other = lived(3), lived(3), lived(4)
    assert len(one[0]) > 150
    assert one == again
    assert one != other


def test_the_whole_city_tiles_too() -> None:
    size = SIZES["city"]
    land = ground.make(size, 1)
    counts = {level: len(land.at(level)) for level in ("county", "township", "village", "grid")}
    assert counts == {"county": 11, "township": 132, "village": 1370, "grid": 8000}
    assert shapely.coverage_is_valid([land.shapes[spot.area] for spot in land.at("grid")])
    for level in ("county", "township"):
        names = [(spot.area[:-3], spot.name) for spot in land.at(level)]
        assert len(set(names)) == len(names)


def test_sentences_are_many_and_of_the_catalogue() -> None:
    held = words.data("sentences")
    assert set(held) <= set(shipped().by_code)
    assert sum(len(each["zh"]) for each in held.values()) >= 150
    assert sum(len(each.get("en", ())) for each in held.values()) >= 20


def test_storms_come_at_once_and_nights_are_quiet() -> None:
    begin = AT - timedelta(days=7)
    found = list(rhythm.arrivals(3000, begin, AT, ZONE, 1))
    assert len(found) == 3000
    assert found == sorted(found, key=lambda arrival: arrival.at)
    assert begin <= found[0].at
    assert found[-1].at <= AT
    wet = Counter(arrival.at.astimezone(ZONE).date() for arrival in found if arrival.storm)
    assert len(wet) == 1
    assert wet.most_common(1)[0][1] > 150
    night = sum(arrival.at.astimezone(ZONE).hour < 5 for arrival in found)
    assert night < 0.03 * len(found)


def test_shares_add_up() -> None:
    assert shares(10, 4) == [2, 3, 2, 3]
    counts = uneven(1370, [Random(n).uniform(0.5, 1.6) for n in range(132)])
    assert sum(counts) == 1370
    assert min(counts) >= 1
