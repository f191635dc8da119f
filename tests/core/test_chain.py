"""History can't be changed unnoticed (invariant 10), and what the seal and the salted digests promise."""

import random
import timeit
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest

from linli.core import chain
from linli.core.chain import GENESIS, Event, Head, digest, personal_digest, seal, verify

MATTER = UUID("01890000-0000-7000-8000-000000000001")
AT = datetime(2026, 11, 23, 10, 0, 0, 123456, tzinfo=UTC)
STEPS = ("open", "claim", "note", "complete", "confirm", "reopen")


def made(count: int, matter: UUID = MATTER, rng: random.Random | None = None) -> list[Event]:
    rng = rng or random.Random(count)
    events: list[Event] = []
    prev = GENESIS
    for seq in range(1, count + 1):
        at = AT + timedelta(microseconds=rng.randrange(10**9) + seq * 10**9)
        data = {"n": rng.randrange(1000), "note": f"已到现场{seq}"}
        kind, actor = rng.choice(("person", "clock")), f"岗位{rng.randrange(50)}"
        event = Event(matter, seq, at, kind, actor, rng.choice(STEPS), data, prev, b"")
        events.append(hashed(event))
        prev = events[-1].hash
    return events


def hashed(event: Event) -> Event:
    found = digest(event.prev, event.matter, event.seq, event.at, event.actor_kind, event.actor, event.step, event.data)
    return replace(event, hash=found)


def head_of(events: list[Event]) -> Head:
    return Head(len(events), events[-1].hash if events else GENESIS)


def test_an_untouched_history_holds() -> None:
    for count in (0, 1, 2, 50):
        events = made(count)
        assert verify(events, head_of(events)) == []


FIELDS: dict[str, Callable[[Event, random.Random], Event]] = {
    "at": lambda e, rng: replace(e, at=e.at + timedelta(microseconds=rng.choice((-1, 1)) * rng.randrange(1, 10**7))),
    "actor_kind": lambda e, _: replace(e, actor_kind=e.actor_kind + "x"),
    "actor": lambda e, _: replace(e, actor=e.actor[:-1]),
    "step": lambda e, rng: replace(e, step=rng.choice([s for s in STEPS if s != e.step])),
    "data": lambda e, rng: replace(e, data={**e.data, "n": -1 - rng.randrange(9)}),
    "dropped": lambda e, _: replace(e, data={"n": e.data["n"]}),
    "hash": lambda e, _: replace(e, hash=bytes(32)),
    "prev": lambda e, rng: replace(e, prev=rng.randbytes(32)),
    "seq": lambda e, _: replace(e, seq=e.seq + 1),
    "matter": lambda e, _: replace(e, matter=UUID(int=e.matter.int ^ 1)),
}


def edit(events: list[Event], rng: random.Random) -> list[Event]:
    place = rng.randrange(len(events))
    return [*events[:place], FIELDS[rng.choice(sorted(FIELDS))](events[place], rng), *events[place + 1 :]]


def covered_edit(events: list[Event], rng: random.Random) -> list[Event]:
    """An edit by somebody who can compute the hash of the event again."""
    place = rng.randrange(len(events))
    changed = hashed(replace(events[place], step=events[place].step + "!"))
    return [*events[:place], changed, *events[place + 1 :]]


def rewritten(events: list[Event], rng: random.Random) -> list[Event]:
    """Everything after an edit computed again: only the head shows it."""
    place = rng.randrange(len(events))
    out, prev = events[:place], events[place].prev
    for event in (replace(events[place], actor="nobody"), *events[place + 1 :]):
        out.append(hashed(replace(event, prev=prev)))
        prev = out[-1].hash
    return out


def delete(events: list[Event], rng: random.Random) -> list[Event]:
    place = rng.randrange(len(events))
    return events[:place] + events[place + 1 :]


def delete_and_renumber(events: list[Event], rng: random.Random) -> list[Event]:
    """A deletion covered up by numbering and hashing the rest again: only the head shows it."""
    out: list[Event] = []
    for event in delete(events, rng):
        prev = out[-1].hash if out else GENESIS
        out.append(hashed(replace(event, seq=len(out) + 1, prev=prev)))
    return out


def reorder(events: list[Event], rng: random.Random) -> list[Event]:
    a, b = sorted(rng.sample(range(len(events)), 2))
    out = list(events)
    out[a], out[b] = out[b], out[a]
    if rng.random() < 0.5:
        out[a], out[b] = replace(out[a], seq=a + 1), replace(out[b], seq=b + 1)
    return out


def cut(events: list[Event], rng: random.Random) -> list[Event]:
    return events[: rng.randrange(len(events))]


def double(events: list[Event], rng: random.Random) -> list[Event]:
    place = rng.randrange(len(events))
    return [*events[: place + 1], events[place], *events[place + 1 :]]


def foreign(events: list[Event], rng: random.Random) -> list[Event]:
    """An event of another matter at the same place."""
    place = rng.randrange(len(events))
    other = made(len(events), UUID(int=MATTER.int + 7), rng)[place]
    return [*events[:place], other, *events[place + 1 :]]


TAMPERINGS = (edit, covered_edit, rewritten, delete, delete_and_renumber, reorder, cut, double, foreign)


def unnoticed(rounds: int) -> list[tuple[int, str]]:
    missed = []
    for number in range(rounds):
        rng = random.Random(number)
        events = made(rng.randrange(2, 15), rng=rng)
        tampering = TAMPERINGS[number % len(TAMPERINGS)]
        changed = tampering(events, rng)
        assert changed != events
        if not verify(changed, head_of(events)):
            missed.append((number, tampering.__name__))
    return missed


def test_tampering_is_seen() -> None:
    assert unnoticed(100) == []


@pytest.mark.soak
def test_tampering_is_seen_in_full() -> None:
    assert unnoticed(1_000) == []


def test_planted_a_digest_that_ignores_the_content_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain, "_encode", lambda _: "same")
    assert "edit" in {name for _, name in unnoticed(100)}


def test_planted_a_check_without_the_head_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    right = chain.verify
    monkeypatch.setitem(globals(), "verify", lambda events, _: right(events))
    assert {name for _, name in unnoticed(100)} >= {"cut", "rewritten", "delete_and_renumber"}


def test_the_problem_says_where() -> None:
    events = made(5)
    events[2] = replace(events[2], actor="somebody else")
    problems = verify(events, head_of(events))
    assert [(p.kind, p.seq) for p in problems] == [("content", 3)]
    assert "3" in problems[0].words.zh
    assert "3" in problems[0].words.en


def test_what_cannot_be_hashed_counts_as_changed() -> None:
    events = made(2)
    events[1] = replace(events[1], data={"n": float("nan")})
    assert [p.kind for p in verify(events)] == ["content"]


def args(**given: object) -> tuple[object, ...]:
    base = {
        "prev": GENESIS, "matter": MATTER, "seq": 1, "at": AT, "kind": "person", "actor": "a", "step": "s",
        "data": {"a": 1, "b": "灯"},
    }  # fmt: skip
    return tuple({**base, **given}.values())


def test_canonical() -> None:
    once = digest(*args())  # type: ignore[arg-type]
    assert len(once) == 32
    assert digest(*args(data={"b": "灯", "a": 1})) == once  # type: ignore[arg-type]
    assert digest(*args(at=AT.astimezone(timezone(timedelta(hours=8))))) == once  # type: ignore[arg-type]
    assert digest(*args(actor="as", step="")) != digest(*args(actor="a", step="s"))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="time zone"):
        digest(*args(at=AT.replace(tzinfo=None)))  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        digest(*args(data={"a": {1, 2}}))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="JSON"):
        digest(*args(data={"a": float("inf")}))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "kept"),
    [(1e22, 10**22), (1.5e300, 15 * 10**299), (1e16, 10**16), (-0.0, 0.0), (1.5, 1.5), (1e-07, 1e-07), (2.0, 2.0)],
)
def test_the_same_after_jsonb(given: float, kept: float) -> None:
    """*kept* is what comes back from a jsonb column (tried on PostgreSQL 18)."""
    before, after = (digest(*args(data={"v": [v], "e+": "-0.0"})) for v in (given, kept))  # type: ignore[arg-type]
    assert before == after


def test_seal() -> None:
    heads = [(UUID(int=n), n, bytes([n]) * 32) for n in range(1, 6)]
    first = seal(GENESIS, heads)
    assert seal(GENESIS, reversed(heads)) == first
    (matter, seq, hashed_), *rest = heads
    others = [
        seal(first, heads),
        seal(GENESIS, rest),
        seal(GENESIS, [(UUID(int=9), seq, hashed_), *rest]),
        seal(GENESIS, [(matter, 2, hashed_), *rest]),
        seal(GENESIS, [(matter, seq, bytes(32)), *rest]),
    ]
    assert len({first, *others}) == 6


def test_personal_digest() -> None:
    salt = bytes(range(16))
    assert personal_digest(salt, "我家楼下") == personal_digest(salt, "我家楼下")
    assert personal_digest(salt, "我家楼下") != personal_digest(bytes(16), "我家楼下")
    assert len(personal_digest(salt, "\ud800")) == 64
    with pytest.raises(ValueError, match="16 bytes"):
        personal_digest(b"short", "a")


def test_a_digest_is_cheap() -> None:
    """About 5 µs; the bound leaves room for a busy machine."""
    data = {"note": "路灯坏了，已联系供电所", "photo": ["a" * 64], "category": "城管.市政.路灯", "n": 3}
    given = args(data=data)
    once = min(timeit.repeat(lambda: digest(*given), number=500, repeat=20)) / 500  # type: ignore[arg-type]
    assert once < 30e-6
