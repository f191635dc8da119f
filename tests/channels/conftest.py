"""Fixtures of the doors' tests; models are imported late, after Django is set up."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.matters.town import Town


@pytest.fixture
def town(db: None) -> "Iterator[Town]":
    """The small town with its people."""
    from django.core.cache import cache

    from linli.matters import reference
    from tests.matters.town import build_town

    cache.clear()
    yield build_town()
    reference.forget()


@pytest.fixture
def say(town: "Town") -> Callable[..., Any]:
    """Say a sentence in the first grid; the one matter that comes of it."""
    from linli.kernel import clock
    from linli.matters.intake import Request, receive
    from tests.matters.town import GRID

    def said(text: str = "柳荫社区第一网格路灯不亮", **extra: Any) -> Any:
        extra.setdefault("area", GRID)
        at = extra.pop("at", None) or clock.now()
        return receive(Request(text, "page", **extra), at=at).items[0]

    return said


@pytest.fixture
def token(town: "Town") -> Callable[..., str]:
    """Issue a token; its secret."""
    from linli.kernel import clock
    from linli.parties.access import SYSTEM
    from linli.parties.token_actions import issue_token
    from tests.matters.town import CITY

    def issued(*scopes: str, area: str = CITY, unit: Any = None, name: str = "t") -> str:
        return issue_token(name, scopes, actor=SYSTEM, at=clock.now(), area=area, unit=unit)[1]

    return issued


@pytest.fixture
def call(client: Any) -> Callable[..., Any]:
    """Call the API with a token: ``call("GET", "matters", secret, body)``."""

    def called(method: str, path: str, secret: str = "", body: Any = None, **headers: str) -> Any:
        given = {"Authorization": f"Bearer {secret}"} if secret else {}
        extra = {"data": body, "content_type": "application/json"} if body is not None else {}
        return getattr(client, method.lower())(f"/api/v1/{path}", headers=given | headers, **extra)

    return called
