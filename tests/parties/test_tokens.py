"""Tokens at the door: one query, by digest, gone when ended; the book in memory follows the stamp."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from linli.parties import token_actions
from linli.parties.access import SYSTEM
from linli.parties.tokens import TokenBook, viewer_for_token
from tests.parties.people import AT, Town

pytestmark = pytest.mark.django_db


def issue(name: str = "t", area: str = "511102") -> tuple[str, object]:
    token, secret = token_actions.issue_token(name, ["matters:read"], actor=SYSTEM, at=AT, area=area)
    return secret, token.id


def test_a_token_is_known_with_one_query(town: Town) -> None:
    secret, ident = issue("热线")
    with CaptureQueriesContext(connection) as asked:
        viewer = viewer_for_token(secret, AT)
    assert len(asked) == 1
    assert viewer is not None
    assert (viewer.kind, viewer.id, viewer.name, viewer.area) == ("token", str(ident), "热线", "511102")
    assert viewer.scopes == {"matters:read"}
    assert viewer.posts == ()
    assert viewer.actor_id == f"token:{ident}"


@pytest.mark.parametrize(
    "change",
    [str.lower, lambda s: s[:-1], lambda s: s + "x", lambda s: s[6:], lambda s: "\ud800", lambda s: "\x00" + s],
)
def test_other_secrets_are_nobody(town: Town, change: object) -> None:
    secret, _ = issue()
    assert callable(change)
    assert viewer_for_token(change(secret), AT) is None
    assert viewer_for_token("linli_" + "\ud800" * 20, AT) is None
    assert viewer_for_token("linli_" + "x" * 100_000, AT) is None


def test_an_ended_token_is_gone_at_the_next_request(town: Town) -> None:
    secret, ident = issue()
    assert token_actions.end_token(ident, actor=SYSTEM, at=AT)  # type: ignore[arg-type]
    assert not token_actions.end_token(ident, actor=SYSTEM, at=AT)  # type: ignore[arg-type]
    assert viewer_for_token(secret, AT) is None
    assert viewer_for_token(secret, AT - timedelta(seconds=1)) is not None


def test_the_book_follows_the_stamp(town: Town) -> None:
    book = TokenBook()
    secret, ident = issue()
    assert book.viewer(secret) is None
    assert book.refresh(AT)
    assert not book.refresh(AT)
    with CaptureQueriesContext(connection) as asked:
        assert book.viewer(secret) == viewer_for_token(secret, AT)
        assert book.viewer(secret + "x") is None
    assert len(asked) == 1
    token_actions.end_token(ident, actor=SYSTEM, at=AT)  # type: ignore[arg-type]
    assert book.refresh(AT)
    assert book.viewer(secret) is None
    assert len(book) == 0
