"""Who gets a matter: rules in order, load, absence, urgency, unsureness, night hours, and nobody at all."""

from dataclasses import replace
from datetime import time, timedelta

import pytest

from linli.core.routing import Ask, Choice, Roster, RouteRule, Seat, above, at_level, higher, level_of_area
from linli.core.words import Words
from tests.core import world
from tests.core.world import CITY, COUNTY, GRID, NOON, TOWNSHIP, VILLAGE, ident, roster, seat

LAMP = Ask("grid.lamp", "社区", GRID, NOON, quick=True)


def found(choice: Choice) -> int | None:
    return None if choice.seat is None else choice.seat.post.int


def without(*numbers: int) -> Roster:
    return roster(*(s for s in world.SEATS if s.post.int not in numbers))


def test_a_grid_matter_goes_to_its_grid_worker_with_reasons() -> None:
    choice = roster().route(LAMP)
    assert (found(choice), choice.level(LAMP)) == (1, "grid")
    assert len(choice.reasons) == 2
    assert all(w.zh and w.en for w in choice.reasons)
    assert "人1" in choice.reasons[1].zh


def test_absence_and_avoidance_move_on_to_the_neighbour() -> None:
    away = tuple(replace(s, away=((NOON, NOON + timedelta(days=1)),)) if s.post.int == 1 else s for s in world.SEATS)
    assert found(roster(*away).route(LAMP)) == 2
    assert found(roster(*away).route(replace(LAMP, at=NOON - timedelta(seconds=1)))) == 1
    assert found(roster(*away).route(replace(LAMP, at=NOON + timedelta(days=1)))) == 1
    assert found(roster().route(replace(LAMP, avoid=frozenset({ident(1)})))) == 2


def test_the_one_with_the_least_load_gets_it_and_the_post_decides_a_tie() -> None:
    pair = (seat(5, "grid_worker", GRID), seat(6, "grid_worker", GRID))
    assert found(roster(*pair, load_of={ident(5): 3, ident(6): 2}).route(LAMP)) == 6
    assert found(roster(*pair, load_of={ident(5): 2, ident(6): 2}).route(LAMP)) == 5
    loaded = roster(*pair)
    loaded.load[ident(5)] = 1
    assert found(loaded.route(LAMP)) == 6


def test_duty_finds_the_station_the_department_and_the_city() -> None:
    for duty, expected in (("城管", 23), ("住建", 33), ("环保", 43)):
        assert found(roster().route(Ask("x", duty, GRID, NOON))) == expected
    declared = (*world.SEATS, seat(25, "officer", TOWNSHIP, duties=("house",)))
    assert found(roster(*declared).route(Ask("house.permit", "", GRID, NOON))) == 25
    assert found(roster(*declared).route(Ask("household", "", GRID, NOON))) != 25


def test_what_takes_days_is_no_grid_workers_first() -> None:
    assert found(roster().route(Ask("x", "城管", GRID, NOON, quick=True))) == 1
    assert found(roster().route(Ask("x", "城管", GRID, NOON, quick=False))) == 23


def test_danger_goes_to_the_townships_dispatcher_or_above() -> None:
    gas = Ask("danger.gas", "应急", GRID, NOON, urgent=True)
    assert found(roster().route(gas)) in (22, 24)
    assert found(without(22, 24).route(gas)) == 32


def test_the_unsure_goes_to_those_who_sort_never_to_a_grid_worker() -> None:
    unsure = replace(LAMP, sure=False)
    assert found(roster().route(unsure)) in (11, 12)
    assert found(without(11, 12).route(unsure)) in (21, 22)
    only_grid = roster(seat(1, "grid_worker", GRID))
    assert found(only_grid.route(unsure)) is None


def test_with_nobody_on_duty_the_centres_are_asked_upwards_and_then_nobody() -> None:
    assert found(without(1, 2).route(LAMP)) in (11, 12)
    assert found(without(1, 2, 11, 12).route(LAMP)) in (21, 22)
    assert found(without(1, 2, 11, 12, 21, 22).route(LAMP)) == 24
    nobody = Roster.build((), world.ROUTING.rules, world.ROUTING.zone, {}).route(LAMP)
    assert (nobody.seat, nobody.rule, nobody.level(LAMP)) == (None, "nobody", "grid")
    assert nobody.reasons[0].zh
    assert nobody.reasons[0].en


def test_an_unknown_place_counts_as_the_area_that_all_posts_share() -> None:
    assert roster().home == CITY
    assert found(roster().route(Ask("", "", "", NOON, sure=False))) in (41, 42)
    county = roster(seat(31, "operator", COUNTY), seat(21, "operator", TOWNSHIP))
    assert county.home == COUNTY
    assert found(county.route(Ask("", "", "", NOON, sure=False))) == 31


def test_administrators_are_given_nothing() -> None:
    assert found(roster(seat(90, "system_admin", CITY)).route(LAMP)) is None


def rule(name: str, **more: object) -> RouteRule:
    return RouteRule(name, Words(name, name), ("dispatcher",), "county", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("hour", "weekdays", "fits"),
    [(23, (), True), (3, (), True), (6, (), False), (12, (), False), (23, (1,), True), (23, (2, 3), False)],
)
def test_hours_over_midnight_and_weekdays_are_read_in_the_citys_zone(
    hour: int, weekdays: tuple[int, ...], fits: bool
) -> None:
    night = rule("night", hours=(time(22), time(6)), weekdays=weekdays)
    made = Roster.build(world.SEATS, (night,), world.ROUTING.zone, {})
    at = NOON + timedelta(hours=hour - 12)  # NOON is 12:00 on a Monday in the city
    assert (made.route(replace(LAMP, at=at)).rule == "night") is fits


@pytest.mark.parametrize(
    ("more", "fits"),
    [
        ({"categories": ("grid",)}, True),
        ({"categories": ("gri",)}, False),
        ({"categories": ("grid.lamp",)}, True),
        ({"areas": (COUNTY,)}, True),
        ({"areas": ("511103",)}, False),
        ({"kinds": ("request",)}, True),
        ({"kinds": ("dispute",)}, False),
        ({"duties": ("城管",)}, False),
        ({"urgent": True}, False),
        ({"urgent": False}, True),
        ({"sure": False}, False),
        ({"quick": True}, True),
        ({"quick": False}, False),
    ],
)
def test_conditions(more: dict[str, object], fits: bool) -> None:
    made = Roster.build(world.SEATS, (rule("it", **more),), world.ROUTING.zone, {})
    assert (made.route(LAMP).rule == "it") is fits


def test_below_finds_seats_anywhere_under_the_level() -> None:
    under = RouteRule("under", Words("下", "under"), ("grid_worker",), "county", below=True)
    made = Roster.build((seat(9, "grid_worker", "511102999001001"),), (under,), world.ROUTING.zone, {})
    assert found(made.route(LAMP)) == 9


def test_levels() -> None:
    areas = {"": "city", CITY: "city", COUNTY: "county", TOWNSHIP: "township", VILLAGE: "village", GRID: "grid"}
    assert {area: level_of_area(area) for area in areas} == areas
    assert [above(level) for level in ("grid", "village", "township", "county", "city")] == [
        "village", "township", "county", "city", None,
    ]  # fmt: skip
    assert at_level(GRID, "township") == TOWNSHIP
    assert higher("county", "grid")
    assert not higher("grid", "grid")


def test_planted_load_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    def first(_: Roster, seats: list[Seat], ask: Ask) -> tuple[Seat | None, int]:
        free = [s for s in seats if s.post not in ask.avoid and not s.absent(ask.at)]
        return (free[0], len(free)) if free else (None, 0)

    monkeypatch.setattr(Roster, "_lightest", first)
    with pytest.raises(AssertionError):
        test_the_one_with_the_least_load_gets_it_and_the_post_decides_a_tie()


def test_planted_absence_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Seat, "absent", lambda self, at: False)
    with pytest.raises(AssertionError):
        test_absence_and_avoidance_move_on_to_the_neighbour()


def test_somebody_above_hears_of_what_nobody_holds() -> None:
    def told(numbers: tuple[int, ...], level: str = "village") -> tuple[list[int], str]:
        away = tuple(
            replace(s, away=((NOON, NOON + timedelta(days=1)),)) if s.post.int in numbers else s for s in world.SEATS
        )
        seats, at = roster(*away).listeners(GRID, level, NOON)
        return sorted(s.post.int for s in seats), at

    centre = {s.post.int: s.area for s in world.SEATS if s.role in ("operator", "dispatcher", "centre_lead")}
    own, level = told(())
    assert own
    assert {centre[n] for n in own} == {VILLAGE if level == "village" else TOWNSHIP}
    at_township = tuple(n for n, area in centre.items() if len(area) >= 9)
    above_it, level = told(at_township)
    assert level == "county"
    assert {centre[n] for n in above_it} == {COUNTY}
    waiting, level = told(tuple(centre))
    assert level == ""  # nobody is there: the nearest read it when they return
    assert waiting == own
    assert roster().listeners("", "city", NOON)[1] == "city"
    assert roster(seat(1, "grid_worker", GRID)).listeners(GRID, "village", NOON) == ([], "")
