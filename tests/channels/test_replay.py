"""``linli replay``: pace, patience, the log from which it goes on."""

import asyncio
import json
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from linli.channels.files import player
from linli.channels.files.player import Log, Player, Shot, percentile
from linli.channels.files.replay import report_of, shots_of

TABLE = "id,subject,detail,time,lat,lon\n1,a,一,2019/1/1 00:00:10,,\n2,b,二,2019/1/1 00:00:00,29.5,103.7\n3,c,三,,,\n"


def door(answer: Any) -> tuple[httpx.MockTransport, list[httpx.Request]]:
    seen: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return answer(len(seen), request)  # type: ignore[no-any-return]

    return httpx.MockTransport(handle), seen


def played(tmp_path: Path, shots: list[Shot], answer: Any, speed: float = 0) -> tuple[Player, list[httpx.Request]]:
    transport, seen = door(answer)
    one = Player("http://door", "secret", 4, Log(tmp_path / "log.jsonl"), transport)
    asyncio.run(one.play(shots, speed, lambda: None))
    return one, seen


def accept(number: int, request: httpx.Request) -> httpx.Response:
    return httpx.Response(201, json={"id": str(number), "code": f"c{number}", "matters": [{}]})


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(player, "LONGEST_WAIT", 0.001)


def test_rows_in_the_order_of_their_times(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(TABLE, encoding="utf-8")
    shots = shots_of(path, ZoneInfo("Asia/Shanghai"), "5111", "gcj02")
    assert [shot.key for shot in shots] == ["a:2", "a:3", "a:1"] or [s.key for s in shots] == ["a:2", "a:1", "a:3"]
    assert shots[0].body == {"text": "b\n二", "lon": 103.7, "lat": 29.5, "crs": "gcj02", "near": "5111"}


def test_everything_is_sent_once_with_its_key(tmp_path: Path) -> None:
    shots = [Shot(f"k{n}", n, {"text": str(n)}) for n in range(20)]
    one, seen = played(tmp_path, shots, accept)
    assert (one.sent, one.accepted, one.unknown) == (20, 20, 0)
    assert len({request.headers["idempotency-key"] for request in seen}) == 20
    assert all(request.headers["authorization"] == "Bearer secret" for request in seen)
    assert Log(tmp_path / "log.jsonl").answered() == {shot.key for shot in shots}
    assert report_of(one, 0)["p99_ms"] is not None


def test_a_busy_door_is_tried_again_under_the_same_key(tmp_path: Path) -> None:
    def answer(number: int, request: httpx.Request) -> httpx.Response:
        return httpx.Response(429, headers={"Retry-After": "1"}) if number < 30 else accept(number, request)

    one, seen = played(tmp_path, [Shot("k", 0, {})], answer)
    assert (one.accepted, one.retries) == (1, 29)
    assert len({request.headers["idempotency-key"] for request in seen}) == 1


def test_a_broken_connection_is_unknown_never_refused(tmp_path: Path) -> None:
    def answer(number: int, request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("gone")

    one, seen = played(tmp_path, [Shot("k", 0, {})], answer)
    assert (one.unknown, one.refused, len(seen)) == (1, {}, player.TRIES)
    assert Log(tmp_path / "log.jsonl").answered() == set()


def test_refusals_are_counted_by_code(tmp_path: Path) -> None:
    one, _ = played(tmp_path, [Shot("k", 0, {})], lambda n, r: httpx.Response(422, json={"code": "empty_text"}))
    assert one.refused == {"empty_text": 1}


def test_the_log_survives_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text(json.dumps({"key": "a", "what": "accepted"}) + '\n{"key": "b", "wha', encoding="utf-8")
    assert Log(path).answered() == {"a"}
    Log(path).write({"key": "c", "what": "refused"})


def test_the_pace_is_kept(tmp_path: Path) -> None:
    one, _ = played(tmp_path, [Shot("a", 100, {}), Shot("b", 104, {})], accept, speed=20)
    assert 0.2 <= one.seconds < 2


def test_percentiles() -> None:
    assert percentile([], 0.5) is None
    assert percentile([float(n) for n in range(100)], 0.99) == 99
