# ruff: noqa: E501
"""Invariant 17: a revoked right is gone at the next request: pages, API, steps and the live stream."""

import http.client
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from linli.kernel import clock
from tests.invariants.house import House

if TYPE_CHECKING:
    from tests.matters.town import Town

LIVE = """
import django; django.setup()
from linli.kernel import clock
from linli.parties.models import Person
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.auth import SESSION_KEY, BACKEND_SESSION_KEY, HASH_SESSION_KEY
bob = Person.objects.get(username="bob")
made = SessionStore()
made[SESSION_KEY], made[BACKEND_SESSION_KEY] = str(bob.pk), "allauth.account.auth_backends.AuthenticationBackend"
made[HASH_SESSION_KEY] = bob.get_session_auth_hash()
made["account_authentication_methods"] = [{"method": "mfa", "type": "totp", "at": clock.now().timestamp()}]
made["account_authentication_methods_user"] = str(bob.pk)
made.save()
print(made.session_key)
"""
END = """
import django; django.setup()
from linli.kernel import clock
from linli.parties import actions
from linli.parties.access import SYSTEM
from linli.parties.models import Post
actions.end_post(Post.objects.get(person__username="bob", valid_to=None).pk, actor=SYSTEM, at=clock.now())
"""


def _by_post(town: "Town", at: Any) -> None:
    from linli.parties import actions
    from linli.parties.access import SYSTEM

    actions.end_post(town.posts["bob"].pk, actor=SYSTEM, at=at)


def _by_person(town: "Town", at: Any) -> None:
    from linli.parties import actions
    from linli.parties.access import SYSTEM

    actions.end_person(town.people["bob"].pk, actor=SYSTEM, at=at)


def _by_area(town: "Town", at: Any) -> None:
    """The post moves to another area."""
    from linli.parties import actions
    from linli.parties.access import SYSTEM

    actions.end_post(town.posts["bob"].pk, actor=SYSTEM, at=at)
    actions.grant_post(town.people["bob"].pk, town.units["township"].pk, "dispatcher", "990103001", actor=SYSTEM, at=at)


WAYS: dict[str, Callable[["Town", Any], None]] = {"post": _by_post, "person": _by_person, "area": _by_area}


def run(town: "Town", times: int, ways: list[str]) -> list[tuple[str, str, bool, bool]]:
    """(way, address, worked before, works after) for each address and each revocation in mid-session."""
    from django.db import transaction

    from linli.matters.intake import Request, receive
    from linli.matters.models import Matter
    from tests.matters.town import GRID
    from tests.parties.people import sign_in

    got = receive(Request("路灯不亮", "page", area=GRID), at=clock.now()).items[0]
    code = Matter.objects.get(pk=got.id).code
    addresses = (f"/desk/m/{code}", f"/desk/list?q={code}", "/desk/list.xlsx", f"/api/v1/matters/{got.id}")
    seen = []
    for number in range(times):
        way = ways[number % len(ways)]
        with transaction.atomic():
            client = sign_in(Client(raise_request_exception=False), town.people["bob"])
            before = [_reads(client, address, code) for address in addresses]
            WAYS[way](town, clock.now())
            after = [_reads(client, address, code) for address in addresses]
            step = client.post(
                f"/api/v1/matters/{got.id}/steps/progress", {"form": {"note": "改"}}, content_type="application/json"
            )
            seen += [(way, *row) for row in zip(addresses, before, after, strict=True)]
            seen.append((way, "step", True, step.status_code < 400))
            transaction.set_rollback(True)
    return seen


def _reads(client: Client, address: str, code: str) -> bool:
    """Whether the address opens; for lists, whether the matter is in it."""
    from tests.invariants.test_routes import body_of

    answer = client.get(address)
    return answer.status_code == 200 and code in body_of(answer).replace(f"q={code}", "").replace(f'value="{code}"', "")


def check(seen: list[tuple[str, str, bool, bool]]) -> list[str]:
    wrong = [f"{address} did not open before ({way})" for way, address, before, _ in seen if not before]
    return wrong + [f"{address} still opens ({way})" for way, address, _, after in seen if after]


@pytest.mark.django_db
@pytest.mark.timeout(0)
def test_a_right_is_gone_at_once(town: "Town", scale: float) -> None:
    assert check(run(town, 1000 if scale == 1 else 9, list(WAYS))) == []


@pytest.mark.django_db
@pytest.mark.parametrize("defect", ["kept in the session", "ends ignored"])
def test_a_right_that_lingers_is_noticed(town: "Town", defect: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: rights read once per session; the end of a post not looked at."""
    from django.db.models import Q

    from linli.parties import access, gate

    whole = gate.viewer_for
    held: dict[Any, Any] = {}

    def once(person: Any, at: Any) -> Any:
        return held.setdefault(person.pk, whole(person, at))

    if defect == "kept in the session":
        monkeypatch.setattr(gate, "viewer_for", once)
        monkeypatch.setattr("linli.parties.models.Person.is_active", True)
    else:
        monkeypatch.setattr(access, "current_posts", lambda at: Q(valid_from__lte=at))
    assert check(run(town, 1, ["post"])) != []


@pytest.mark.django_db
def test_an_ended_token_is_refused_at_once(town: "Town", scale: float) -> None:
    from linli.parties import token_actions
    from linli.parties.access import SYSTEM

    for number in range(1000 if scale == 1 else 20):
        at = clock.now()
        token, secret = token_actions.issue_token(
            f"t{number}", ["matters:read"], actor=SYSTEM, at=at - timedelta(1), area="9901"
        )
        client = Client(headers={"authorization": f"Bearer {secret}"})
        assert client.get("/api/v1/matters").status_code == 200
        token_actions.end_token(token.pk, actor=SYSTEM, at=at)
        assert client.get("/api/v1/matters").status_code == 401


@pytest.mark.timeout(0)
def test_the_live_stream_ends_with_the_post(house: House) -> None:
    """An open stream of Bob's is closed within two seconds of the end of his post, and does not open again."""
    house.wipe()
    server = house.serve()
    house.ready(server)
    with house.settled() as own:
        own.execute(
            "UPDATE parties_post SET valid_to = NULL WHERE person_id = (SELECT id FROM parties_person WHERE username = 'bob')"
        )
    cookie = {"Cookie": f"linli_session={house.script(LIVE).split()[-1]}"}
    made = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    made.request("GET", "/live", headers=cookie)
    answer = made.getresponse()
    assert answer.status == 200
    ended = threading.Event()

    def read() -> None:
        while answer.readline():
            pass
        ended.set()

    threading.Thread(target=read, daemon=True).start()
    time.sleep(1)
    assert not ended.is_set()
    house.script(END)
    assert ended.wait(3)
    again = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    again.request("GET", "/live", headers=cookie)
    assert again.getresponse().status == 403
    server.kill()
    with house.settled() as own:
        own.execute(
            "UPDATE parties_post SET valid_to = NULL WHERE person_id = (SELECT id FROM parties_person WHERE username = 'bob')"
        )
