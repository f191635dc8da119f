"""Fixtures of the pages' tests: the small town of the matters' tests, and a client."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.matters.town import Town


@pytest.fixture(autouse=True, scope="session")
def _compiled() -> None:
    """English needs compiled catalogues."""
    from linli.site.messages import compile_all

    compile_all()


@pytest.fixture
def town(db: None) -> "Iterator[Town]":
    """The small town with its people."""
    from django.core.cache import cache

    from linli.matters import reference
    from tests.matters.town import build_town

    cache.clear()
    yield build_town()
    reference.forget()
