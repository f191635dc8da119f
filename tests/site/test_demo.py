"""The demo city: its land, its people, its history."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import shapely
from django.db import transaction

from linli.core import chain
from linli.core.clocks import colour
from linli.indicators import queries as indicators
from linli.kernel import clock
from linli.matters import media, seals
from linli.matters.models import (
    Assignment,
    Clock,
    Event,
    Evidence,
    Firing,
    Matter,
    Remark,
    Statement,
)
from linli.matters.models import (
    Counter as Numbers,
)
from linli.parties.demo import is_demo
from linli.parties.models import Person, Post, Unit
from linli.places.models import Boundary, Place, PlaceName
from linli.procedures.categories import shipped
from linli.site.bootstrap import NotReady
from linli.site.demo import command, generate, words
from linli.site.demo.sizes import SIZES

AT = datetime(2026, 11, 18, 6, 30, tzinfo=UTC)  # a Wednesday, half past two in the afternoon
WAITING = {"triage", "received"}
DONE = {"working", "answered", "closed", "withdrawn", "merged", "set_aside"}


@pytest.fixture(scope="module")
def city(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, Any]]:
    """The demo city of seed 1, for all tests of this file; nothing of it stays."""
    with django_db_blocker.unblock():
        with transaction.atomic():
            yield generate.city(SIZES["demo"], 1, at=AT, quiet=True)
            transaction.set_rollback(True)


@pytest.fixture(scope="module")
def events(city: dict[str, Any]) -> dict[Any, list[Event]]:
    """All events by matter, in order."""
    found: dict[Any, list[Event]] = defaultdict(list)
    for event in Event.objects.order_by("matter_id", "seq"):
        found[event.matter_id].append(event)
    return found


def test_the_places_are_as_many_as_promised(city: dict[str, Any]) -> None:
    levels = Counter(Place.objects.values_list("level", flat=True))
    assert levels == {"city": 1, "county": 2, "township": 6, "village": 24, "grid": 120}
    assert 500 <= PlaceName.objects.exclude(kind="official").count() <= 800
    assert PlaceName.objects.filter(kind="official").count() == sum(levels.values())
    assert {place.area[:2] for place in Place.objects.all()} == {"99"}, "no real province has the prefix"


def test_the_grids_tile_the_city_without_gap_or_overlap(city: dict[str, Any]) -> None:
    shapes = {b.place.area: shapely.from_wkb(bytes(b.geometry)) for b in Boundary.objects.select_related("place")}
    grids = [shape for area, shape in shapes.items() if len(area) == 15]
    assert len(shapes) == Place.objects.count()
    assert shapely.coverage_is_valid(grids)
    assert all(shape.is_valid and shape.area > 0 for shape in shapes.values())
    for length in (6, 9, 12, 15):
        below: dict[str, float] = defaultdict(float)
        upper = {6: 4, 9: 6, 12: 9, 15: 12}[length]
        for area, shape in shapes.items():
            if len(area) == length:
                below[area[:upper]] += shape.area
        assert {area: round(size, 12) for area, size in below.items()} == {
            area: round(shape.area, 12) for area, shape in shapes.items() if len(area) == upper
        }


def test_every_name_lies_in_its_grid(city: dict[str, Any]) -> None:
    shapes = {b.place_id: shapely.from_wkb(bytes(b.geometry)) for b in Boundary.objects.all()}
    for name in PlaceName.objects.exclude(kind="official"):
        assert shapely.intersects_xy(shapes[name.place_id], name.lon, name.lat), name


def test_every_grid_has_a_worker_and_every_level_a_centre(city: dict[str, Any]) -> None:
    grids = set(Place.objects.filter(level="grid").values_list("area", flat=True))
    assert set(Post.objects.filter(role="grid_worker").values_list("area", flat=True)) == grids
    held = Counter(Post.objects.filter(role="grid_worker").values_list("person", flat=True))
    assert max(held.values()) > 1, "persons can hold several grids"
    centres = Counter(Unit.objects.filter(kind="centre").values_list("level", flat=True))
    assert centres == {"city": 1, "county": 2, "township": 6, "village": 24}
    assert Post.objects.count() >= 150


def test_departments_answer_for_every_duty_of_the_catalogue(city: dict[str, Any]) -> None:
    duties = {category.duty for category in shipped().by_code.values()} - {"社区"}
    for county in Place.objects.filter(level="county"):
        tags = set(Unit.objects.filter(area=county.area, kind="department").values_list("tag", flat=True))
        assert duties <= tags


def test_three_administrators_are_three_people(city: dict[str, Any]) -> None:
    admins = Post.objects.filter(role__in=["system_admin", "security_admin", "audit_admin"])
    assert len({post.person_id for post in admins}) == len(admins) == 3
    assert is_demo()
    assert not any(person.has_usable_password() for person in Person.objects.all())


def test_no_step_that_was_meant_is_refused(city: dict[str, Any]) -> None:
    assert city["refused"] == {}
    assert city["matters"] == Matter.objects.count() == Statement.objects.count() >= 1600


def test_all_chains_verify(city: dict[str, Any], events: dict[Any, list[Event]]) -> None:
    for matter in Matter.objects.all():
        told = [
            chain.Event(e.matter_id, e.seq, e.at, e.actor_kind, e.actor, e.step, e.data, bytes(e.prev), bytes(e.hash))
            for e in events[matter.pk]
        ]
        assert chain.verify(told, chain.Head(matter.seq, bytes(matter.head))) == []


def test_texts_are_kept_apart_and_their_digests_hold(city: dict[str, Any], events: dict[Any, list[Event]]) -> None:
    salts = dict(Statement.objects.values_list("matter_id", "salt"))
    for remark in Remark.objects.all():
        event = events[remark.matter_id][remark.seq - 1]
        assert event.data["texts"][remark.field] == chain.personal_digest(bytes(salts[remark.matter_id]), remark.text)


def test_the_columns_equal_a_recomputation_from_the_events(
    city: dict[str, Any], events: dict[Any, list[Event]]
) -> None:
    for matter in Matter.objects.all():
        told = events[matter.pk]
        assert [e.at for e in told] == sorted(e.at for e in told)
        moves = [e.data["to"] for e in told if "to" in e.data]
        ratings = [e.data["rating"] for e in told if e.data.get("rating")]
        assert matter.stage == moves[-1]
        assert matter.rating == (ratings[-1] if ratings else None)
        assert matter.reopened == sum(e.step in ("not_solved", "object") for e in told)
        assert (matter.closed_at is not None) == (matter.stage in ("closed", "withdrawn", "merged", "set_aside"))
        assert matter.opened_at == told[0].at
        assert Assignment.objects.filter(matter=matter).exists() or matter.holder_post_id is None


def _answers(told: list[Event]) -> list[tuple[datetime, datetime | None]]:
    """(due, answered) of every five-minute clock that the events of one matter imply."""
    found: list[tuple[datetime, datetime | None]] = []
    running = False
    for event in told:
        to = event.data.get("to")
        if to in WAITING and not running:
            begun = event.at + timedelta(microseconds=-event.at.microsecond % 1_000_000)
            found.append((begun + timedelta(minutes=5), None))
            running = True
        elif to in DONE and running:
            found[-1] = (found[-1][0], event.at)
            running = False
    return found


def test_the_three_rates_are_believable_and_true(city: dict[str, Any], events: dict[Any, list[Event]]) -> None:
    out = {"merged", "withdrawn", "set_aside"}
    counted = [events[matter.pk] for matter in Matter.objects.all() if matter.outcome not in out]
    clocks = [each for told in counted for each in _answers(told)]
    due = [(limit, done) for limit, done in clocks if limit < AT or (done is not None and done < limit)]
    words = [[e for e in told if e.step in ("solved", "not_solved", "silence")][-1:] for told in counted]
    last = [each[0] for each in words if each and each[0].step != "silence"]
    ratings = [event.data["rating"] for event in last if event.data.get("rating")]
    rates = indicators.rates("9901", AT - timedelta(days=30), AT, now=AT)
    found = {name: (rates[name].numerator, rates[name].denominator) for name in ("response", "resolution")}
    assert found["response"] == (sum(done is not None and done < limit for limit, done in due), len(due))
    assert found["resolution"] == (sum(event.step == "solved" for event in last), len(last))
    satisfied = rates["satisfaction"]
    assert (satisfied.numerator, satisfied.denominator) == (sum(rating >= 4 for rating in ratings), len(ratings))
    values = {name: rate.value or 0 for name, rate in rates.items()}
    assert 0.92 <= values["response"] <= 0.97
    assert 0.85 <= values["resolution"] <= 0.93
    assert 0.88 <= values["satisfaction"] <= 0.95


def test_linli_verify_finds_nothing_wrong(city: dict[str, Any]) -> None:
    assert list(seals.verify()) == []


def test_everything_that_can_happen_has_happened(city: dict[str, Any], events: dict[Any, list[Event]]) -> None:
    steps = {e.step for told in events.values() for e in told}
    usual = {"open", "claim", "complete", "solved", "not_solved", "silence", "assign", "classify", "pause", "resume"}
    rare = {"progress", "add", "withdraw", "merge", "hand_back", "set_aside", "correct"}
    fired = {"clock.warn", "clock.breach", "clock.rung"}
    assert usual | rare | fired <= steps


def test_open_matters_stand_in_every_colour_and_stage(city: dict[str, Any]) -> None:
    opened = Matter.objects.filter(closed_at=None)
    assert {"triage", "received", "working", "answered"} <= set(opened.values_list("stage", flat=True))
    for stage in ("received", "working"):
        seen = {colour(m.warn_at, m.due_at, AT) for m in opened.filter(stage=stage, due_at__isnull=False)}
        assert seen >= {"green", "yellow", "red"}, stage
    assert opened.filter(clocks__state="paused").exists()
    assert opened.filter(reopened__gt=0).exists()
    mains = Counter(Matter.objects.exclude(merged_into=None).values_list("merged_into", flat=True))
    assert max(count for main, count in mains.items() if opened.filter(pk=main).exists()) >= 3
    assert {"grid", "village", "township", "county"} <= set(opened.values_list("level", flat=True))


def test_the_demo_grid_worker_has_something_to_do(city: dict[str, Any]) -> None:
    first = Post.objects.filter(role="grid_worker").order_by("id").first()
    assert first is not None
    assert Matter.objects.filter(closed_at=None, holder_post__person=first.person_id).count() >= 2


def test_clocks_and_firings_are_complete(city: dict[str, Any]) -> None:
    assert not Clock.objects.filter(state="open", next_at__lt=AT - timedelta(seconds=1)).exists()
    assert not Clock.objects.filter(state="open", matter__closed_at__isnull=False).exists()
    fired = Counter(Firing.objects.values_list("clock", flat=True))
    silent = set(Event.objects.filter(step="silence").values_list("matter", "data__cycle"))
    for one in Clock.objects.all():
        lapsed = one.rule == "silence" and (one.matter_id, one.cycle) in silent  # it ended in its breach
        assert fired[one.pk] == one.rung + 1 + lapsed, one
    assert Firing.objects.filter(late=True).count() == 0


def test_evidence_is_there_as_files(city: dict[str, Any], events: dict[Any, list[Event]]) -> None:
    rows = list(Evidence.objects.all())
    assert len(rows) > 300
    for row in rows:
        assert row.sha256 in events[row.matter_id][row.seq - 1].data["files"]
    for digest in {row.sha256 for row in rows}:
        assert media.path(digest).read_bytes()[:3] == b"\xff\xd8\xff"


def test_running_numbers_go_on_from_where_the_history_ends(city: dict[str, Any]) -> None:
    last = Counter(code.rpartition("-")[0] for code in Matter.objects.values_list("code", flat=True))
    assert last == {f"{row.area}-{row.day}": row.n for row in Numbers.objects.all()}


def test_people_of_the_demo_are_not_reachable_by_telephone(city: dict[str, Any]) -> None:
    phones = set(Statement.objects.exclude(contact_phone="").values_list("contact_phone", flat=True))
    phones |= set(Person.objects.values_list("phone", flat=True))
    assert len(phones) > 500
    assert all(phone.startswith("19400") for phone in phones), "a range that no operator has"


def test_days_have_a_rhythm(city: dict[str, Any]) -> None:
    hours = Counter(((at.hour + 8) % 24) for at in Matter.objects.values_list("opened_at", flat=True))
    assert hours[9] > 5 * max(1, hours[3])
    assert hours[19] > 1.15 * hours[13], "the second peak is in the evening"


def test_a_second_city_is_refused(city: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotReady, match="990100"):
        command.refuse(add=True)
    monkeypatch.setattr(words, "city", lambda: {"area": "9902", "name": "别的市", "river": ""})
    with pytest.raises(NotReady, match="--add"):
        command.refuse(add=False)
    command.refuse(add=True)


def test_now_is_left_alone(city: dict[str, Any]) -> None:
    """The generator takes its instant; nothing in it lies after that."""
    assert clock.now() > AT
    assert not Event.objects.filter(at__gt=AT).exists()
    assert not Matter.objects.filter(opened_at__gt=AT).exists()
