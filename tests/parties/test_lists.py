"""The administration's lists: only what the viewer administers, all of it, at the same cost however long."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from linli.parties import lists, token_actions
from linli.parties.access import NOBODY, SYSTEM, Viewer, viewer_for
from linli.parties.lists import Page
from linli.parties.models import Absence, Duty
from linli.parties.roles import ROLES
from tests.parties.people import AT, Town, person, post, unit

pytestmark = pytest.mark.django_db


def walk(read: Callable[[str], Page[object]]) -> list[object]:
    seen: list[object] = []
    after = ""
    while True:
        page = read(after)
        seen += page.items
        if not page.next:
            return seen
        after = page.next


@pytest.fixture
def crowd(town: Town) -> Town:
    far = unit("峨边综治中心", "511132", "county")
    for n in range(25):
        held = post(person(f"a{n:02}", name=f"张{n:02}", phone=f"1380000{n:04}"), town.county, "operator")
        post(person(f"z{n:02}", name=f"远{n:02}"), far, "operator")
        unit(f"单位{n:02}", "511102", "county", "department", tag="城管")
        Duty.objects.create(unit=held.unit, category=f"c{n}")
        Absence.objects.create(post=held, away_from=AT, away_to=AT + timedelta(days=1))
    person("without")
    return town


def county_admin(town: Town, role: str = "security_admin") -> Viewer:
    held = person("county-admin")
    post(held, town.county, role)
    return viewer_for(held, AT)


def test_the_pages_hold_everything_once(crowd: Town) -> None:
    viewer = county_admin(crowd)
    found = walk(lambda after: lists.people(viewer, AT, after=after, limit=7))
    names = [p.username for p in found]  # type: ignore[attr-defined]
    assert names == sorted({f"a{n:02}" for n in range(25)} | {"county-admin", "without"})
    found = walk(lambda after: lists.units(viewer, after=after, limit=7))
    assert len(found) == len({u.id for u in found}) == 27  # type: ignore[attr-defined]
    found = walk(lambda after: lists.posts(viewer, AT, after=after, limit=7))
    assert len(found) == len({p.id for p in found}) == 26  # type: ignore[attr-defined]
    assert all(p.area.startswith("511102") for p in found)  # type: ignore[attr-defined]


@pytest.mark.parametrize("role", [*sorted(set(ROLES) - {"system_admin", "security_admin"}), None])
def test_nobody_else_sees_the_lists(crowd: Town, role: str | None) -> None:
    viewer = county_admin(crowd, role) if role else NOBODY
    assert lists.people(viewer, AT).items == []
    assert lists.units(viewer).items == []
    assert lists.posts(viewer, AT).items == []
    assert lists.tokens(viewer) == []


def test_search_and_filters(crowd: Town) -> None:
    viewer = crowd.security_viewer
    assert [p.username for p in lists.people(viewer, AT, search="张 0003").items] == ["a03"]
    assert lists.people(viewer, AT, search="张 远").items == []
    assert lists.people(viewer, AT, search="%").items == []
    assert lists.people(viewer, AT, active=False).items == []
    assert len(lists.units(viewer, search="城管", limit=100).items) == 25
    assert [u.name for u in lists.units(viewer, area="511132").items] == ["峨边综治中心"]
    assert [p.person.username for p in lists.posts(viewer, AT, search="远07").items] == ["z07"]
    assert [p.role for p in lists.posts(viewer, AT, role="security_admin").items] == ["security_admin"]
    assert lists.posts(viewer, AT, ended=True).items == []
    assert lists.posts(viewer, AT, after="nonsense").items == []


def test_pages_cost_the_same_however_long(crowd: Town) -> None:
    viewer = crowd.security_viewer

    def cost(read: Callable[[int], object], limit: int) -> int:
        with CaptureQueriesContext(connection) as asked:
            read(limit)
        return len(asked)

    def people(limit: int) -> object:
        page = lists.people(viewer, AT, limit=limit)
        return [(p.name, [held.unit.name for held in p.held_now]) for p in page.items]  # type: ignore[attr-defined]

    def units(limit: int) -> object:
        return [
            (u.name, u.parent, [d.category for d in u.duties.all()]) for u in lists.units(viewer, limit=limit).items
        ]

    def posts(limit: int) -> object:
        page = lists.posts(viewer, AT, limit=limit)
        return [(p.person.name, p.unit.name, p.away) for p in page.items]  # type: ignore[attr-defined]

    for read in (people, units, posts):
        assert cost(read, 3) == cost(read, 40) == 2, read


def test_tokens_are_seen_by_security_administrators(crowd: Town) -> None:
    token_actions.issue_token("市", ["matters:create"], actor=SYSTEM, at=AT)
    token_actions.issue_token("县", ["matters:read"], actor=SYSTEM, at=AT, area="511102")
    assert {t.name for t in lists.tokens(crowd.security_viewer)} == {"市", "县"}
    assert {t.name for t in lists.tokens(county_admin(crowd))} == {"县"}
