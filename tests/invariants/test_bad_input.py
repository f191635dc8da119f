# ruff: noqa: E501
"""Invariant 22: bad input is contained. No 5xx, nothing over two seconds, what is taken is kept whole, the rest is refused in words."""

import http.client
import json
import time
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.invariants.bad_input import Case, cases
from tests.invariants.house import House

if TYPE_CHECKING:
    from tests.matters.town import Town

SLOW = 2.0  # seconds


@dataclass
class Seen:
    """One case: the answer, and the text that was stored (None: nothing was)."""

    case: Case
    status: int
    answer: Any
    seconds: float
    kept: str | None


def essence(text: str) -> str:
    """What must survive: letters and digits of any script, in order."""
    return "".join(c for c in unicodedata.normalize("NFKC", text) if c.isalnum())


def check(seen: list[Seen]) -> list[str]:
    wrong = []
    for one in seen:
        name = one.case.name
        if one.status >= 500 or one.status == 0:
            wrong.append(f"{name}: {one.status}")
        if one.seconds > SLOW:
            wrong.append(f"{name}: {one.seconds:.1f} s")
        if 400 <= one.status < 500 and not (
            isinstance(one.answer, dict) and one.answer.get("detail") and one.answer.get("code")
        ):
            wrong.append(f"{name}: {one.status} without words: {str(one.answer)[:80]}")
        if one.status == 201 and one.kept is None:
            wrong.append(f"{name}: taken and not stored")
        if (
            one.status == 201
            and one.kept is not None
            and one.case.text is not None
            and essence(one.kept) != essence(one.case.text)
        ):
            wrong.append(f"{name}: stored {one.kept[:40]!r}")
        if one.status >= 400 and one.kept is not None:
            wrong.append(f"{name}: refused and stored")
    return wrong


def _raw(case: Case) -> bytes:
    return case.body if isinstance(case.body, bytes) else json.dumps(case.body).encode()


def through_the_door(house: House, given: list[Case]) -> list[Seen]:
    """Over HTTP, to the real server."""
    house.wipe()
    server = house.serve()
    house.ready(server)
    seen = []
    with house.settled() as own:
        there = 0
        for case in given:
            began = time.monotonic()
            status, answer = _post(server.port, case)
            took = time.monotonic() - began
            before, (there,) = there, own.execute("SELECT count(*) FROM matters_matter").fetchone() or (0,)
            row = own.execute("SELECT text FROM matters_statement ORDER BY matter_id DESC LIMIT 1").fetchone()
            seen.append(Seen(case, status, answer, took, row[0] if row and there > before else None))
    server.kill()
    return seen


def _post(port: int, case: Case) -> tuple[int, Any]:
    made = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    headers = {"Content-Type": "application/json", **case.headers}
    try:
        made.request("POST", "/api/v1/matters", _raw(case), {k: v.encode("latin-1") for k, v in headers.items()})  # type: ignore[misc]
        answer = made.getresponse()
        raw = answer.read()
    except ValueError:
        return 400, {"code": "client", "detail": "the client itself does not send this"}
    finally:
        made.close()
    try:
        return answer.status, json.loads(raw)
    except ValueError:
        return answer.status, raw


def through_django(given: list[Case]) -> list[Seen]:
    """The same operation of the REST interface, as served without the native door."""
    from django.core.cache import cache
    from django.db import transaction
    from django.test import Client

    from linli.matters.models import Matter, Statement

    client = Client(raise_request_exception=False)
    client.post("/api/v1/read", {"text": "路灯"}, content_type="application/json")  # reference data is loaded once
    seen = []
    for case in given:
        headers = dict(case.headers)
        kind = headers.pop("Content-Type", "application/json")
        with transaction.atomic():
            cache.clear()
            began = time.monotonic()
            answer = client.generic("POST", "/api/v1/matters", _raw(case), content_type=kind, headers=headers)
            took = time.monotonic() - began
            stored = Statement.objects.order_by("-matter_id").first() if Matter.objects.exists() else None
            said = answer.json() if "json" in answer.get("Content-Type", "") else answer.content
            seen.append(Seen(case, answer.status_code, said, took, stored.text if stored else None))
            transaction.set_rollback(True)
    return seen


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is slowed down by address here."""
    monkeypatch.setattr("linli.channels.rest.matters._slow_down", lambda request: None)


@pytest.mark.timeout(0)
def test_the_door_contains_everything(house: House) -> None:
    given = cases()
    assert len(given) >= 300
    assert check(through_the_door(house, given)) == []


@pytest.mark.django_db
@pytest.mark.timeout(0)
def test_the_rest_interface_contains_everything(town: "Town", unhurried: None) -> None:
    assert check(through_django(cases())) == []


@pytest.mark.parametrize("defect", ["loses", "fails", "mute"])
def test_a_leak_is_noticed(town: "Town", unhurried: None, defect: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: emoji and rare characters are thrown away; some input raises; a refusal without words."""
    from linli.matters import reference

    whole = reference.read

    def loses(text: str, **more: Any) -> Any:
        return whole(text.encode("gbk", "ignore").decode("gbk"), **more)

    def fails(text: str, **more: Any) -> Any:
        return 1 // 0 if "🔥" in text else whole(text, **more)

    if defect == "mute":
        monkeypatch.setattr("linli.channels.rest.api.problem", lambda refusal, language: {})
    else:
        monkeypatch.setattr(reference, "read", loses if defect == "loses" else fails)
    some = [
        case
        for case in cases()
        if case.name in ("text emoji", "text rare names", "text tibetan", "body list", "text empty")
    ]
    assert check(through_django(some)) != []
