"""Signing in, page by page: password, second factor, lock-out, fixation, enumeration, and rights that end."""

import re
import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.cache import cache, caches
from django.core.management import call_command
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path

from linli.audit.models import Entry
from linli.kernel import clock
from linli.parties import actions, demo
from linli.parties.access import SYSTEM
from linli.parties.gate import staff, viewer_of
from linli.parties.models import Person, Post
from tests.parties.people import Town, person, post, sign_in

PASSWORD = "蓝色的自行车-4917"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@staff()
def any_post(request: HttpRequest) -> HttpResponse:
    return HttpResponse(viewer_of(request).name)


@staff(roles=["operator"])
def operators(request: HttpRequest) -> HttpResponse:
    return HttpResponse("desk")


def public(request: HttpRequest) -> HttpResponse:
    return HttpResponse(viewer_of(request).kind)


urlpatterns = [
    path("work", any_post),
    path("operators", operators),
    path("public", public),
    path("", include("linli.site.urls")),
]
pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    cache.clear()


@pytest.fixture
def li(town: Town) -> Person:
    held = person("li.si", name="李四")
    held.set_password(PASSWORD)
    held.save()
    post(held, town.county, "operator")
    return held


@pytest.fixture
def guarded(li: Person) -> Person:
    """李四 with an authenticator app."""
    TOTP.activate(li, SECRET)
    return li


def code(secret: str = SECRET) -> str:
    counter = next(iter(yield_hotp_counters_from_time()))
    return str(format_hotp_value(hotp_value(secret, counter)))


def give_password(client: Client, username: str = "li.si", password: str = PASSWORD, **extra: str) -> HttpResponse:
    return client.post("/accounts/login/", {"login": username, "password": password, **extra})  # type: ignore[return-value]


def signed_in(client: Client) -> Client:
    give_password(client)
    answer = client.post("/accounts/2fa/authenticate/", {"code": code()})
    assert answer.status_code == 302, answer.content.decode()
    return client


def without_csrf(answer: HttpResponse) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"|data-now="[^"]+"', "", answer.content.decode())


def test_password_and_code_open_the_page_that_was_asked_for(guarded: Person, client: Client) -> None:
    asked = client.get("/work?a=1")
    assert asked.status_code == 302
    target = urlsplit(asked["Location"])
    assert target.path == "/accounts/login/"
    assert parse_qs(target.query) == {"next": ["/work?a=1"]}
    assert "登录名" in client.get(asked["Location"]).content.decode()
    first = client.post(asked["Location"], {"login": " Li.Si ", "password": PASSWORD, "next": "/work?a=1"})
    assert first["Location"].startswith("/accounts/2fa/authenticate/")
    assert client.get("/work").status_code == 302
    assert "验证码" in client.get(first["Location"]).content.decode()
    second = client.post("/accounts/2fa/authenticate/", {"code": code()})
    assert second["Location"] == "/work?a=1"
    assert client.get("/work").content.decode() == "李四"
    assert [line.verb for line in Entry.objects.order_by("id")] == ["sign_in"]


def test_without_a_second_factor_nothing_opens_but_its_setting_up(li: Person, client: Client) -> None:
    answer = give_password(client)
    assert answer.status_code == 302
    for address in ("/work", "/operators", "/public", "/", "/accounts/start/", "/accounts/password/"):
        asked = client.get(address)
        assert (asked.status_code, asked["Location"]) == (302, "/accounts/2fa/"), address
    refused = client.get("/work", headers={"HX-Request": "true"})
    assert (refused.status_code, refused["HX-Redirect"]) == (403, "/accounts/2fa/")
    page = client.get("/accounts/2fa/").content.decode()
    assert "请先设置第二重验证" in page
    assert "李四" not in page  # nobody, until both factors are passed


def test_setting_up_an_authenticator_opens_the_house(li: Person, client: Client) -> None:
    give_password(client)
    page = client.get("/accounts/2fa/totp/activate/").content.decode()
    secret = re.search(r'id="authenticator_secret">([A-Z2-7]+)<', page)
    assert secret is not None
    before = client.session.session_key
    assert "验证码不对" in client.post("/accounts/2fa/totp/activate/", {"code": "000000"}).content.decode()
    done = client.post("/accounts/2fa/totp/activate/", {"code": code(secret[1])})
    assert done.status_code == 302
    assert client.session.session_key != before
    codes = client.get(done["Location"]).content.decode()
    assert len(re.findall(r"^\w{8}$|>(\w{8})$", codes, re.M)) == 10
    assert client.get("/work").status_code == 200
    stored = str(Authenticator.objects.values_list("data", flat=True)[0])
    assert secret[1] not in stored


def test_a_recovery_code_opens_once(guarded: Person, client: Client) -> None:
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

    spare = RecoveryCodes.activate(guarded).get_unused_codes()[0]
    give_password(client)
    assert client.post("/accounts/2fa/authenticate/", {"code": spare}).status_code == 302
    assert client.get("/work").status_code == 200
    other = Client()
    give_password(other)
    assert other.post("/accounts/2fa/authenticate/", {"code": spare}).status_code == 200
    assert other.get("/work").status_code == 302


def test_a_code_works_once(guarded: Person, client: Client) -> None:
    used = code()
    signed_in(client)
    other = Client()
    give_password(other)
    assert other.post("/accounts/2fa/authenticate/", {"code": used}).status_code == 200
    assert other.get("/work").status_code == 302


def test_six_bad_sign_ins_lock_the_name_for_every_address(guarded: Person) -> None:
    for n in range(6):
        answer = Client(REMOTE_ADDR=f"10.0.0.{n}").post("/accounts/login/", {"login": "li.si", "password": "falsch"})
        assert "登录名或密码不对" in answer.content.decode()
    for name in ("li.si", "LI.SI "):
        locked = Client(REMOTE_ADDR="10.0.1.1").post("/accounts/login/", {"login": name, "password": PASSWORD})
        assert locked.status_code == 200
        assert "尝试次数过多" in locked.content.decode()
    assert Entry.objects.filter(verb="sign_in_failed", target="li.si").count() == 6
    assert not Entry.objects.filter(verb="sign_in").exists()


def test_six_bad_codes_lock_the_second_factor(guarded: Person, client: Client) -> None:
    give_password(client)
    good = code()
    for _ in range(6):
        client.post("/accounts/2fa/authenticate/", {"code": "000000" if good != "000000" else "111111"})
    assert "尝试次数过多" in client.post("/accounts/2fa/authenticate/", {"code": good}).content.decode()
    assert client.get("/work").status_code == 302


def test_unknown_ended_and_wrong_look_the_same(guarded: Person, town: Town) -> None:
    ended = person("ended", is_active=False)
    ended.set_password(PASSWORD)
    ended.save()
    answers = [
        give_password(Client(), "li.si", "falsches-Wort-1"),
        give_password(Client(), "nobody", "falsches-Wort-1"),
        give_password(Client(), "ended", "falsches-Wort-1"),
        give_password(Client(), "ended", PASSWORD),
    ]
    pages = {without_csrf(a).replace("nobody", "X").replace("ended", "X").replace("li.si", "X") for a in answers}
    assert {a.status_code for a in answers} == {200}
    assert len(pages) == 1
    assert not Entry.objects.filter(target="nobody").exists()
    locked = []
    for name in ("li.si", "nobody"):
        for _ in range(7):
            last = give_password(Client(), name, "falsches-Wort-2")
        locked.append(without_csrf(last).replace(name, "X"))
    assert locked[0] == locked[1]
    assert "尝试次数过多" in locked[0]


def test_unknown_and_wrong_take_the_same_time(guarded: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted in password hashes, the only slow part: one, whoever is named."""
    from django.contrib.auth import hashers

    hasher = type(hashers.get_hasher())
    made: list[str] = []
    real = hasher.encode
    monkeypatch.setattr(hasher, "encode", lambda self, *a, **k: (made.append("encode"), real(self, *a, **k))[1])
    check = hasher.verify
    monkeypatch.setattr(hasher, "verify", lambda self, *a, **k: (made.append("verify"), check(self, *a, **k))[1])
    counts = []
    for name in ("li.si", "nobody"):
        made.clear()
        give_password(Client(), name, "falsches-Wort-3")
        counts.append(len(made))
    assert counts[0] == counts[1] == 1


def test_a_planted_session_is_worth_nothing(guarded: Person, client: Client) -> None:
    victim = Client()
    victim.get("/accounts/login/")
    session = victim.session
    session["planted"] = True
    session.save()
    planted = session.session_key
    victim.cookies["linli_session"] = planted
    give_password(victim)
    victim.post("/accounts/2fa/authenticate/", {"code": code()})
    assert victim.get("/work").status_code == 200
    assert victim.session.session_key != planted
    attacker = Client()
    attacker.cookies["linli_session"] = planted
    assert attacker.get("/work").status_code == 302


def test_an_ended_post_is_gone_at_the_next_request(guarded: Person, client: Client) -> None:
    signed_in(client)
    assert client.get("/operators").content == b"desk"
    for held in Post.objects.filter(person=guarded):
        actions.end_post(held.id, actor=SYSTEM, at=clock.now())
    assert client.get("/operators").status_code == 403
    assert client.get("/work").status_code == 403


def test_a_changed_role_counts_at_the_next_request(guarded: Person, client: Client, town: Town) -> None:
    signed_in(client)
    held = Post.objects.get(person=guarded)
    for _ in range(20):
        actions.end_post(held.id, actor=SYSTEM, at=clock.now())
        assert client.get("/operators").status_code == 403
        held = actions.grant_post(guarded.pk, town.city.id, "operator", "5111", actor=SYSTEM, at=clock.now())
        assert client.get("/operators").status_code == 200


def test_an_ended_account_and_a_reset_password_end_the_session(guarded: Person) -> None:
    client = signed_in(Client())
    actions.set_password(guarded.pk, "全新的长密码-8832", actor=SYSTEM, at=clock.now())
    assert client.get("/work").status_code == 302
    cache.clear()
    other = Client()
    give_password(other, password="全新的长密码-8832")
    later = clock.now() + timedelta(seconds=30)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "time", later.timestamp)
        other.post("/accounts/2fa/authenticate/", {"code": code()})
    assert other.get("/work").status_code == 200
    actions.end_person(guarded.pk, actor=SYSTEM, at=clock.now())
    assert other.get("/work").status_code == 302


def test_a_forgotten_factor_ends_the_sessions_and_asks_for_a_new_one(guarded: Person) -> None:
    client, other = signed_in(Client()), sign_in(Client(), person("wang"))
    assert actions.reset_second_factor(guarded.pk, actor=SYSTEM, at=clock.now(), reason="手机丢失") == 1
    assert urlsplit(client.get("/work")["Location"]).path == "/accounts/login/"
    assert other.get("/accounts/2fa/").status_code == 200
    again = Client()
    give_password(again)
    assert again.get("/work")["Location"] == "/accounts/2fa/"
    assert Entry.objects.get(verb="reset_second_factor").reason == "手机丢失"


def test_the_lock_holds_in_the_cache_that_all_processes_share(guarded: Person, settings: Any) -> None:
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "kernel_cache"}
    }
    call_command("createcachetable", verbosity=0)
    for n in range(6):
        Client(REMOTE_ADDR=f"10.0.0.{n}").post("/accounts/login/", {"login": "li.si", "password": "falsch"})
        caches["default"].close()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM kernel_cache")
        assert cursor.fetchone()[0] >= 1
    assert "尝试次数过多" in give_password(Client()).content.decode()


def test_the_wrong_role_gets_a_page_with_words(guarded: Person, client: Client, town: Town) -> None:
    signed_in(client)
    Post.objects.filter(person=guarded).update(role="officer")
    answer = client.get("/operators")
    assert answer.status_code == 403
    assert "岗位" in answer.content.decode()
    assert client.get("/work").status_code == 200


def test_sessions_end_when_idle_and_after_twelve_hours(guarded: Person) -> None:
    start = clock.now()
    client = signed_in(Client())
    with clock.at(start + timedelta(minutes=29)):
        assert client.get("/work").status_code == 200
    with clock.at(start + timedelta(minutes=29 + 31)):
        assert client.get("/work").status_code == 302
    cache.clear()
    busy = signed_in(Client())
    for minutes in range(0, 12 * 60, 20):
        with clock.at(start + timedelta(minutes=minutes)):
            assert busy.get("/work").status_code == 200
    with clock.at(start + timedelta(hours=12, minutes=1)):
        assert busy.get("/work").status_code == 302


def test_signing_out_ends_the_session(guarded: Person, client: Client) -> None:
    signed_in(client)
    key = client.session.session_key
    assert client.get("/accounts/logout/").status_code == 200
    assert client.get("/work").status_code == 200
    assert client.post("/accounts/logout/").status_code == 302
    stale = Client()
    stale.cookies["linli_session"] = key
    assert stale.get("/work").status_code == 302
    assert Entry.objects.filter(verb="sign_out").count() == 1


def test_the_last_second_factor_cannot_be_removed(guarded: Person, client: Client) -> None:
    signed_in(client)
    assert client.get("/accounts/2fa/totp/deactivate/").status_code == 302  # the password again
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert "唯一的第二重验证" in client.post("/accounts/2fa/totp/deactivate/").content.decode()
    assert Authenticator.objects.filter(user=guarded, type="totp").exists()


def test_changing_the_password(guarded: Person) -> None:
    client, other = signed_in(Client()), Client()
    values = {"oldpassword": PASSWORD, "password1": "newest-Word-2231", "password2": "newest-Word-2231"}
    assert client.get("/accounts/password/").status_code == 200
    assert "现在的密码" in client.post("/accounts/password/", values | {"oldpassword": "x"}).content.decode()
    assert client.post("/accounts/password/", values).status_code == 302
    assert client.get("/work").status_code == 200
    assert "不对" in give_password(other).content.decode()


def test_signing_up_and_resets_by_mail_are_closed(client: Client) -> None:
    for address in ("signup/", "email/", "password/reset/", "password/set/", "inactive/", "login/code/confirm/"):
        assert client.get(f"/accounts/{address}").status_code == 404, address


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/x", "javascript:alert(1)"])
def test_sign_in_never_leads_elsewhere(guarded: Person, client: Client, target: str) -> None:
    client.post("/accounts/login/", {"login": "li.si", "password": PASSWORD, "next": target})
    answer = client.post("/accounts/2fa/authenticate/", {"code": code()})
    assert answer["Location"].startswith("/")
    assert not answer["Location"].startswith("//")


def test_the_persons_language_is_chosen(guarded: Person, client: Client) -> None:
    Person.objects.filter(pk=guarded.pk).update(language="en")
    signed_in(client)
    assert client.cookies["linli_language"].value == "en"


def test_a_page_costs_few_queries(guarded: Person, client: Client) -> None:
    from django.test.utils import CaptureQueriesContext

    signed_in(client)
    client.get("/work")
    with CaptureQueriesContext(connection) as asked:
        client.get("/work")
    assert len(asked) == 3  # session, person, posts
    with CaptureQueriesContext(connection) as asked:
        Client().get("/public")
    assert len(asked) == 0


def test_a_session_of_another_persons_factor_counts_for_nobody(guarded: Person, client: Client) -> None:
    sign_in(client, guarded)
    assert client.get("/work").status_code == 200
    session = client.session
    session["account_authentication_methods_user"] = str(person("wang").pk)
    session.save()
    assert client.get("/work").status_code == 302


def test_demo_links_work_in_a_demo_only(town: Town, client: Client) -> None:
    held = person("demo-op", name="演示受理员")
    post(held, town.county, "operator")
    link = f"/demo/sign-in/demo-op?key={demo.key_for('demo-op')}"
    assert client.get(link).status_code == 404
    assert demo.demo_sign_ins(clock.now()) == []
    demo.mark_demo()
    lines = demo.demo_sign_ins(clock.now())
    assert [(line.name, line.role.zh) for line in lines if line.path == link] == [("演示受理员", "受理员")]
    assert client.get(link[:-1] + ("0" if link[-1] != "0" else "1")).status_code == 404
    assert client.get("/demo/sign-in/demo-op").status_code == 404
    assert client.get(link).status_code == 302
    assert client.get("/operators").content == b"desk"
    held.set_password(PASSWORD)
    held.save()
    assert Client().get(link).status_code == 404


def test_the_pages_are_english_too(client: Client) -> None:
    import gettext

    from django.utils.translation import trans_real

    from linli.site.messages import compile_all

    if compile_all():  # an earlier test may have loaded what stood before
        vars(gettext)["_translations"].clear()
        vars(trans_real)["_translations"].clear()
    page = client.get("/accounts/login/", headers={"Accept-Language": "en"}).content.decode()
    assert "Staff sign-in" in page
    assert not re.search(r"登录名|密码", page)


def test_every_text_of_the_journey_has_its_english() -> None:
    from babel.messages.pofile import read_po

    import linli.web

    house = Path(linli.web.__file__).parent
    with (house / "locale/accounts/en/LC_MESSAGES/django.po").open("rb") as file:
        known = {message.id for message in read_po(file) if message.id and message.string}
    pages = [*(house / "templates/account").rglob("*.html"), *(house / "templates/mfa").rglob("*.html")]
    assert len(pages) > 15
    for page in pages:
        for text in re.findall(r"{% translate ['\"]([^'\"]+)['\"]", page.read_text(encoding="utf-8")):
            assert text in known, (page.name, text)
