"""Fixtures of the parties' tests; models are imported late, after Django is set up."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.parties.people import Town


@pytest.fixture
def town(db: None) -> "Town":
    """A small city of people."""
    from tests.parties.people import make_town

    return make_town()


@pytest.fixture(autouse=True)
def _cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same hasher with less memory: these tests make hundreds of hashes."""
    from django.contrib.auth.hashers import Argon2PasswordHasher

    monkeypatch.setattr(Argon2PasswordHasher, "memory_cost", 64)
    monkeypatch.setattr(Argon2PasswordHasher, "time_cost", 1)
