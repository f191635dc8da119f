# ruff: noqa: E501
"""Invariant 10: history can't be changed unnoticed. Edits, deletions, reorderings and cut tails, made past all triggers."""

import json
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import DatabaseError, connection, transaction

from linli.kernel import clock

if TYPE_CHECKING:
    from tests.matters.town import Town

pytestmark = pytest.mark.django_db(transaction=True)
MATTERS = 60


@pytest.fixture
def history(town: "Town", tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> "list[str]":
    """Sixty matters with a few events each, and a published seal over them; their ids."""
    from linli.matters import actions, queries, seals
    from linli.matters.apply import File
    from linli.matters.intake import Request, receive
    from linli.matters.models import Matter
    from tests.matters.town import GRID, GRID2, T0

    monkeypatch.setattr(seals, "log_path", lambda: tmp_path / "seals.log")
    photo = File("photo", "a" * 64, "image/jpeg", 100, 10, 10)
    chance = random.Random(7)
    made = []
    for number in range(MATTERS):
        got = receive(Request(f"第{number}号路灯不亮", "page", area=chance.choice((GRID, GRID2))), at=T0).items[0]
        made.append(str(got.id))
        matter = Matter.objects.get(pk=got.id)
        holder = town.viewer("alice" if matter.area == GRID else "amy")
        for minute, step in enumerate(("claim", "progress", "complete", "not_solved")[: chance.randint(0, 4)], start=1):
            form = {"note": f"第{number}号，第{minute}次", **({"rating": 1} if step == "not_solved" else {})}
            viewer = queries.resident(matter) if step == "not_solved" else holder
            files = [photo] if step == "complete" else []
            actions.take(got.id, step, viewer=viewer, form=form, files=files, at=T0 + timedelta(minutes=minute))
    assert seals.seal_once(clock.now() + timedelta(hours=1)) is not None
    assert found() == []
    return made


def found() -> list[str]:
    """What ``linli verify`` finds."""
    from linli.matters import seals

    return [f"{fault.where}: {fault.what}" for fault in seals.verify()]


@contextmanager
def behind_the_back() -> Iterator[Any]:
    """A cursor past all triggers and foreign keys; everything is undone afterwards."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield cursor
        transaction.set_rollback(True)


def _tail(cursor: Any, matter: str) -> None:
    """Cut the last event, and make the matter's own row agree."""
    cursor.execute(
        "DELETE FROM matters_event WHERE matter_id = %s AND seq = (SELECT seq FROM matters_matter WHERE id = %s)",
        [matter] * 2,
    )
    cursor.execute(
        "UPDATE matters_matter m SET seq = e.seq, head = e.hash FROM (SELECT seq, hash FROM matters_event WHERE matter_id = %s"
        " ORDER BY seq DESC LIMIT 1) e WHERE m.id = %s", [matter] * 2
    )  # fmt: skip


def _whole(cursor: Any, matter: str) -> None:
    """Remove a matter with all that hangs on it."""
    for table in ("event", "statement", "remark", "clock", "assignment", "evidence", "firing", "notice"):
        cursor.execute(f"DELETE FROM matters_{table} WHERE matter_id = %s", [matter])
    cursor.execute("DELETE FROM matters_matter WHERE id = %s", [matter])


def _whole_and_counter(cursor: Any, matter: str) -> None:
    """… and adapt the running number too."""
    cursor.execute(
        "SELECT split_part(code, '-', 1), split_part(code, '-', 2) FROM matters_matter WHERE id = %s", [matter]
    )
    area, day = cursor.fetchone()
    _whole(cursor, matter)
    cursor.execute("UPDATE matters_counter SET n = n - 1 WHERE area = %s AND day = %s", [area, day])


def _rewrite(cursor: Any, matter: str) -> None:
    """Rewrite the whole chain with fresh hashes that fit each other."""
    from linli.core import chain
    from linli.matters.models import Event

    prev = chain.GENESIS
    for row in Event.objects.filter(matter=matter).order_by("seq"):
        data = dict(row.data) | ({"category": "forged"} if row.seq == 1 else {})
        hashed = chain.digest(prev, row.matter_id, row.seq, row.at, row.actor_kind, row.actor, row.step, data)
        cursor.execute(
            "UPDATE matters_event SET data = %s, prev = %s, hash = %s WHERE matter_id = %s AND seq = %s",
            [json.dumps(data), prev, hashed, matter, row.seq],
        )
        prev = hashed
    cursor.execute("UPDATE matters_matter SET head = %s WHERE id = %s", [prev, matter])


def _rewrite_and_seal(cursor: Any, matter: str) -> None:
    """… and make the seals in the database anew."""
    from linli.core import chain
    from linli.matters import seals

    _rewrite(cursor, matter)
    previous, since = chain.GENESIS, seals._BEGINNING
    for made in seals.Seal.objects.order_by("number"):
        previous = chain.seal(previous, seals._heads(cursor, since, made.until))
        since = made.until
        cursor.execute("UPDATE matters_seal SET hash = %s WHERE number = %s", [previous, made.number])


def _one(sql: str) -> Callable[[Any, str], None]:
    def change(cursor: Any, matter: str) -> None:
        cursor.execute(sql, [matter] * sql.count("%s"))

    return change


_LAST = "seq = (SELECT max(seq) FROM matters_event WHERE matter_id = %s)"
CHANGES: dict[str, Callable[[Any, str], None]] = {
    "who did it": _one("UPDATE matters_event SET actor = 'person:nobody' WHERE matter_id = %s AND seq = 1"),
    "when": _one(f"UPDATE matters_event SET at = at + interval '1 microsecond' WHERE matter_id = %s AND {_LAST}"),
    "what": _one(
        'UPDATE matters_event SET data = data || \'{"sure": false, "x": 1}\' WHERE matter_id = %s AND seq = 1'
    ),
    "the step": _one(f"UPDATE matters_event SET step = 'note' WHERE matter_id = %s AND {_LAST}"),
    "first gone": _one("DELETE FROM matters_event WHERE matter_id = %s AND seq = 1"),
    "last gone": _one(f"DELETE FROM matters_event WHERE matter_id = %s AND {_LAST}"),
    "all events gone": _one("DELETE FROM matters_event WHERE matter_id = %s"),
    "shifted": _one("UPDATE matters_event SET seq = seq + 100 WHERE matter_id = %s"),
    "hash": _one("UPDATE matters_event SET hash = sha256('x'::bytea) WHERE matter_id = %s AND seq = 1"),
    "head": _one("UPDATE matters_matter SET head = sha256('x'::bytea) WHERE id = %s"),
    "what was said": _one("UPDATE matters_statement SET text = text || '。', part = '' WHERE matter_id = %s"),
    "statement gone": _one("DELETE FROM matters_statement WHERE matter_id = %s"),
    "tail cut, row adapted": _tail,
    "removed whole": _whole,
    "removed whole, number adapted": _whole_and_counter,
    "rewritten whole": _rewrite,
    "rewritten whole, seals too": _rewrite_and_seal,
}


def forged(cursor: Any, matter: str) -> None:
    """An event added at the end with a hash that fits, and the row adapted: only the seal can tell."""
    from linli.core import chain
    from linli.matters.models import Event, Matter

    last = Event.objects.filter(matter=matter).order_by("-seq").first()
    assert last is not None
    hashed = chain.digest(bytes(last.hash), last.matter_id, last.seq + 1, last.at, "system", "", "progress", {})
    cursor.execute(
        "INSERT INTO matters_event (matter_id, seq, at, actor_kind, actor, actor_name, step, data, prev, hash, recorded_at)"
        " VALUES (%s, %s, %s, 'system', '', '', 'progress', '{}', %s, %s, %s)",
        [matter, last.seq + 1, last.at, bytes(last.hash), hashed, last.recorded_at],
    )
    Matter.objects.filter(pk=matter).update(seq=last.seq + 1, head=hashed)


CHANGES["one more, row adapted"] = forged
OF_SOME = {
    "a remark": "UPDATE matters_remark SET text = text || '！' WHERE id = (SELECT id FROM matters_remark ORDER BY random() LIMIT 1)",
    "remark gone": "DELETE FROM matters_remark WHERE id = (SELECT id FROM matters_remark ORDER BY random() LIMIT 1)",
    "remark elsewhere": "UPDATE matters_remark SET seq = seq + 50 WHERE id = (SELECT id FROM matters_remark ORDER BY random() LIMIT 1)",
    "a photo": "UPDATE matters_evidence SET sha256 = repeat('b', 64) WHERE id = (SELECT id FROM matters_evidence ORDER BY random() LIMIT 1)",
    "photo gone": "DELETE FROM matters_evidence WHERE id = (SELECT id FROM matters_evidence ORDER BY random() LIMIT 1)",
    "two matters swap events": """
        UPDATE matters_event e SET matter_id = CASE e.matter_id WHEN p.a THEN p.b ELSE p.a END, seq = e.seq + 1000
          FROM (SELECT min(id::text)::uuid AS a, max(id::text)::uuid AS b FROM matters_matter) p WHERE e.matter_id IN (p.a, p.b)""",
    "seal gone": "DELETE FROM matters_seal",
    "seal moved": "UPDATE matters_seal SET until = until - interval '10 years'",
    "all emptied": "TRUNCATE matters_event, matters_seal",
}  # fmt: skip


def run(history: "list[str]", tries: int) -> list[tuple[str, int]]:
    """Tamper *tries* times, each time in one way on one matter; what was done and how many faults were found."""
    chance = random.Random(11)
    names = [*CHANGES, *OF_SOME]
    seen = []
    for number in range(tries):
        name = names[number % len(names)]
        with behind_the_back() as cursor:
            if name in CHANGES:
                CHANGES[name](cursor, chance.choice(history))
            else:
                cursor.execute(OF_SOME[name])
            seen.append((name, len(found())))
    return seen


def check(seen: list[tuple[str, int]]) -> list[str]:
    """Changes that nobody noticed. A cut tail of a matter with one event removes it; that is noticed too."""
    return [name for name, faults in seen if not faults]


def test_every_change_is_noticed(history: "list[str]", scale: float) -> None:
    seen = run(history, round(1000 * scale))
    assert {name for name, _ in seen} == {*CHANGES, *OF_SOME}
    assert check(seen) == []
    assert found() == []


@pytest.mark.parametrize("defect", ["no hashes", "no seals"])
def test_a_blind_verification_is_noticed(history: "list[str]", defect: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: content that is not compared; seals that are not compared."""
    from linli.core import chain
    from linli.matters import proof, seals

    if defect == "no hashes":
        monkeypatch.setattr(chain, "_holds", lambda event: True)
    else:
        monkeypatch.setattr(seals, "_seals", lambda: iter(()))
        monkeypatch.setattr(proof, "against_published", lambda path: iter(()))
    assert check(run(history, len(CHANGES) + len(OF_SOME))) != []


def test_the_database_refuses(history: "list[str]") -> None:
    """Without the way past the triggers nothing can be edited at all."""
    from linli.audit import actions as audit
    from linli.matters.models import Clock, Firing

    held = Clock.objects.first()
    assert held is not None
    audit.record("system:test", "look", "test", "", at=clock.now())
    Firing.objects.create(clock=held, threshold="warn", matter_id=held.matter_id, due=clock.now(), at=clock.now())
    for table in ("matters_event", "matters_firing", "matters_assignment", "matters_seal", "audit_entry"):
        for verb in ("UPDATE {} SET at = at", "DELETE FROM {}", "TRUNCATE {} CASCADE"):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(verb.format(table))


def test_a_clock_set_back_puts_nothing_behind_a_seal(history: "list[str]") -> None:
    """Events written while the system's time is a day too early are sealed later and raise no false alarm."""
    from linli.matters import seals
    from linli.matters.intake import Request, receive
    from linli.matters.models import Event
    from tests.matters.town import GRID, T0

    assert seals.seal_once(clock.now() + timedelta(days=1)) is None
    receive(Request("路灯又不亮", "page", area=GRID), at=T0)
    last = seals.Seal.objects.latest("number")
    late = Event.objects.latest("recorded_at")
    assert late.recorded_at > last.until
    assert found() == []
    assert seals.seal_once(clock.now() + timedelta(days=2)) is not None
    assert found() == []


def test_a_seal_whose_publishing_was_killed_is_published_later(history: "list[str]") -> None:
    from linli.matters import seals
    from linli.matters.intake import Request, receive
    from tests.matters.town import GRID, T0

    seals.log_path().unlink()
    receive(Request("路灯又不亮", "page", area=GRID), at=T0)
    assert seals.seal_once(clock.now() + timedelta(days=2)) is not None
    assert len(seals.log_path().read_text().splitlines()) == 2
    assert found() == []


def test_the_command_says_it_and_fails(history: "list[str]") -> None:
    from click.testing import CliRunner

    from linli.matters.commands import verify

    good = CliRunner().invoke(verify, ["--json"])
    assert (good.exit_code, json.loads(good.stdout)["faults"]) == (0, [])
    with behind_the_back() as cursor:
        CHANGES["who did it"](cursor, history[0])
        bad = CliRunner().invoke(verify, [])
        told = json.loads(CliRunner().invoke(verify, ["--json"]).stdout)
    assert bad.exit_code == 1
    assert told["faults"]
