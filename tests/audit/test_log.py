"""The audit log is append-only, and the database itself keeps it so."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import Error, connection, transaction

from linli.audit import actions, queries
from linli.audit.models import Entry
from linli.core.refusals import Refused
from linli.kernel import clock

pytestmark = pytest.mark.django_db


def write(at: datetime) -> Entry:
    actions.record("person:1", "see", "matter", "m1", at=at, area="511102", reason="核查", data={"n": 1})
    return Entry.objects.latest("id")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET actor = 'person:2'",
        "UPDATE audit_entry SET data = data",
        "DELETE FROM audit_entry",
        "TRUNCATE audit_entry",
        "SET LOCAL linli.purge = 'on'; UPDATE audit_entry SET actor = 'x'",
        "SET LOCAL linli.purge = 'on'; TRUNCATE audit_entry",
    ],
)
def test_the_database_refuses_edits(statement: str) -> None:
    write(clock.now() - timedelta(days=400))
    with pytest.raises(Error, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Entry.objects.get().actor == "person:1"


def test_young_lines_stay_even_in_a_declared_purge() -> None:
    write(clock.now() - timedelta(days=182))
    with pytest.raises(Error, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL linli.purge = 'on'; DELETE FROM audit_entry")
    assert Entry.objects.count() == 1


def test_an_early_purge_is_refused_by_the_verb() -> None:
    at = clock.now()
    write(at - timedelta(days=100))
    with pytest.raises(Refused) as caught:
        actions.purge(at - timedelta(days=99), actor="system:linli", at=at)
    assert caught.value.refusal.code == "audit_too_young"
    assert Entry.objects.count() == 1


def test_a_purge_of_old_lines_leaves_its_own_line() -> None:
    at = clock.now()
    write(at - timedelta(days=400))
    young = write(at - timedelta(days=10))
    assert actions.purge(at - timedelta(days=200), actor="person:audit", at=at) == 1
    left = list(queries.newest())
    assert [line.verb for line in left] == ["purge", "see"]
    assert left[1].id == young.id
    assert left[0].data == {"lines": 1}
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('linli.purge', true)")
        assert cursor.fetchone() == ("off",)


def test_a_line_is_found_by_its_target() -> None:
    line = write(datetime(2026, 1, 2, tzinfo=UTC))
    assert list(queries.of_target("matter", "m1")) == [line]
    assert list(queries.of_target("matter", "m2")) == []
