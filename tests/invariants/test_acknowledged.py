"""Invariant 1: an acknowledged request is never lost; 23: overload sheds, never drops."""

import http.client
import random
import threading
import time
from pathlib import Path
from typing import Any, Self

import pytest

from tests.invariants.harness import History
from tests.invariants.house import House, Process, send
from tests.matters.town import GRID, GRID2

CLIENTS = 8
SAYINGS = ("路灯不亮", "垃圾没有清运", "井盖破损，行人差点摔倒", "楼上漏水", "小区门口占道停车")
HOW = ("server", "intake.before_commit", "database", "intake.after_commit", "backend")


class Clients:
    """Eight clients that say one thing after the other until they are told to stop, each with its own history lines."""

    def __init__(self, port: int, history: History, count: int = CLIENTS, pause: float = 0.0) -> None:
        self.port, self.history, self.pause = port, history, pause
        self.over = threading.Event()
        self.acked = 0
        self.threads = [threading.Thread(target=self._talk, args=(n,), daemon=True) for n in range(count)]

    def __enter__(self) -> Self:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.over.set()
        for thread in self.threads:
            thread.join(30)

    def _talk(self, who: int) -> None:
        chance = random.Random(who)
        made: http.client.HTTPConnection | None = None
        number = 0
        while not self.over.is_set():
            number += 1
            mark = f"c{who}-{number}"
            body = {"text": chance.choice(SAYINGS), "area": chance.choice((GRID, GRID2)), "address": mark}
            made = made or http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
            self.history.note(mark=mark, saw="begun")
            try:
                made.connect() if made.sock is None else None
            except OSError:
                self.history.note(mark=mark, saw="refused")  # nothing was sent
                made = None
                time.sleep(0.1)
                continue
            try:
                status, headers, answer = send(made, "POST", "/api/v1/matters", body)
            except (OSError, http.client.HTTPException):
                self.history.note(mark=mark, saw="unknown")
                made.close()
                made = None
                continue
            self._saw(mark, status, headers, answer)
            if self.pause:
                time.sleep(self.pause)

    def _saw(self, mark: str, status: int, headers: dict[str, str], answer: Any) -> None:
        code = answer.get("code", "") if isinstance(answer, dict) else ""
        if status == 201:
            self.acked += 1
            self.history.note(mark=mark, saw="acked", id=answer["id"], code=code)
        elif code == "not_known":
            self.history.note(mark=mark, saw="unknown")
        else:
            self.history.note(mark=mark, saw="refused", status=status, code=code, wait=headers.get("retry-after"))
            time.sleep(0.05)


def kill(house: House, server: Process, how: str, chance: random.Random) -> Process:
    """One kill of this kind, and the house running again on the same port."""
    time.sleep(chance.uniform(0.1, 0.6))
    if how == "backend":
        assert house.crash_backend()
    elif how == "database":
        house.crash_database()
        house.settled().close()
        return server
    elif how == "server":
        server.kill()
        server = house.serve(port=server.port)
    else:
        server.kill()
        server = house.serve(port=server.port, LINLI_FAILPOINT=f"{how}:{chance.randint(2, 30)}")
        died(server)
        server.kill()
        server = house.serve(port=server.port)
    time.sleep(0.1)
    house.ready(server)
    return server


def died(server: Process, seconds: float = 40) -> None:
    """Wait until *server* has killed itself at its failpoint."""
    end = time.monotonic() + seconds
    while server.popen.poll() is None:
        assert time.monotonic() < end, "the failpoint was never reached"
        time.sleep(0.02)


def stored(house: House) -> list[tuple[str, str, str]]:
    """(mark, id, code) of every matter in the database."""
    with house.settled() as own:
        return own.execute(
            "SELECT s.address, m.id::text, m.code FROM matters_matter m JOIN matters_statement s ON s.matter_id = m.id"
            " JOIN matters_event e ON e.matter_id = m.id AND e.seq = 1"
            " WHERE EXISTS (SELECT 1 FROM matters_clock c WHERE c.matter_id = m.id)"
        ).fetchall()


def check(lines: list[dict[str, Any]], rows: list[tuple[str, str, str]]) -> list[str]:
    """Every acknowledged request is there once, as acknowledged; every refused one is not; nothing came of itself."""
    there: dict[str, list[tuple[str, str]]] = {}
    for mark, ident, code in rows:
        there.setdefault(mark, []).append((ident, code))
    wrong = [f"{mark} is there {len(found)} times" for mark, found in there.items() if len(found) > 1]
    begun = {line["mark"] for line in lines}
    wrong += [f"{mark} was never said" for mark in there if mark not in begun]
    for line in lines:
        found = there.get(line["mark"], [])
        if line["saw"] == "acked" and (line["id"], line["code"]) not in found:
            wrong.append(f"{line['mark']} was acknowledged and is lost")
        if line["saw"] == "refused" and found:
            wrong.append(f"{line['mark']} was refused ({line.get('code')}) and is there")
    return wrong


def run(
    house: House, path: Path, kills: int, acks: int, defect: str = "", how: tuple[str, ...] = HOW
) -> list[dict[str, Any]]:
    """Clients talk while everything is killed *kills* times; what they saw."""
    chance = random.Random(3)
    history = History(path)
    server = house.serve(defect=defect)
    house.ready(server)
    with Clients(server.port, history) as clients:
        for number in range(kills):
            server = kill(house, server, how[number % len(how)], chance)
        end = time.monotonic() + 600
        while clients.acked < acks and time.monotonic() < end:
            time.sleep(0.1)
    server.kill()
    return history.read()


@pytest.mark.timeout(0)
def test_what_was_acknowledged_is_there(house: House, tmp_path: Path, scale: float, record_property: Any) -> None:
    house.wipe()
    kills, acks = (200, 50_000) if scale == 1 else (6, 2000)
    lines = run(house, tmp_path / "history", kills, acks)
    told = {saw: sum(line["saw"] == saw for line in lines) for saw in ("acked", "unknown", "refused")}
    for name, value in told.items():
        record_property(name, value)
    print(f"\n{kills} kills: {told}")
    assert told["acked"] >= acks
    assert told["unknown"] + told["refused"] > 0
    assert check(lines, stored(house)) == []


def test_an_early_acknowledgement_is_noticed(house: House, tmp_path: Path) -> None:
    """Planted: the answer goes out before the commit."""
    house.wipe()
    lines = run(house, tmp_path / "history", 1, 1, "ack_early", ("server",))
    assert any("lost" in wrong for wrong in check(lines, stored(house)))


def test_a_commit_that_is_not_durable_is_noticed(house: House, tmp_path: Path) -> None:
    """Planted: PostgreSQL answers before its log is on the disk."""
    house.wipe()
    with house.settled() as own:
        own.execute("ALTER DATABASE linli SET synchronous_commit = off")
    try:
        lines = run(house, tmp_path / "history", 2, 1, how=("database",))
        assert any("lost" in wrong for wrong in check(lines, stored(house)))
    finally:
        with house.settled() as own:
            own.execute("ALTER DATABASE linli RESET synchronous_commit")


def overload(house: House, path: Path, clients: int, seconds: float, defect: str = "") -> list[dict[str, Any]]:
    """Many more clients than the queue has room for; what they saw."""
    history = History(path)
    server = house.serve(defect=defect)
    house.ready(server)
    with Clients(server.port, history, clients) as crowd:
        crowd.over.wait(seconds)
    server.kill()
    return history.read()


@pytest.mark.timeout(0)
def test_overload_sheds_and_never_drops(house: House, tmp_path: Path, scale: float) -> None:
    """A queue of eight and forty clients: the excess is told to come back, and when; what was acknowledged is there."""
    house.wipe()
    lines = overload(house, tmp_path / "history", 40, 120 if scale == 1 else 3, "small")
    shed = [line for line in lines if line["saw"] == "refused"]
    acked = sum(line["saw"] == "acked" for line in lines)
    print(f"\n{acked} acknowledged, {len(shed)} sent away")
    assert acked > 100
    assert shed
    assert {(line["status"], line["code"]) for line in shed} == {(429, "busy")}
    assert all(int(line["wait"]) >= 1 for line in shed)
    assert check(lines, stored(house)) == []


def test_a_dropped_request_is_noticed(house: House, tmp_path: Path) -> None:
    """Planted: what there is no room for is acknowledged and dropped."""
    house.wipe()
    assert any("lost" in wrong for wrong in check(overload(house, tmp_path / "history", 30, 3, "drop"), stored(house)))
