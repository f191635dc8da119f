"""Fixtures of the invariants: the small town, committed (so that other connections and processes see it)."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.invariants.house import House
    from tests.matters.town import Town


@pytest.fixture
def town(transactional_db: None) -> "Iterator[Town]":
    """The small town with its people, in committed rows."""
    from linli.matters import reference
    from tests.matters.town import build_town

    yield build_town()
    reference.forget()


@pytest.fixture(scope="session")
def house() -> "Iterator[House]":
    """Linli as real processes on a durable database of its own; made once for all tests that kill."""
    from tests.invariants.house import House

    with House.prepared() as made:
        yield made


@pytest.fixture(autouse=True)
def _cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same hasher with less memory: these tests repeat everything."""
    from django.contrib.auth.hashers import Argon2PasswordHasher

    monkeypatch.setattr(Argon2PasswordHasher, "memory_cost", 64)
    monkeypatch.setattr(Argon2PasswordHasher, "time_cost", 1)
