"""Fixtures of the matters' tests; models are imported late, after Django is set up."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.matters.town import Town


@pytest.fixture
def town(db: None) -> "Iterator[Town]":
    """The small town with its people."""
    from linli.matters import reference
    from tests.matters.town import build_town

    yield build_town()
    reference.forget()


@pytest.fixture
def say(town: "Town") -> Callable[..., Any]:
    """Say a sentence in the first grid; the one matter that comes of it."""
    from linli.matters.intake import Request, receive
    from tests.matters.town import GRID, T0

    def said(text: str = "柳荫社区第一网格路灯不亮", **extra: Any) -> Any:
        extra.setdefault("area", GRID)
        at = extra.pop("at", T0)
        return receive(Request(text, "page", **extra), at=at).items[0]

    return said
