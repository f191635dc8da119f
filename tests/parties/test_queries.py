"""Seats for routing, and the reads of units and posts: right, and in a constant number of queries."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from linli.parties import queries
from linli.parties.models import Absence, Duty, Post, Unit
from tests.parties.people import AT, Town, person, post

pytestmark = pytest.mark.django_db


def test_a_seat_carries_duties_and_absences(town: Town) -> None:
    held = post(person("zhang", name="张三"), town.roads, "officer")
    Duty.objects.create(unit=town.roads, category="roads.pothole")
    Duty.objects.create(unit=town.roads, category="roads")
    Absence.objects.create(post=held, away_from=AT, away_to=AT + timedelta(days=1))
    Absence.objects.create(post=held, away_from=AT - timedelta(days=9), away_to=AT - timedelta(days=8))
    seat = next(s for s in queries.seats(AT) if s.post == held.id)
    assert (seat.name, seat.unit_name, seat.unit_level, seat.tag, seat.role, seat.area) == (
        "张三", "市中区住建局", "county", "住建", "officer", "511102",
    )  # fmt: skip
    assert seat.duties == ("roads", "roads.pothole")
    assert seat.away == ((AT, AT + timedelta(days=1)),)
    assert seat.absent(AT)
    assert not seat.absent(AT + timedelta(days=1))


def test_a_fixed_term_is_passed_over_from_its_end_on(town: Town) -> None:
    end = AT + timedelta(days=3)
    held = post(person("temp"), town.county, "operator", valid_to=end)
    seat = next(s for s in queries.seats(AT) if s.post == held.id)
    assert not seat.absent(end - timedelta(seconds=1))
    assert seat.absent(end)
    assert seat.absent(end + timedelta(days=4000))


def test_ended_future_and_inactive_posts_have_no_seat(town: Town) -> None:
    post(person("ended"), town.county, "operator", valid_to=AT)
    post(person("later"), town.county, "operator", valid_from=AT + timedelta(seconds=1))
    post(person("gone", is_active=False), town.county, "operator")
    now = post(person("now"), town.county, "operator", valid_from=AT)
    assert [s.post for s in queries.seats(AT) if s.role == "operator"] == [now.id]


def test_ten_thousand_posts_take_three_queries(town: Town) -> None:
    people = [person("p0")]
    units = [Unit(name=f"u{i}", area=f"511102{i:03}", level="township", kind="station") for i in range(100)]
    Unit.objects.bulk_create(units)
    Duty.objects.bulk_create([Duty(unit=u, category=f"c{n}") for u in units for n in range(5)])
    Post.objects.bulk_create(
        [
            Post(person=people[0], unit=units[i % 100], role="grid_worker", area=f"5111020010{i:05}", valid_from=AT)
            for i in range(1000)
        ]
    )
    with CaptureQueriesContext(connection) as few:
        found = queries.seats(AT)
    assert len(found) == 1001
    assert len(few) == 3


def test_units_and_posts_inside_an_area(town: Town) -> None:
    far = Unit.objects.create(name="峨边", area="511132", level="county", kind="centre", active_to=AT)
    assert set(queries.units_of("511102")) == {town.county, town.roads}
    assert set(queries.units_of("511102", kind="centre")) == {town.county}
    assert far in queries.units_of("5111")
    assert far not in queries.units_of("5111", at=AT)
    held = post(person("li"), town.county, "dispatcher")
    assert list(queries.posts_of("511102", AT)) == [held]
    assert list(queries.posts_of("511102", AT, roles=["operator"])) == []
    assert held in queries.posts_of("511102004001", AT, wider=True)
    assert held not in queries.posts_of("511132", AT)
    assert list(queries.person_posts(held.person_id, AT)) == [held]
