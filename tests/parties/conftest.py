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
