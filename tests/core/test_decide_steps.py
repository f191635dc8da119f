"""What single steps do: claims, hand-overs, levels, pauses, closing, reopening, and the ladder from grid to city."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from linli.core import clocks as clk
from linli.core import effects
from linli.core.decide import allowed, decide, fire, open_ask
from linli.core.refusals import Refusal
from linli.core.snapshot import NOBODY, Decision, Snapshot
from tests.core import world
from tests.core.world import COUNTY, NOON, TOWNSHIP, after, by_post, ident, matter, minutes, taken

GONE = {"reason": "不属于本网格"}


def take(snap: Snapshot, step: str, who: int | str, minute: float = 1, **form: object) -> Decision | Refusal:
    actor = by_post(who, snap) if isinstance(who, int) else world.actor(who, snap)
    return decide(snap, step, actor=actor, form=form, at=NOON + minutes(minute))


def code(result: Decision | Refusal) -> str:
    assert isinstance(result, Refusal), result
    assert result.words.zh
    assert result.words.en
    return result.code


def holder_of(snap: Snapshot) -> int | None:
    return None if snap.holder.post is None else snap.holder.post.int


def clock(snap: Snapshot, rule: str) -> clk.Clock:
    return next(c for c in reversed(snap.clocks) if c.rule == rule)


def test_one_claims_and_the_second_is_told_who() -> None:
    snap = after(matter(), taken(take(matter(), "claim", 1, note="马上到")))
    assert (snap.stage, clock(snap, "respond").state, clock(snap, "complete").state) == ("working", "stopped", "open")
    second = take(snap, "claim", 11)
    assert code(second) == "already_claimed"
    assert isinstance(second, Refusal)
    assert "人1" in second.words.zh
    assert code(take(replace(snap, stage="closed"), "claim", 11)) == "wrong_stage"


def test_a_claim_from_above_raises_the_level_and_one_from_below_does_not_lower_it() -> None:
    assert after(matter(), taken(take(matter(), "claim", 22))).level == "township"
    high = matter(level="county")
    assert after(high, taken(take(high, "claim", 11))).level == "county"


def test_the_ladder_asks_the_next_person_and_then_climbs_every_level_once() -> None:
    fired: list[tuple[UUID, str]] = []
    levels, holders, snap = [], [], matter()
    for minute in (5, 10, 15, 20, 25, 30, 59):
        snap = world.sweep(snap, NOON + minutes(minute), fired)
        levels.append(snap.level)
        holders.append(holder_of(snap))
    assert levels == ["grid", "village", "township", "county", "city", "city", "city"]
    assert holders[0] == 2
    assert [h in own for h, own in zip(holders[1:5], ((11, 12), (21, 22), (31, 32), (41, 42)), strict=True)] == [
        True
    ] * 4
    respond = clock(snap, "respond")
    assert [name for c, name in fired if c == respond.id] == ["warn", "breach", *(f"rung:{n}" for n in range(1, 6))]
    assert len(set(fired)) == len(fired)
    assert respond.next_at is None


def test_a_sweep_that_comes_hours_late_still_fires_each_once_and_says_so() -> None:
    fired: list[tuple[UUID, str]] = []
    snap = world.sweep(matter(), NOON + minutes(600), fired, late=True)
    assert len(set(fired)) == len(fired)
    late = fire(snap, replace(clock(snap, "complete"), rung=0, next_at=NOON), NOON + minutes(1))
    assert late.entries[0].data["late"] is True
    assert late.fired is not None
    assert late.fired[2] is True


def test_escalation_never_takes_a_matter_into_nobodys_hands() -> None:
    alone = matter(roster=world.roster(world.SEATS[0]))
    snap = world.sweep(alone, NOON + minutes(40))
    assert (holder_of(snap), snap.level) == (1, "city")


def test_oversight_raises_the_level_and_leaves_the_holder() -> None:
    snap = after(matter(), taken(take(matter(), "claim", 1)))
    snap = world.sweep(snap, NOON + minutes(60))
    assert (snap.level, holder_of(snap)) == ("village", 1)
    assert world.sweep(snap, NOON + minutes(90)).level == "township"


@pytest.mark.parametrize(
    ("who", "level"), [(1, "village"), (11, "township"), (23, "county"), (33, "city"), (43, "city")]
)
def test_what_is_not_solved_goes_above_whoever_completed_it(who: int, level: str) -> None:
    snap = matter("answered", holder=world.holder(who), level="grid")
    again = after(snap, taken(take(snap, "not_solved", "resident", rating=1, note="还在漏")))
    assert (again.stage, again.level, again.reopened) == ("received", level, 1)
    assert again.holder.post != ident(who)
    assert holder_of(again) is not None
    assert (clock(again, "respond").state, clock(again, "silence").state) == ("open", "stopped")


def test_reopening_after_the_end_clears_it_and_starts_new_cycles() -> None:
    snap = matter()
    for step, who, form in (("claim", 1, {}), ("complete", 1, {"note": "好了"}), ("solved", "resident", {"rating": 5})):
        snap = after(snap, taken(take(snap, step, who, **form)))  # type: ignore[arg-type]
    assert snap.stage == "closed"
    assert {c.state for c in snap.clocks} == {"stopped"}
    decision = taken(take(snap, "not_solved", "resident", minute=9000))
    assert decision.changes["closed_at"] is None
    assert decision.changes["outcome"] == "not_solved"
    again = after(snap, decision)
    assert clock(again, "complete").cycle == 2
    assert clock(again, "complete").started_at == NOON + minutes(9000)
    objected = taken(take(matter("set_aside"), "object", "resident", note="请再核实"))
    assert objected.changes["outcome"] == ""


def test_an_objection_goes_above_whoever_set_the_matter_aside() -> None:
    snap = matter("triage")
    aside = after(snap, taken(take(snap, "set_aside", 22, reason="test", note="测试信息")))
    assert holder_of(aside) == 22
    assert after(aside, taken(take(aside, "object", "resident", note="不是测试"))).level == "county"


def test_handing_back_needs_a_reason_and_goes_up_to_be_sorted() -> None:
    assert code(take(matter(), "hand_back", 1)) == "field_missing"
    assert code(take(matter(), "hand_back", 1, reason=" \n")) == "field_missing"
    assert code(take(matter(), "hand_back", 11, **GONE)) == "not_allowed"
    snap = after(matter(), taken(take(matter(), "hand_back", 1, **GONE)))
    assert (snap.stage, snap.level, holder_of(snap) in (11, 12)) == ("triage", "village", True)
    top = matter(
        holder=world.holder(42), level="city", roster=world.roster(*(s for s in world.SEATS if s.post.int == 42))
    )
    handed = taken(take(top, "hand_back", 42, **GONE))
    assert after(top, handed).holder == NOBODY
    assert any(n.to == "level" for n in handed.notices)


@pytest.mark.parametrize("step", ["correct", "ask_person"])
def test_a_resident_who_asks_for_a_person_gets_one_who_sorts(step: str) -> None:
    form = {"note": "不是这个地方"} if step == "correct" else {}
    snap = after(matter(), taken(take(matter(), step, "resident", **form)))
    assert (snap.stage, holder_of(snap) in (11, 12)) == ("triage", True)
    assert open_ask(snap, NOON).sure is False


def test_assigning() -> None:
    snap = matter()
    assert code(take(snap, "assign", 22, post="x", reason="y")) == "field_wrong"
    assert code(take(snap, "assign", 22, post=str(ident(777)), reason="y")) == "post_unknown"
    assert code(take(snap, "assign", 22, post=str(ident(90)), reason="y")) == "post_unknown"  # an administrator
    assert code(take(snap, "assign", 22, post=str(ident(1)), reason="y")) == "same_holder"
    assert code(take(matter(area=COUNTY), "assign", 22, post=str(ident(2)), reason="y")) == "post_outside"
    away = tuple(replace(s, away=((NOON, NOON + minutes(60)),)) if s.post == ident(2) else s for s in world.SEATS)
    assert (
        code(take(matter(roster=world.roster(*away)), "assign", 22, post=str(ident(2)), reason="y")) == "post_unknown"
    )
    for chosen, level in ((2, "grid"), (23, "township"), (33, "county")):
        given = after(snap, taken(take(snap, "assign", 22, post=str(ident(chosen)), reason="专业对口")))
        assert (holder_of(given), given.level) == (chosen, level)
    assert (
        holder_of(after(matter(area=""), taken(take(matter(area=""), "assign", 22, post=str(ident(2)), reason="y"))))
        == 2
    )


def test_classifying_moves_the_clocks_and_says_so() -> None:
    snap = matter("triage")
    decision = taken(take(snap, "classify", 21, category="city.waste", area=TOWNSHIP))
    done = after(snap, decision)
    assert (done.stage, done.category, done.area, holder_of(done), done.level) == (
        "received",
        "city.waste",
        TOWNSHIP,
        23,
        "township",
    )
    assert clock(done, "complete").due_at == NOON + timedelta(hours=24)
    assert [m["clock"] for m in decision.entries[0].data["moved"]] == ["complete"]  # type: ignore[index,attr-defined]
    assert code(take(snap, "classify", 21, category="no.such")) == "category_unknown"
    assert code(take(snap, "classify", 21, category="grid.lamp", area="here")) == "place_unknown"
    danger = taken(take(snap, "classify", 21, category="danger.gas"))
    assert danger.changes["urgent"] is True
    assert holder_of(after(snap, danger)) in (22, 24)


def test_classifying_leaves_whom_a_person_named() -> None:
    routed = matter("received")
    assert holder_of(after(routed, taken(take(routed, "classify", 21, category="city.waste", area=TOWNSHIP)))) == 23
    named = replace(routed, by_hand=True)
    kept = taken(take(named, "classify", 21, category="city.waste"))
    assert holder_of(after(named, kept)) == 1
    assert kept.assigned is None
    assert kept.entries[0].data["kept"]["post"] == str(ident(1))  # type: ignore[index]
    assert taken(take(named, "classify", 21, category="city.waste", keep="false")).assigned is not None
    assert holder_of(after(routed, taken(take(routed, "classify", 21, category="city.waste", keep="true")))) == 1
    assert code(take(named, "classify", 21, category="city.waste", area=COUNTY)) == "post_outside"


def test_a_correction_goes_to_those_who_sort_whoever_was_named() -> None:
    snap = replace(matter("received"), by_hand=True)
    decision = taken(decide(snap, "ask_person", actor=world.actor("resident", snap), at=NOON + minutes(1)))
    assert decision.assigned is not None


def test_the_kind_can_be_put_right() -> None:
    snap = matter("triage")
    assert after(snap, taken(take(snap, "classify", 21, category="grid.lamp", kind="dispute"))).kind == "dispute"
    danger = after(snap, taken(take(snap, "classify", 21, category="grid.lamp", kind="help_in_danger")))
    assert (danger.kind, danger.urgent) == ("help_in_danger", True)
    assert code(take(snap, "classify", 21, category="grid.lamp", kind="nonsense")) == "choice_unknown"


def working(category: str = "grid.lamp") -> Snapshot:
    return matter("working", category)


PAUSE = {"reason": "parts", "note": "等灯泡"}


def test_pausing_stops_only_the_declared_clock_and_only_while_it_is_not_red() -> None:
    assert code(take(working(), "resume", 1)) == "nothing_paused"
    assert "resume" not in {s.id for s in allowed(working(), by_post(1, working()))}
    assert code(take(working(), "pause", 1, minute=60, **PAUSE)) == "nothing_to_pause"
    decision = taken(take(working(), "pause", 1, minute=30, **PAUSE))
    assert decision.entries[0].data["paused"] == ["complete"]
    snap = after(working(), decision)
    assert code(take(snap, "pause", 1, minute=31, **PAUSE)) == "nothing_to_pause"
    assert world.sweep(snap, NOON + minutes(9999)) == snap
    back = after(snap, taken(take(snap, "resume", "resident", minute=1000)))
    assert clock(back, "complete").due_at == NOON + minutes(1030)


def test_a_pause_ends_with_its_stage() -> None:
    snap = after(working(), taken(take(working(), "pause", 1, minute=30, **PAUSE)))
    handed = taken(take(snap, "hand_back", 1, minute=100, **GONE))
    assert handed.entries[0].data["resumed"] == ["complete"]
    assert clock(after(snap, handed), "complete").due_at == NOON + minutes(130)
    finished = after(snap, taken(take(snap, "complete", 1, minute=5000, note="已修好")))
    assert clock(finished, "complete").breached is False
    assert clock(finished, "complete").colour(NOON) == "green"


def test_completing_needs_the_categorys_evidence_and_no_open_parts() -> None:
    assert code(take(working("city.waste"), "complete", 1, note="清了")) == "evidence_missing"
    assert code(take(working("city.waste"), "complete", 1, note="清了", evidence="photo")) == "evidence_missing"
    assert code(take(working("city.waste"), "complete", 1, evidence=["photo"])) == "field_missing"
    assert taken(take(working("city.waste"), "complete", 1, note="清了", evidence=["photo"])).stage == "answered"
    assert code(take(replace(working(), open_children=2), "complete", 1, note="好")) == "children_open"


def test_free_text_is_kept_apart_from_the_line() -> None:
    entry = taken(take(working(), "complete", 1, note="住户王女士已确认")).entries[0]
    assert dict(entry.texts) == {"note": "住户王女士已确认"}
    assert "王女士" not in str(entry.data)


def test_silence_closes_and_the_resident_is_reminded_before() -> None:
    snap = matter("answered")
    fired: list[tuple[UUID, str]] = []
    warned = fire(snap, clock(snap, "silence"), NOON + timedelta(hours=48))
    assert [n.to for n in warned.notices] == ["resident"]
    closed = world.sweep(snap, NOON + timedelta(hours=72), fired)
    assert (closed.stage, [name for _, name in fired]) == ("closed", ["warn", "breach"])
    lapse = fire(snap, replace(clock(snap, "silence"), rung=0), NOON + timedelta(hours=72))
    assert lapse.entries[0].step == "silence"
    assert lapse.changes["outcome"] == "silent"
    assert all(c.state == "stopped" for c in closed.clocks)


def test_a_year_without_a_table_keeps_nobody_from_acting_and_no_date_is_guessed() -> None:
    at = datetime(2026, 12, 20, 4, 0, tzinfo=UTC)
    snap = matter("triage", at=at)
    actor = by_post(21, snap)
    decision = taken(decide(snap, "classify", actor=actor, form={"category": "house.permit"}, at=at + minutes(1)))
    assert decision.entries[0].data["waiting"] == [{"clock": "complete", "calendar": "cn-workdays", "year": 2027}]
    assert any((n.to, n.kind) == ("level", "year_missing") for n in decision.notices)


def test_a_calendar_that_is_gone_is_a_refusal() -> None:
    snap = replace(matter(), calendars={})
    result = take(snap, "not_solved", "resident")
    assert code(result) == "wrong_stage"
    assert code(take(replace(matter("answered"), calendars={}), "not_solved", "resident")) == "calendar_missing"


@pytest.mark.parametrize(
    ("step", "form", "expected"),
    [
        ("claim", {"note": 5}, "field_wrong"),
        ("claim", {"note": "字" * 501}, "field_too_long"),
        ("claim", {"holder_post": "x"}, "field_unknown"),
        ("claim", {"evidence": ["photo"]}, "field_unknown"),
        ("claim", {"note": "\ud800\x00好"}, None),
        ("pause", {"reason": ["parts"], "note": "x"}, "choice_unknown"),
        ("pause", {"reason": {"a": 1}, "note": "x"}, "choice_unknown"),
        ("pause", {"reason": "coffee", "note": "x"}, "choice_unknown"),
    ],
)
def test_odd_forms(step: str, form: dict[str, object], expected: str | None) -> None:
    result = take(working() if step == "pause" else matter(), step, 1, **form)
    if expected is None:
        assert taken(result).entries[0].texts["note"].endswith("好")
        taken(result).entries[0].texts["note"].encode()
    else:
        assert code(result) == expected


@pytest.mark.parametrize(
    ("rating", "good"),
    [(1, True), ("5", True), (0, False), (6, False), ("1_0", False), (2.5, False), ("9" * 5000, False), (True, False)],
)
def test_ratings(rating: object, good: bool) -> None:
    result = take(matter("answered"), "solved", "resident", rating=rating)
    assert isinstance(result, Decision) is good
    if good:
        assert taken(result).changes["rating"] == int(str(rating))


def test_planted_reopening_stays_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(effects.Draft, "level_up", lambda self, leave=False: None)
    with pytest.raises(AssertionError):
        test_what_is_not_solved_goes_above_whoever_completed_it(1, "village")


def test_planted_a_pause_outlives_its_stage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clk, "resume", lambda c, *_: c)
    with pytest.raises((AssertionError, KeyError)):
        test_a_pause_ends_with_its_stage()
