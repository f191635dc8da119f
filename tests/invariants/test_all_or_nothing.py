# ruff: noqa: E501
"""Invariant 12: all or nothing. Every write verb is broken off after each of its SQL statements; the database is as before."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import transaction

from tests.invariants.harness import Pulled, contents, fails_after

if TYPE_CHECKING:
    from tests.matters.town import Town

pytestmark = pytest.mark.django_db(transaction=True)
Verb = Callable[[], object]
RESUMED = ("recompute", "seal")  # several transactions, each whole; may be run again at any time
MOST = 60  # statements of one verb


def broken_off(name: str, verb: Verb) -> list[str]:
    """Run *verb* with a failure after its 1st, 2nd, … statement and then whole; where something was left behind."""
    before = contents()
    for count in range(1, MOST):
        with fails_after(count) as ran:
            try:
                verb()
            except Pulled:
                after = contents()
                if after != before and name in RESUMED:
                    verb()  # its transactions are whole each: once more, and there is nothing left to do
                    return [] if contents() == after else [f"{name}: statement {count} left it half done"]
                if after != before:
                    moved = sorted(t for t in before if before[t] != after.get(t))
                    return [f"{name}: statement {count} ({ran[-1][:60]}) left {', '.join(moved)} changed"]
                continue
        return [] if contents() != before else [f"{name}: wrote nothing at all"]
    return [f"{name}: more than {MOST} statements"]


def whole(verb: Verb) -> Verb:
    """A verb of one statement, or one that leaves the transaction to its caller."""

    def wrapped() -> object:
        with transaction.atomic():
            return verb()

    return wrapped


def check(verbs: Iterator[tuple[str, Verb]]) -> tuple[int, list[str]]:
    """How many verbs were looked at, and what is wrong."""
    wrong, number = [], 0
    for name, verb in verbs:
        number += 1
        wrong += broken_off(name, verb)
    return number, wrong


_PATHS: dict[str, tuple[tuple[str, str], ...]] = {
    "resume": (("alice", "claim"), ("alice", "pause")),
    "pause": (("alice", "claim"),),
    "complete": (("alice", "claim"),),
    "solved": (("alice", "claim"), ("alice", "complete")),
    "not_solved": (("alice", "claim"), ("alice", "complete")),
    "object": (("resident", "withdraw"),),
    "unmerge": (("bob", "merge"),),
}
_BY = {
    "claim": "alice", "hand_back": "alice", "progress": "alice", "pause": "alice", "resume": "alice", "complete": "alice",
    "classify": "bob", "assign": "bob", "set_aside": "bob", "merge": "bob", "unmerge": "bob",
}  # fmt: skip


def steps(town: "Town") -> Iterator[tuple[str, Verb]]:
    """Every step of the procedure that a person takes, each on a matter of its own that was brought to where it begins."""
    from linli.matters import actions, queries, reference
    from linli.matters.apply import File
    from linli.matters.intake import Request, receive
    from linli.matters.models import Matter
    from tests.matters.town import GRID, GRID2, T0

    main = receive(Request("第二网格路灯不亮", "page", area=GRID2), at=T0).items[0]
    forms: dict[str, dict[str, object]] = {
        "classify": {"category": "urban.sanitation", "area": GRID, "note": "核对"},
        "assign": {"post": str(town.posts["amy"].pk), "reason": "本网格更近"},
        "pause": {"reason": "weather", "note": "大雨"},
        "set_aside": {"reason": "", "note": "不属受理范围"},
        "merge": {"into": Matter.objects.get(pk=main.id).code},
        "solved": {"rating": 5},
        "not_solved": {"rating": 1, "note": "还在"},
        "place": {"area": GRID},
    }
    ref = reference.current(fresh=True)
    procedure = ref.latest("request")
    forms["classify"]["category"] = next(iter(ref.terms))
    reasons = next(field for field in procedure.steps["set_aside"].fields if field.id == "reason")
    forms["set_aside"]["reason"] = reasons.choices[0][0]
    photo = [File("photo", "c" * 64, "image/jpeg", 9, 1, 1), File("receipt", "d" * 64, "application/pdf", 9)]

    def take(ident: Any, step: str, who: str) -> object:
        viewer = queries.resident(Matter.objects.get(pk=ident)) if who == "resident" else town.viewer(who)
        texts = {field.id: "说明" for field in procedure.steps[step].fields if field.type == "long_text"}
        form = forms.get(step, texts)
        return actions.take(
            ident,
            step,
            viewer=viewer,
            form=form,
            files=photo if step == "complete" else [],
            at=T0 + timedelta(minutes=1),
        )

    for step in procedure.steps.values():
        if step.by == ("clock",):
            continue
        got = receive(Request("柳荫社区第一网格路灯不亮", "page", area=GRID), at=T0).items[0]
        for who, before in _PATHS.get(step.id, ()):
            take(got.id, before, who)
        yield f"step {step.id}", lambda got=got, step=step: take(got.id, step.id, _BY.get(step.id, "resident"))  # type: ignore[misc]


def others(town: "Town") -> Iterator[tuple[str, Verb]]:
    """Intake, sweeping, handing on, moving deadlines, seals, notices, time."""
    from linli.channels import notify
    from linli.kernel import clock, outbox
    from linli.matters import actions, handover, likeness, recompute, seals, sweep, timeguard
    from linli.matters.intake import Request, receive
    from linli.matters.models import Clock, Matter, Notice
    from tests.matters.town import GRID, T0

    two = Request("路灯不亮，另外垃圾没有清运", "page", area=GRID, scope="t", key="k", body=b"b")
    yield "receive", whole(lambda: receive(two, at=T0))
    yield "sweep", lambda: sweep.sweep_once(T0 + timedelta(minutes=4))
    yield "sweep again", lambda: sweep.sweep_once(T0 + timedelta(minutes=12))
    yield "lapse", lambda: sweep.sweep_once(T0 + timedelta(days=4))
    Clock.objects.filter(state="open", calendar="always").update(span="7 min")
    yield "recompute", lambda: recompute.recompute(why="新的时限", actor="person:x", at=T0 + timedelta(minutes=20))
    yield "hand on", lambda: handover.hand_on(town.posts["alice"].pk, at=T0 + timedelta(minutes=21))
    matter = Matter.objects.first()
    assert matter is not None
    yield "look", whole(lambda: actions.look(matter, viewer=town.viewer("bob"), at=T0))
    due = outbox.lease(500, at=T0 + timedelta(days=9))
    yield "deliver", lambda: notify._notices([m for m in due if m.topic == "notice"], T0)
    seen = Notice.objects.filter(post=town.posts["bob"]).values_list("pk", flat=True)
    yield "see notices", whole(lambda: actions.see_notices(list(seen), viewer=town.viewer("bob"), at=T0))
    first, second = Matter.objects.order_by("pk")[:2]
    yield "alike", lambda: likeness.decide(first, second, "different", viewer=town.viewer("bob"), at=T0)
    yield "seal", lambda: seals.seal_once(clock.now() + timedelta(hours=1))
    yield "accept time", lambda: timeguard.accept(actor="person:x", at=T0)


def parties(town: "Town") -> Iterator[tuple[str, Verb]]:
    """Units, people, posts, absences, tokens."""
    from linli.parties import actions, token_actions
    from linli.parties.access import SYSTEM
    from linli.parties.models import Absence, Person, Post, Token, Unit
    from tests.matters.town import CITY, GRID, T0, VILLAGE

    by: dict[str, Any] = {"actor": SYSTEM, "at": T0 + timedelta(days=1)}
    late = T0 + timedelta(days=2)
    yield "create unit", lambda: actions.create_unit("调解中心", VILLAGE, "court", **by)
    unit = Unit.objects.get(name="调解中心")
    yield "change unit", lambda: actions.change_unit(unit.pk, {"phone": "0833-1"}, **by)
    yield "set duties", lambda: actions.set_duties(unit.pk, ["civil"], **by)
    yield "change duties", lambda: actions.set_duties(unit.pk, ["labour", "land"], **by)
    yield "create person", lambda: actions.create_person("newman", "新人", password="Correct-horse-9", **by)
    person = Person.objects.get(username="newman")
    yield "change person", lambda: actions.change_person(person.pk, {"name": "老人", "phone": "1"}, **by)
    yield "set password", lambda: actions.set_password(person.pk, "Another-horse-9", **by)
    yield "grant post", lambda: actions.grant_post(person.pk, unit.pk, "officer", VILLAGE, **by)
    yield "grant term", lambda: actions.grant_post(person.pk, unit.pk, "operator", VILLAGE, valid_to=late, **by)
    yield "reset factor", lambda: actions.reset_second_factor(person.pk, reason="手机丢失", **by)
    post = Post.objects.get(person=person, role="officer")
    yield "absence", lambda: actions.record_absence(post.pk, T0, late, **by)
    yield "end absence", lambda: actions.end_absence(Absence.objects.get(post=post).pk, **by)
    yield "end post", lambda: actions.end_post(town.posts["amy"].pk, **by)
    yield "end person", lambda: actions.end_person(person.pk, **by)
    yield "issue token", lambda: token_actions.issue_token("门", ["matters:create"], area=CITY, **by)
    yield "end token", lambda: token_actions.end_token(Token.objects.get(name="门").pk, **by)
    from linli.places import actions as places

    yield "rename", lambda: places.rename(GRID, "东一网格", actor="person:x", at=late)
    yield "add names", lambda: places.add_names([(GRID, "柳树坪", "landmark", None, None)], actor="person:x", at=late)
    from linli.places.models import PlaceName
    from linli.places.spots import Name

    spots = [Name(GRID, name, "landmark", None, None, "测试") for name in ("柳荫菜市场", "柳荫小学")]
    yield "import spots", lambda: places.import_spots(spots, actor="person:x", at=late)
    spot = PlaceName.objects.get(name="柳荫小学")
    yield "end a name", lambda: places.end_name(spot.pk, actor="person:x", at=late)


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("part", "least"), [(steps, 18), (others, 10), (parties, 17)])
def test_a_broken_write_leaves_nothing(
    town: "Town", part: Callable[["Town"], Iterator[tuple[str, Verb]]], least: int
) -> None:
    if part is others:
        for _, verb in steps(town):
            verb()
    number, wrong = check(part(town))
    assert wrong == []
    assert number >= least


def test_every_verb_is_listed() -> None:
    """A new public function of the actions modules must be broken off here too."""
    import inspect

    from linli.matters import actions as matters
    from linli.parties import actions as people
    from linli.parties import token_actions
    from linli.places import actions as places

    here = inspect.getsource(inspect.getmodule(test_every_verb_is_listed))  # type: ignore[arg-type]
    elsewhere = {"one_stamp", "import_places"}  # tests/parties/test_actions.py, tests/places/test_import.py
    for module in (matters, people, token_actions, places):
        for name, made in vars(module).items():
            own = inspect.isfunction(made) and inspect.unwrap(made).__module__ == module.__name__
            if own and not name.startswith("_") and name not in elsewhere:
                assert f".{name}(" in here, (
                    f"{module.__name__}.{name} is not broken off in tests/invariants/test_all_or_nothing.py"
                )


def test_a_verb_without_transaction_is_noticed(town: "Town") -> None:
    """Planted: a verb stripped of its transaction; one that does its work in two."""
    from linli.audit.actions import record
    from linli.matters.intake import Request, receive
    from linli.parties import actions
    from linli.parties.access import SYSTEM
    from tests.matters.town import GRID, T0, VILLAGE

    def in_two() -> None:
        receive(Request("路灯不亮", "page", area=GRID), at=T0)
        record("system:x", "received", "matter", "", at=T0)

    bare = actions.create_unit.__wrapped__  # type: ignore[attr-defined]
    assert broken_off("bare", lambda: bare("调解中心", VILLAGE, "court", actor=SYSTEM, at=T0)) != []
    assert broken_off("in two", in_two) != []
