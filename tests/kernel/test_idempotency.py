"""Invariant 2 at the level of the kernel: one key, one effect."""

import threading
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction

from linli.core.refusals import Refused
from linli.kernel import idempotency

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@pytest.mark.django_db
def test_second_time_gives_the_first_target() -> None:
    assert idempotency.claim("api", "k", b"a", at=AT) is None
    idempotency.settle("api", "k", "matter-1")
    assert idempotency.claim("api", "k", b"a", at=AT) == "matter-1"
    assert idempotency.claim("other", "k", b"a", at=AT) is None


@pytest.mark.django_db
def test_another_body_is_refused() -> None:
    idempotency.claim("api", "k", b"a", at=AT)
    with pytest.raises(Refused) as caught:
        idempotency.claim("api", "k", b"b", at=AT)
    assert caught.value.refusal.code == "key_reused"
    assert caught.value.refusal.status == 409


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "x" * 121, "a\nb", "\x00"])
def test_what_is_no_key(key: str) -> None:
    with pytest.raises(Refused) as caught:
        idempotency.claim("api", key, b"a", at=AT)
    assert caught.value.refusal.code == "key_wrong"


@pytest.mark.django_db(transaction=True)
def test_only_inside_a_transaction() -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        idempotency.claim("api", "k", b"a", at=AT)


@pytest.mark.django_db(transaction=True)
def test_racers_get_one_effect() -> None:
    effects: list[int] = []
    answers: list[str | None] = []
    gate = threading.Barrier(12)

    def race(number: int) -> None:
        try:
            gate.wait(10)
            with transaction.atomic():
                held = idempotency.claim("api", "k", b"a", at=AT)
                if held is None:
                    effects.append(number)
                    idempotency.settle("api", "k", f"matter-{number}")
                answers.append(held)
        finally:
            connection.close()

    threads = [threading.Thread(target=race, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(effects) == 1
    assert answers.count(f"matter-{effects[0]}") == 11
