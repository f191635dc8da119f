"""The rates over REST: for tokens with the scope, inside their area, and for nobody else."""

from typing import Any

import pytest


def ask(client: Any, path: str, secret: str) -> Any:
    return client.get(f"/api/v1/{path}", headers={"Authorization": f"Bearer {secret}"})


@pytest.fixture
def secrets(db: None) -> dict[str, str]:
    from linli.kernel import clock
    from linli.parties import tokens
    from linli.parties.models import Token

    made = {}
    for name, scopes, area in (
        ("may", ["indicators:read"], "9901"),
        ("blind", ["indicators:read"], ""),
        ("other", [], "9901"),
    ):
        made[name] = tokens.new_secret()
        Token.objects.create(
            name=name, digest=tokens.digest_of(made[name]), scopes=scopes, area=area, created_at=clock.now()
        )
    return made


def test_figures_with_their_exclusions(client: Any, secrets: dict[str, str]) -> None:
    listed = ask(client, "indicators", secrets["may"])
    assert listed.status_code == 200
    assert {"response", "resolution", "satisfaction"} <= {one["id"] for one in listed.json()}
    got = ask(client, "indicators/response?area=990102", secrets["may"])
    assert got.status_code == 200, got.content
    assert got.json()["area"] == "990102"
    assert got.json()["denominator"] == 0


@pytest.mark.parametrize(
    ("who", "path", "status"),
    [
        ("other", "indicators/response", 403),
        ("blind", "indicators/response", 404),
        ("may", "indicators/response?area=5111", 404),
        ("may", "indicators/nothing", 404),
        ("may", "indicators/response?since=2026-11-01T00:00:00", 422),
        ("may", "indicators/response?colour=red", 422),
        ("may", "indicators/response?since=2020-01-01T00:00:00Z", 422),
    ],
)
def test_refusals(client: Any, secrets: dict[str, str], who: str, path: str, status: int) -> None:
    got = ask(client, path, secrets[who])
    assert got.status_code == status, got.content
    assert got.json()["detail"]
