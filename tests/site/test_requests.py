"""Headers, health and session limits."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from linli.kernel import clock
from linli.site import health

pytestmark = pytest.mark.django_db


def test_every_answer_has_the_strict_headers(client: Client) -> None:
    answer = client.get("/healthz")
    assert answer.status_code == 200
    policy = answer["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"


def test_readiness_gives_its_reasons(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert client.get("/readyz").status_code == 200
    monkeypatch.setattr(health, "_migrated", False)
    monkeypatch.setattr(health, "unapplied", lambda: ["matters.0099_later"])
    answer = client.get("/readyz")
    assert answer.status_code == 503
    (reason,) = answer.json()["reasons"]
    assert reason["what"] == "migrations"
    assert "matters.0099_later" in reason["detail"]
    assert "linli migrate" in reason["zh"]


def test_health_needs_no_query(client: Client, django_assert_num_queries: object) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]
        client.get("/healthz")


@pytest.mark.parametrize(
    ("steps", "alive"),
    [
        ([29], True),
        ([31], False),
        ([25] * 28, True),  # 11 h 40 min, always busy
        ([25] * 29, False),  # 12 h 5 min
    ],
)
def test_sessions_end_when_idle_and_at_the_latest_after_twelve_hours(
    client: Client, steps: list[int], *, alive: bool
) -> None:
    start = clock.now()
    with clock.at(start):
        client.force_login(get_user_model().objects.create(username="lin", created_at=start))
        client.get("/healthz")
    at = start
    for minutes in steps:
        at += timedelta(minutes=minutes)
        with clock.at(at):
            client.get("/healthz")
    assert ("_auth_user_id" in client.session) is alive


def test_small_steps_do_not_stretch_the_idle_limit(client: Client) -> None:
    start = clock.now()
    with clock.at(start):
        client.force_login(get_user_model().objects.create(username="lin", created_at=start))
        client.get("/healthz")
    with clock.at(start + timedelta(seconds=59)):
        client.get("/healthz")
    with clock.at(start + timedelta(minutes=30, seconds=30)):
        client.get("/healthz")
    assert "_auth_user_id" not in client.session
