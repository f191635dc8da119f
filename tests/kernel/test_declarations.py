"""Declarations are versioned, never edited; stamps tell who holds an old one."""

from datetime import UTC, datetime

import pytest

from linli.kernel import declarations, stamps

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def test_versions_grow_and_the_old_ones_stay() -> None:
    assert declarations.publish("calendar", "city", "a", actor="lin", at=AT) == 1
    assert declarations.publish("calendar", "city", "b", actor="lin", at=AT) == 2
    assert declarations.publish("calendar", "court", "c", actor="lin", at=AT) == 1
    assert [(row.ident, row.version, row.body) for row in declarations.current("calendar")] == [
        ("city", 2, "b"),
        ("court", 1, "c"),
    ]
    assert [row.body for row in declarations.history("calendar", "city")] == ["b", "a"]
    assert declarations.newest("calendar") == {"city": 2, "court": 1}
    assert declarations.current("routing") == []


def test_one_version_by_number() -> None:
    declarations.publish("procedure", "request", "a", actor="lin", at=AT)
    declarations.publish("procedure", "request", "b", actor="lin", at=AT)
    first, last = (declarations.version("procedure", "request", number) for number in (1, None))
    assert first is not None
    assert last is not None
    assert (first.body, last.body) == ("a", "b")
    assert declarations.version("procedure", "request", 3) is None


def test_same_body_is_no_news() -> None:
    declarations.publish("calendar", "city", "a", actor="lin", at=AT)
    before = stamps.read()
    assert declarations.publish("calendar", "city", "a", actor="lin", at=AT) == 1
    assert stamps.read() == before


def test_stamps_move_with_a_publication() -> None:
    before = stamps.read().get("declarations.calendar", 0)
    declarations.publish("calendar", "city", "a", actor="lin", at=AT)
    after = stamps.read()
    assert after["declarations.calendar"] == before + 1
    assert "declarations.routing" not in after


def test_bump_counts() -> None:
    assert [stamps.bump("places") for _ in range(3)] == [1, 2, 3]
