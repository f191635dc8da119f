"""The closed loop, end to end, below the pages."""

from datetime import timedelta

import pytest

from linli.core import chain
from linli.core.refusals import Refused
from linli.matters import actions, queries
from linli.matters.drafting import File
from linli.matters.models import Clock, Event, Matter
from linli.matters.sweep import sweep_once
from tests.matters.town import GRID, T0

PHOTO = File("photo", "0" * 64, "image/jpeg", 100, 10, 10)


def events_of(matter):  # type: ignore[no-untyped-def]
    rows = Event.objects.filter(matter=matter).order_by("seq")
    return [
        chain.Event(r.matter_id, r.seq, r.at, r.actor_kind, r.actor, r.step, r.data, bytes(r.prev), bytes(r.hash))
        for r in rows
    ]


def test_a_sentence_reaches_the_grid_worker(town, say):  # type: ignore[no-untyped-def]
    got = say()
    matter = Matter.objects.get(pk=got.id)
    assert matter.code == "990102001-20261123-0001"
    assert matter.stage == "received"
    assert matter.holder_post_id == town.posts["alice"].pk
    assert {c.rule for c in Clock.objects.filter(matter=matter)} == {"respond", "complete"}
    assert chain.verify(events_of(matter), chain.Head(matter.seq, bytes(matter.head))) == []
    assert queries.by_tracking(got.tracking).pk == matter.pk


def test_untouched_it_climbs_and_claimed_it_stops(town, say):  # type: ignore[no-untyped-def]
    got = say()
    seen = []
    for minute in range(40):
        while sweep_once(T0 + timedelta(minutes=minute, seconds=1)).fired:
            pass
        matter = Matter.objects.select_related("holder_post__person").get(pk=got.id)
        seen.append((matter.level, matter.holder_post.person.username if matter.holder_post else None))
    assert seen[0] == ("grid", "alice")
    assert list(dict.fromkeys(level for level, _ in seen)) == [
        "grid",
        "village",
        "township",
        "county",
        "city",
    ]
    assert seen[-1] == ("city", "dora")
    actions.take(got.id, "claim", viewer=town.viewer("dora"), at=T0 + timedelta(minutes=41))
    with pytest.raises(Refused) as refused:
        actions.take(got.id, "claim", viewer=town.viewer("dora"), at=T0 + timedelta(minutes=42))
    assert refused.value.refusal.code == "already_claimed"


def test_done_not_solved_and_reopened_above(town, say):  # type: ignore[no-untyped-def]
    got = say()
    at = T0 + timedelta(minutes=2)
    alice, resident = town.viewer("alice"), queries.resident(Matter.objects.get(pk=got.id))
    actions.take(got.id, "claim", viewer=alice, at=at)
    actions.take(
        got.id, "complete", viewer=alice, form={"note": "已清运"}, files=[PHOTO], at=at + timedelta(minutes=20)
    )
    actions.take(got.id, "not_solved", viewer=resident, form={"rating": 2, "note": "还在"}, at=at + timedelta(hours=1))
    matter = Matter.objects.get(pk=got.id)
    assert (matter.stage, matter.level, matter.reopened, matter.rating) == ("received", "village", 1, 2)
    assert matter.holder_post_id == town.posts["vera"].pk
    actions.take(got.id, "claim", viewer=town.viewer("vera"), at=at + timedelta(hours=1, minutes=1))
    actions.take(
        got.id,
        "complete",
        viewer=town.viewer("vera"),
        form={"note": "再次清运"},
        files=[PHOTO],
        at=at + timedelta(hours=2),
    )
    actions.take(got.id, "solved", viewer=resident, form={"rating": 5}, at=at + timedelta(hours=3))
    matter.refresh_from_db()
    assert (matter.stage, matter.outcome, matter.rating) == ("closed", "solved", 5)
    assert matter.closed_at is not None
    assert matter.due_at is None
    assert chain.verify(events_of(matter), chain.Head(matter.seq, bytes(matter.head))) == []


def test_silence_closes(town, say):  # type: ignore[no-untyped-def]
    got = say()
    alice = town.viewer("alice")
    actions.take(got.id, "claim", viewer=alice, at=T0)
    actions.take(got.id, "complete", viewer=alice, form={"note": "已清运"}, files=[PHOTO], at=T0)
    while sweep_once(T0 + timedelta(days=3, seconds=5)).fired:
        pass
    matter = Matter.objects.get(pk=got.id)
    assert (matter.stage, matter.outcome) == ("closed", "silent")


def test_a_stranger_is_refused_everything(town, say):  # type: ignore[no-untyped-def]
    got = say()
    for name in ("charlie", "sys", "amy", "olga"):
        assert not queries.visible_to(town.viewer(name)).filter(pk=got.id).exists(), name
        with pytest.raises(Refused) as refused:
            actions.take(got.id, "claim", viewer=town.viewer(name), at=T0)
        assert refused.value.refusal.code == "not_yours"


def test_the_same_key_twice_is_one_request(town, say):  # type: ignore[no-untyped-def]
    from linli.matters.intake import Request, receive

    one = Request("第一网格路灯不亮", "api", area=GRID, scope="t", key="k1", body=b"a")
    first = receive(one, at=T0)
    again = receive(one, at=T0)
    assert again.repeated
    assert again.known[0].id == first.items[0].id
    with pytest.raises(Refused) as refused:
        receive(Request("别的事", "api", area=GRID, scope="t", key="k1", body=b"b"), at=T0)
    assert refused.value.refusal.code == "key_reused"
    assert Matter.objects.count() == 1
