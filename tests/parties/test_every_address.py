"""The second factor stands before every address of the house: taken from the URL table, so that new pages are in it."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from linli.parties.gate import SETUP
from linli.parties.middleware import BEFORE_SECOND_FACTOR
from tests.parties.people import Town, person, post

pytestmark = pytest.mark.django_db
_SAMPLES = {"int": "1", "uuid": "0190a000-0000-7000-8000-000000000000", "str": "x", "slug": "x", "path": "x"}


def addresses(patterns: list[URLPattern | URLResolver], before: str = "/") -> Iterator[tuple[str, str | None]]:
    for each in patterns:
        route = before + re.sub(
            r"<(?:(\w+):)?\w+>", lambda m: _SAMPLES.get(m[1] or "str", "x"), str(each.pattern).lstrip("^/")
        )
        if isinstance(each, URLResolver):
            yield from addresses(each.url_patterns, route)
        else:
            yield route, each.name


def test_a_password_alone_opens_no_address(town: Town) -> None:
    held = person("half")
    post(held, town.county, "operator")
    client = Client(raise_request_exception=False)
    client.force_login(held, backend="allauth.account.auth_backends.AuthenticationBackend")
    listed = list(addresses(get_resolver().url_patterns))
    assert len(listed) > 30
    opened = []
    for address, name in listed:
        if name in BEFORE_SECOND_FACTOR:
            continue
        for answer in (client.get(address), client.post(address)):
            leads = answer.status_code == 302 and answer["Location"] == "/accounts/2fa/"
            if address.startswith("/api/"):  # programs are told in their own format
                leads = answer.status_code == 401 and answer["Content-Type"] == "application/problem+json"
            if not leads and answer.status_code != 404:
                opened.append((address, answer.status_code))
    assert opened == []


def test_the_exceptions_are_few_and_known() -> None:
    assert {SETUP, "account_logout"} < BEFORE_SECOND_FACTOR
    assert len(BEFORE_SECOND_FACTOR) == 8
    names = {name for _, name in addresses(get_resolver().url_patterns)}
    assert names >= BEFORE_SECOND_FACTOR
