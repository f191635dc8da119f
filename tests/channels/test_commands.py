"""``linli token``."""

import json
from typing import Any

from click.testing import CliRunner


def test_a_token_is_shown_once_and_ends(town: Any, call: Any) -> None:
    from linli.channels.commands import token

    run = CliRunner().invoke
    made = run(token, ["create", "某系统", "--scope", "matters:read", "--area", "9901", "--json"])
    body = json.loads(made.stdout)
    assert call("GET", "matters", body["secret"]).status_code == 200
    listed = run(token, ["list", "--json"]).stdout
    assert body["id"] in listed
    assert body["secret"] not in listed
    assert run(token, ["end", body["id"]]).exit_code == 0
    assert call("GET", "matters", body["secret"]).status_code == 401


def test_reading_needs_an_area(town: Any) -> None:
    from linli.channels.commands import token

    refused = CliRunner().invoke(token, ["create", "x", "--scope", "matters:read"])
    assert refused.exit_code == 1
    assert "辖区" in refused.stderr
