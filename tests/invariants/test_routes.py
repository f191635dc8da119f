# ruff: noqa: E501
"""Invariant 14: nobody reads what is not theirs. Every address × viewer, from the URL table and ``routes.toml``.

A matter is planted whose words, contact and codes are canaries. Whoever may not read it must meet none of them, at any address,
in any form (pages, lists, searches, exports, files, histories, errors), and must not even see a count move.
"""

import difflib
import io
import re
import tomllib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.invariants.harness import contents

if TYPE_CHECKING:
    from tests.matters.town import Town

TABLE = Path(__file__).with_name("routes.toml")
STAFF = {"operator", "dispatcher", "centre_lead", "grid_worker", "officer", "unit_lead"}
GROUPS = {"staff": STAFF, "desk": STAFF - {"grid_worker"}, "centre": {"operator", "dispatcher", "centre_lead"}}
WORDS = ("金丝雀甲", "金丝雀乙", "13987654321", "金丝雀巷九号", "canary@example.org", "金丝雀备注")
SEARCHES = (
    "?q=金丝雀",
    "?q=13987654321",
    "?code={code}",
    "?service_request_id={code}",
    "?search=金丝雀",
    "?stage=working&page=1",
)
READERS = ("alice", "vera", "bob", "carl", "dora")  # by the town's posts: the holder, and the centres above the grid
MEMBERS = {
    "alice": "grid_worker", "amy": "grid_worker", "vera": "dispatcher", "bob": "dispatcher", "carl": "dispatcher", "dora": "dispatcher",
    "olga": "officer", "oscar": "unit_lead", "sys": "system_admin", "sec": "security_admin", "aud": "audit_admin",
    "otto": "centre_lead", "ulla": "operator", "charlie": "",
}  # fmt: skip


def table() -> dict[str, dict[str, Any]]:
    return tomllib.loads(TABLE.read_text("utf-8"))


def routes(patterns: "list[URLPattern | URLResolver]", before: str = "") -> Iterator[tuple[str, str]]:
    """(name, pattern) of every address."""
    for each in patterns:
        if isinstance(each, URLResolver):
            yield from routes(each.url_patterns, before + str(each.pattern))
        else:
            yield each.name or "", before + str(each.pattern)


def test_every_route_is_listed() -> None:
    listed = table()
    there = list(routes(get_resolver().url_patterns))
    missing = [f"{name or '(without a name!)'}: /{pattern}" for name, pattern in there if name not in listed]
    assert missing == [], f"add these addresses to {TABLE.name}, with who may open them and what they show"
    assert sorted(set(listed) - {name for name, _ in there}) == [], (
        f"these lines of {TABLE.name} have no address any more"
    )


def test_a_new_route_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: an address that nobody listed."""
    from django.http import HttpResponse
    from django.urls import path

    resolver = get_resolver()
    monkeypatch.setattr(
        resolver, "url_patterns", [*resolver.url_patterns, path("new/page", lambda r: HttpResponse(), name="new-page")]
    )
    with pytest.raises(AssertionError, match="new/page"):
        test_every_route_is_listed()


@dataclass
class City:
    """The town with more people, and one client for each."""

    town: "Town"
    clients: dict[str, Client]
    ids: dict[str, str]
    secrets: tuple[str, ...] = ()

    def path(self, row: dict[str, Any]) -> str:
        return str(row["path"]).format(**self.ids)


@pytest.fixture
def city(town: "Town") -> City:
    """Everybody signed in: besides the town's people a neighbour county's lead and operator, and the other administrators."""
    from linli.kernel import stamps
    from linli.matters import reference
    from linli.parties import token_actions
    from linli.parties.access import SYSTEM
    from linli.parties.models import Person, Post, Unit
    from tests.matters.town import CITY, GRID, T0
    from tests.parties.people import sign_in

    far = Unit.objects.create(name="邻县综治中心", kind="centre", area="990103", level="county")
    for name, role, unit, area in (
        ("sec", "security_admin", town.units["city"], CITY), ("aud", "audit_admin", town.units["city"], CITY),
        ("otto", "centre_lead", far, "990103"), ("ulla", "operator", far, "990103"),
    ):  # fmt: skip
        town.people[name] = Person.objects.create(username=name, name=name.title(), created_at=T0)
        town.posts[name] = Post.objects.create(person=town.people[name], unit=unit, role=role, area=area, valid_from=T0)
    stamps.bump("parties")
    reference.forget()
    clients = {name: sign_in(Client(raise_request_exception=False), town.people[name]) for name in MEMBERS}
    clients["anonymous"] = Client(raise_request_exception=False)
    for name, area in (("token there", GRID[:9]), ("token elsewhere", "990103")):
        scopes = ["matters:create", "matters:read", "matters:step", "reference:read", "indicators:read"]
        _, secret = token_actions.issue_token(name, scopes, actor=SYSTEM, at=T0, area=area)
        clients[name] = Client(raise_request_exception=False, headers={"authorization": f"Bearer {secret}"})
    ids = {"unit": str(far.pk), "person": str(town.people["charlie"].pk), "area": GRID}
    absent = {
        "code": "990102001-20200101-0001",
        "tracking": "ABCDEFGHJKLM",
        "id": "0190a000-0000-7000-8000-000000000000",
    }
    return City(town, clients, ids | absent | {"sha256": "e" * 64})


def plant(city: City) -> None:
    """The canary: claimed by Alice, with a remark and a photo."""
    from linli.kernel import clock
    from linli.matters import actions, media
    from linli.matters.intake import Request, receive
    from linli.matters.models import Matter
    from tests.matters.town import GRID

    said = Request(
        "金丝雀甲家门口路灯不亮", "page", area=GRID, contact_name="金丝雀乙", contact_phone="13987654321",
        contact_email="canary@example.org", address="金丝雀巷九号",
    )  # fmt: skip
    got = receive(said, at=clock.now()).items[0]
    other = receive(said, at=clock.now()).items[0]  # stays in hand, for lists of what is open
    file = media.store(_png())
    alice = city.town.viewer("alice", clock.now())
    for each in (got, other):
        actions.take(each.id, "claim", viewer=alice, form={"note": "金丝雀备注"}, at=clock.now())
    actions.take(got.id, "complete", viewer=alice, form={"note": "金丝雀备注"}, files=[file], at=clock.now())
    matter = Matter.objects.get(pk=got.id)
    city.ids |= {"code": matter.code, "tracking": got.tracking, "id": str(got.id), "sha256": file.sha256}
    city.secrets = (*WORDS, got.tracking, matter.code, str(got.id), file.sha256)


def _png() -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (8, 8), (200, 30, 77)).save(out, "PNG")
    return out.getvalue()


def body_of(answer: Any) -> str:
    """Everything an answer says, workbooks unpacked, headers included."""
    raw = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if raw[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(raw)) as book:
            raw = b"\n".join(book.read(name) for name in book.namelist() if name.endswith((".xml", ".rels")))
    return raw.decode("utf-8", "replace") + "\n".join(f"{k}: {v}" for k, v in answer.headers.items())


def asked(path: str, body: str, secrets: tuple[str, ...]) -> list[str]:
    """Canaries in *body* that the caller did not send themselves."""
    return [one for one in secrets if one in body and one not in path]


def may_open(row: dict[str, Any], who: str) -> bool:
    """Whether the table lets *who* open the address (what they see there is another matter)."""
    wanted = row["who"]
    if wanted in ("everybody", "code"):
        return True
    if wanted == "token":
        return who.startswith("token") or bool(MEMBERS.get(who))
    if wanted == "signed in":
        return who in MEMBERS
    roles = set(wanted) if isinstance(wanted, list) else GROUPS[wanted]
    return MEMBERS.get(who, "") in roles


def strangers(scale: float) -> list[str]:
    """In the short run without those who hold the like of another's post."""
    twins = () if scale == 1 else ("ulla", "oscar", "sec")
    return [*(name for name in MEMBERS if name not in READERS and name not in twins), "anonymous", "token elsewhere"]


def run(
    city: City, who: list[str], rows: dict[str, dict[str, Any]], searches: int = 2
) -> Iterator[tuple[str, str, str, int, str]]:
    """Everybody of *who* opens everything: (viewer, route, path, status, body), with searches where there are lists."""
    for name in who:
        for route, row in rows.items():
            if route in ("account_logout", "demo_sign_in", "set_language"):
                continue  # they would end or change the sessions of this test
            paths = [city.path(row)]
            if row["shows"] in ("matters", "outline") and "{" not in row["path"]:
                paths += [paths[0] + search.format(**city.ids) for search in SEARCHES[:searches]]
            for path in paths:
                answer = city.clients[name].get(path)
                yield name, route, path, answer.status_code, body_of(answer)


def check(city: City, seen: Iterator[tuple[str, str, str, int, str]], rows: dict[str, dict[str, Any]]) -> list[str]:
    """Canaries where none may be, doors that should be closed, and errors."""
    wrong = []
    for who, route, path, status, body in seen:
        row = rows[route]
        if status >= 500:
            wrong.append(f"{who} {path}: {status}")
        if not may_open(row, who) and status == 200:
            wrong.append(f"{who} may not open {path} ({route})")
        if row["who"] == "code":
            continue  # whoever has the private code may: checked by itself below
        allowed = (city.ids["code"], city.ids["id"]) if row["shows"] == "outline" else ()
        wrong += [f"{who} reads {one} at {path}" for one in asked(path, body, city.secrets) if one not in allowed]
    return wrong


@pytest.mark.timeout(300)
def test_strangers_read_nothing(city: City, scale: float) -> None:
    plant(city)
    rows = table()
    assert check(city, run(city, strangers(scale), rows, 2 if scale < 1 else len(SEARCHES)), rows) == []


def test_readers_do_read(city: City) -> None:
    """The same addresses show it to those who may: the test above is not empty."""
    plant(city)
    rows = {name: row for name, row in table().items() if row["shows"] == "matters"}
    shown = {
        (who, route) for who, route, path, status, body in run(city, ["alice", "bob", "token there"], rows)
        if status == 200 and asked(path, body, ("金丝雀甲", "金丝雀备注", city.ids["code"]))
    }  # fmt: skip
    assert {("alice", "field-task"), ("bob", "desk-matter"), ("bob", "desk-list"), ("bob", "desk-export"), ("token there", "api-one_matter"),
            ("token there", "api-list_matters"), ("alice", "field"), ("bob", "desk")} <= shown  # fmt: skip
    assert city.clients["bob"].get(city.path({"path": "/files/{code}/{sha256}"})).status_code == 200


_CHANGING = (
    re.compile(r'name="csrfmiddlewaretoken" value="[^"]+"'), re.compile(r'(hx-headers|data-csrf|content)=["\'][^"\']*[A-Za-z0-9]{64}[^"\']*["\']'),
    re.compile(r"\d{1,2}:\d\d(:\d\d)?"), re.compile(r"\d{4}-\d\d-\d\d[T ][\d:.+Z]+"), re.compile(r"(?m)^(ETag|Expires|Date|Content-Length|Set-Cookie): .*$"),
    re.compile(r"[A-Za-z0-9]{64}|[0-9a-f]{32}"), re.compile(r"process_\w+ .*|python_\w+.*|linli_\w+.*"),
)  # fmt: skip


def _plain(body: str) -> str:
    for pattern in _CHANGING:
        body = pattern.sub("", body)
    return body


def _first_difference(one: str, other: str) -> str:
    return "\n".join(list(difflib.unified_diff(one.splitlines(), other.splitlines(), lineterm="", n=0))[:12])


@pytest.mark.timeout(300)
def test_strangers_see_no_count_move(city: City) -> None:
    """Lists, boards, maps and exports of strangers are the same before and after."""
    rows = {n: r for n, r in table().items() if r["shows"] == "matters" and r["who"] != "code" and "{" not in r["path"]}
    who = ["otto", "amy", "olga", "token elsewhere"]
    before = {(w, p): (s, _plain(b)) for w, _, p, s, b in run(city, who, rows)}
    plant(city)
    searched = city.ids["code"]
    city.ids["code"] = "990102001-20200101-0001"
    after = {(w, p): (s, _plain(b)) for w, _, p, s, b in run(city, who, rows)}
    assert searched
    moved = [key for key, value in after.items() if before.get(key) != value]
    assert moved == [], _first_difference(before[moved[0]][1], after[moved[0]][1])


@pytest.mark.timeout(300)
def test_strangers_change_nothing(city: City, scale: float) -> None:
    """Posting to every address, as a stranger, leaves matters, people and places as they are."""
    plant(city)
    rows = table()
    elsewhere = {
        "kernel_idempotency",
        "audit_entry",
        "django_session",
        "kernel_cache",
        "mfa_authenticator",
        "matters_savedfilter",
    }
    before = contents(elsewhere)
    form = {
        "note": "改",
        "reason": "改",
        "post": str(city.town.posts["amy"].pk),
        "category": "urban",
        "name": "改",
        "text": "",
        "q": "改",
    }
    wrong = []
    for who in strangers(scale):
        role = MEMBERS.get(who, "")
        for route, row in rows.items():
            if (
                route.startswith(("account", "demo", "mfa", "set_"))
                or row["who"] == "code"
                or (row["shows"] == "accounts" and may_open(row, who))
            ):
                continue
            kinds = [form] if not who.startswith("token") else []
            for given in kinds:
                answer = city.clients[who].post(city.path(row), given)
                if answer.status_code >= 500:
                    wrong.append(f"{who} ({role}) posts {route}: {answer.status_code}")
            if route.startswith("api"):
                answer = city.clients[who].post(
                    city.path(row), {"form": {"note": "改"}, "note": "改"}, content_type="application/json"
                )
                if answer.status_code >= 500:
                    wrong.append(f"{who} posts JSON to {route}: {answer.status_code}")
    assert wrong == []
    after = contents(elsewhere)
    assert sorted(t for t in before if before[t] != after[t]) == []


def test_another_code_opens_nothing(city: City) -> None:
    """The private code opens its own matter; a wrong one, and the public number, open none."""
    plant(city)
    good = city.ids["tracking"]
    rows = {name: row for name, row in table().items() if row["who"] == "code"}
    client = city.clients["anonymous"]
    assert "金丝雀甲" in body_of(client.get(f"/t/{good}"))
    for wrong in (good[:-1] + ("2" if good[-1] != "2" else "3"), city.ids["code"], city.ids["id"]):
        for row in rows.values():
            path = row["path"].format(**city.ids | {"tracking": wrong})
            answer = client.get(path)
            assert answer.status_code != 200, path
            assert asked(path, body_of(answer), city.secrets) == [], path


@pytest.mark.parametrize("defect", ["all", "error"])
def test_an_open_door_is_noticed(city: City, defect: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: a visibility that lets everybody see everything; an error that repeats what it hides."""
    from linli.core.refusals import Refused
    from linli.matters import queries
    from linli.matters.models import Matter

    plant(city)
    if defect == "all":
        monkeypatch.setattr(queries, "visible_to", lambda viewer: Matter.objects.all())
    else:

        def loud(viewer: Any) -> Any:
            raise Refused("merge_closed", code="金丝雀甲")

        monkeypatch.setattr(queries, "visible_to", loud)
    rows = {n: r for n, r in table().items() if n in ("desk-list", "desk-matter", "api-list_matters", "api-one_matter")}
    assert check(city, run(city, ["otto", "olga", "token elsewhere"], rows), rows) != []
