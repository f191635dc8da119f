"""The outbox: once per key, one holder per lease, back-off, nothing lost when a worker dies."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction

from linli.kernel import outbox
from linli.kernel.models import Outbox

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@pytest.mark.django_db
def test_put_is_part_of_the_callers_transaction() -> None:
    with transaction.atomic():
        outbox.put("sms", "1", {}, AT)
        assert Outbox.objects.exists()
        transaction.set_rollback(True)
    assert not Outbox.objects.exists()


@pytest.mark.django_db
def test_same_key_is_put_once_and_the_first_stays() -> None:
    outbox.put("sms", "1", {"n": 1}, AT)
    outbox.put("sms", "1", {"n": 2}, AT)
    outbox.put("mail", "1", {"n": 3}, AT)
    assert [message.payload["n"] for message in outbox.lease(10, at=AT)] == [1, 3]


@pytest.mark.django_db
def test_leased_until_its_end_then_free_again() -> None:
    outbox.put("sms", "1", {}, AT)
    assert len(outbox.lease(10, at=AT)) == 1
    assert outbox.lease(10, at=AT + timedelta(seconds=59)) == []
    again = outbox.lease(10, at=AT + timedelta(seconds=60))
    assert [message.attempts for message in again] == [2]


@pytest.mark.django_db
def test_not_before_its_time_and_only_asked_topics() -> None:
    outbox.put("sms", "later", {}, AT + timedelta(seconds=1))
    outbox.put("mail", "now", {}, AT)
    assert outbox.lease(10, at=AT, topics=["sms"]) == []
    assert [message.key for message in outbox.lease(10, at=AT)] == ["now"]


@pytest.mark.django_db
def test_done_is_never_leased_again() -> None:
    outbox.put("sms", "1", {}, AT)
    held = outbox.lease(1, at=AT)
    assert outbox.done(held, at=AT) == 1
    assert outbox.done(held, at=AT) == 0
    assert outbox.lease(1, at=AT + timedelta(days=1)) == []


@pytest.mark.django_db
def test_failure_waits_longer_each_time_and_permanent_ends_it() -> None:
    outbox.put("sms", "1", {}, AT)
    at = AT
    for seconds in (1, 2, 4):
        (held,) = outbox.lease(1, at=at)
        assert outbox.failed(held, "line busy", at=at)
        assert outbox.lease(1, at=at + timedelta(seconds=seconds - 0.1)) == []
        at += timedelta(seconds=seconds)
    (held,) = outbox.lease(1, at=at)
    assert outbox.failed(held, "no such number", at=at, permanent=True)
    assert outbox.lease(1, at=at + timedelta(days=9)) == []
    row = Outbox.objects.get()
    assert (row.error, row.failed_at) == ("no such number", at)


@pytest.mark.django_db
def test_a_late_failure_does_not_disturb_the_next_holder() -> None:
    outbox.put("sms", "1", {}, AT)
    (first,) = outbox.lease(1, at=AT)
    (second,) = outbox.lease(1, at=AT + timedelta(minutes=2))
    assert not outbox.failed(first, "late", at=AT + timedelta(minutes=2))
    assert outbox.lease(1, at=AT + timedelta(minutes=2)) == []
    assert outbox.done([second], at=AT) == 1


def test_wait_is_bounded() -> None:
    assert outbox.wait(1) == timedelta(seconds=1)
    assert outbox.wait(500) == outbox.LONGEST_WAIT


@pytest.mark.django_db(transaction=True)
def test_workers_at_the_same_time_share_without_overlap() -> None:
    outbox.put_many([outbox.Draft("sms", str(n), {}, AT) for n in range(400)])
    got: list[list[str]] = [[] for _ in range(6)]
    gate = threading.Barrier(6)

    def work(mine: list[str]) -> None:
        try:
            gate.wait(10)
            while taken := outbox.lease(7, at=AT):
                mine += [message.key for message in taken]
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(mine,)) for mine in got]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    keys = [key for mine in got for key in mine]
    assert sorted(keys, key=int) == [str(n) for n in range(400)]
    assert sum(1 for mine in got if mine) > 1
