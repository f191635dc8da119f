"""Planted defects: each must be caught by the test that watches over it (safeguard 25)."""

from typing import Any

import pytest

from tests.channels import test_open311, test_rest


def test_a_list_that_forgets_whose_it_is_is_caught(
    town: Any, say: Any, token: Any, call: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from linli.matters import queries
    from linli.matters.models import Matter

    monkeypatch.setattr(queries, "visible_to", lambda viewer: Matter.objects.all())
    with pytest.raises(AssertionError):
        test_rest.test_a_token_reads_its_area_only(town, say, token, call)


def test_a_private_code_told_to_staff_is_caught(
    town: Any, say: Any, token: Any, call: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from linli.channels.rest import listing
    from linli.matters.tracking import tracking_code

    row = listing.row
    monkeypatch.setattr(listing, "row", lambda got, *rest: row(got, *rest) | {"t": tracking_code(got["id"])})
    with pytest.raises(AssertionError):
        test_rest.test_no_private_code_is_told_to_staff(town, say, token, call)


def test_an_unsigned_cursor_is_caught(
    town: Any, say: Any, token: Any, call: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from linli.channels.rest import listing

    monkeypatch.setattr(listing.hmac, "compare_digest", lambda a, b: True)
    with pytest.raises(AssertionError):
        test_rest.test_pages_follow_each_other_and_cursors_cannot_be_bent(town, say, token, call)


def test_words_that_leak_to_the_public_are_caught(
    town: Any, client: Any, token: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from linli.channels.open311 import shapes
    from linli.matters.models import Statement

    told = shapes.request
    leak = lambda got, *rest: told(got, *rest) | {"description": Statement.objects.get().text}  # noqa: E731
    monkeypatch.setattr(shapes, "request", leak)
    post = test_open311.post.__wrapped__(client, token("matters:create"))
    with pytest.raises(AssertionError):
        test_open311.test_nobodys_words_are_public(town, client, post)


def test_a_route_without_a_scope_is_caught(town: Any, client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(test_rest, "SCOPED", test_rest.SCOPED[1:])
    with pytest.raises(AssertionError):
        test_rest.test_every_route_of_the_document_is_in_the_matrix(client)
