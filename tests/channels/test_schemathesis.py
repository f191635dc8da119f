"""The API against its own document: whatever is sent, no 5xx, and every answer is of a declared kind (invariant 22)."""

from typing import Any

import pytest
import schemathesis
from django.test.client import ClientHandler
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance, status_code_conformance]
SEEN: dict[str, set[int]] = {}


@pytest.fixture
def document(town: Any, say: Any, token: Any, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, dict[str, str], Any]:
    """The document, a caller that may do everything, and a matter to be found."""
    from linli.channels.rest import matters
    from linli.kernel import clock
    from linli.matters import actions

    got = say()
    actions.take(got.id, "claim", viewer=town.viewer("alice", clock.now()), at=clock.now())
    secret = token("matters:read", "matters:step", "reference:read", "matters:create", unit=town.units["village"].pk)
    monkeypatch.setattr(matters.anonymous, "wait", lambda address, now: 0)
    monkeypatch.setattr(matters, "GUESSES", 10**9)
    handler = ClientHandler(enforce_csrf_checks=True)

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        """Django as its own test client runs it: the test's connection stays open."""
        response = handler(environ)
        start_response(f"{response.status_code} {response.reason_phrase}", list(response.items()))
        return [response.content]

    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application), secret, got


def known(path: str, got: Any) -> dict[str, str] | None:
    """Path parameters that lead to something, so that more than the 404 is looked at."""
    names = {"{ident}": "ident", "{tracking}": "tracking", "{step}": "step"}
    real = {
        "ident": "request" if "procedures" in path else str(got.id),
        "tracking": got.tracking,
        "step": "add" if "/t/" in path else "progress",
    }
    return {name: real[name] for mark, name in names.items() if mark in path} or None


@pytest.mark.slow
@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda m: m.value)
def test_whatever_is_sent_is_answered(document: Any, mode: GenerationMode, scale: float) -> None:
    schema, secret, got = document
    most, ran = 100 if scale == 1 else 5, 0
    SEEN.clear()
    for result in schema.get_all_operations():
        operation = result.ok()
        real = known(operation.path, got)
        for fixed in (None, real) if real else (None,):
            extra = {"path_parameters": fixed} if fixed else {}

            @settings(
                max_examples=most,
                deadline=2000,
                derandomize=True,
                database=None,
                suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.as_strategy(generation_mode=mode, **extra))
            def run(case: Case) -> None:
                response = case.call(headers={"Authorization": f"Bearer {secret}"})
                SEEN.setdefault(f"{case.method} {case.path}", set()).add(response.status_code)
                case.validate_response(response, checks=CHECKS)

            try:
                run()
            except Unsatisfiable:  # nothing about this operation can be wrong
                assert mode == GenerationMode.NEGATIVE
                continue
            ran += 1
    assert all(status < 500 for found in SEEN.values() for status in found)
    assert ran >= 12
    if mode == GenerationMode.POSITIVE:  # most operations were reached, not only refused
        assert sum(bool(found & {200, 201}) for found in SEEN.values()) >= 12, SEEN
