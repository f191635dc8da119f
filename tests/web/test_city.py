"""The city page: every figure leads to its matters, for those whose area it is."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from linli.kernel import clock
from tests.web.test_admin import enter, now, office, say

if TYPE_CHECKING:
    from tests.matters.town import Town

__all__ = ["now", "office"]
pytestmark = pytest.mark.django_db


def test_who_may_look(office: "Town") -> None:
    for who, status in (
        ("lead", 200),
        ("dora", 200),
        ("vera", 200),
        ("alice", 403),
        ("sys", 403),
        ("sec", 403),
        ("olga", 403),
    ):
        assert enter(office, who).get("/city").status_code == status, who
    assert Client().get("/city").status_code == 302
    vera = enter(office, "vera")
    assert vera.get("/city", {"area": "9901"}).status_code == 404
    assert vera.get("/city", {"area": "990102001001001"}).status_code == 200
    assert vera.get("/city.xlsx", {"area": "9901"}).status_code == 404


def test_figures_match_their_lists(office: "Town") -> None:
    from linli.matters import actions

    at = clock.now() - timedelta(minutes=20)
    late, quick = say(at=at), say("柳荫社区第一网格垃圾没人清运", at=at)
    actions.take(quick.id, "claim", viewer=office.viewer("alice"), at=at + timedelta(minutes=2))
    client = enter(office, "lead")
    context = client.get("/city").context
    response = context["figures"][0]
    assert (response.result.numerator, response.result.denominator) == (1, 2)
    assert context["open"] == 2
    for part, expected in (("reached", {quick.id}), ("missed", {late.id}), ("counted", {late.id, quick.id})):
        page = client.get(response.ways[part])
        assert {card.matter.pk for card in page.context["cards"]} == expected
        assert client.get(response.ways[part] + "&xlsx").content[:2] == b"PK"
    assert late.id in [card.matter.pk for card in context["reds"]]
    html = client.get("/city").content.decode()
    assert "ll-place-red" in html
    assert response.result.indicator.formula.zh in html
    assert client.get("/city.xlsx").content[:2] == b"PK"


def test_odd_addresses_are_no_errors(office: "Town") -> None:
    client = enter(office, "lead")
    for query in (
        {"area": "x"},
        {"days": "999999999999999999999"},
        {"days": "-1"},
        {"area": "9901\x00"},
        {"days": "१"},
    ):
        assert client.get("/city", query).status_code == 200
    assert client.get("/city/behind/response/none").status_code == 404
    assert client.get("/city/behind/nothing/counted").status_code == 404
    assert client.get("/city/behind/response/counted", {"after": "x" * 50}).status_code == 200


def test_a_trend_leaves_gaps() -> None:
    from linli.web.city.drawing import trend

    drawn = trend([None, 0.5, 1.0, None, 0.0, None])
    assert len(drawn.lines) == 1
    assert drawn.dots == ((109.6, 32.0),)
    assert drawn.last == (109.6, 32.0)
    assert trend([None, None]).last is None


def test_no_formula_reaches_a_spreadsheet() -> None:
    from linli.web.city.excel import safe

    for text in ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1"):
        assert safe(text).startswith("'")
    assert safe("桥头") == "桥头"
