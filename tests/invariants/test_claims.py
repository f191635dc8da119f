"""Invariant 9: fifty reach for one matter, one gets it, and the others learn who."""

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.invariants.harness import race

if TYPE_CHECKING:
    from tests.matters.town import Town

pytestmark = pytest.mark.django_db(transaction=True)
RACERS = 50


@pytest.fixture
def racers(town: "Town") -> list[Any]:
    """Fifty dispatchers of the same village."""
    from linli.kernel import stamps
    from linli.matters import reference
    from linli.parties.access import viewer_for
    from linli.parties.models import Person, Post
    from tests.matters.town import T0, VILLAGE

    people = [Person.objects.create(username=f"r{n}", name=f"抢单{n}", created_at=T0) for n in range(RACERS)]
    for one in people:
        Post.objects.create(person=one, unit=town.units["village"], role="dispatcher", area=VILLAGE, valid_from=T0)
    stamps.bump("parties")
    reference.forget()
    return [viewer_for(one, T0) for one in people]


def run(racers: list[Any], races: int) -> list[tuple[list[Any], Any, str, int]]:
    """Each race: what each racer got, the matter's holder, the holder's name, and how many claims its history holds."""
    from linli.matters import actions
    from linli.matters.intake import Request, receive
    from linli.matters.models import Event, Matter
    from tests.matters.town import GRID, T0

    seen = []
    at = T0 + timedelta(minutes=1)
    for number in range(races):
        got = receive(Request(f"第{number}号路灯不亮", "page", area=GRID), at=T0).items[0]
        results = race(racers, lambda who, got=got: actions.take(got.id, "claim", viewer=who, at=at))  # type: ignore[misc]
        matter = Matter.objects.select_related("holder_post__person").get(pk=got.id)
        name = matter.holder_post.person.name if matter.holder_post else ""
        claims = Event.objects.filter(matter=matter, step="claim").count()
        seen.append((results, matter.holder_post_id, name, claims))
    return seen


def check(racers: list[Any], seen: list[tuple[list[Any], Any, str, int]]) -> list[str]:
    """One winner, who holds it; all others were told the winner's name; one claim in the history."""
    from linli.core.refusals import Refused

    wrong = []
    for number, (results, holder, name, claims) in enumerate(seen):
        won = [who for who, result in zip(racers, results, strict=True) if not isinstance(result, BaseException)]
        if len(won) != 1 or claims != 1:
            wrong.append(f"race {number}: {len(won)} winners, {claims} claims")
        elif holder not in won[0].post_ids:
            wrong.append(f"race {number}: the winner does not hold it")
        lost = [r for r in results if isinstance(r, BaseException)]
        told = Counter(
            (r.refusal.code, r.refusal.params.get("holder")) if isinstance(r, Refused) else (repr(r), None)
            for r in lost
        )
        wrong += [
            f"race {number}: {what} × {times}" for what, times in told.items() if what != ("already_claimed", name)
        ]
    return wrong


@pytest.mark.timeout(0)
def test_one_winner(racers: list[Any], scale: float) -> None:
    races = 2000 if scale == 1 else 8
    assert check(racers, run(racers, races)) == []


@pytest.mark.timeout(300)
@pytest.mark.parametrize("defect", ["no lock", "anyone"])
def test_two_winners_are_noticed(racers: list[Any], defect: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: the row is not locked (the racers then collide at the write); who claims a claimed one takes it over."""
    from linli.core import decide
    from linli.matters import actions, standing

    if defect == "no lock":
        monkeypatch.setattr(standing, "lock", list)
        assert actions.standing.lock is standing.lock
    else:
        whole = decide._may

        def may(snap: Any, step: Any, actor: Any) -> Any:
            return None if step.id == "claim" else whole(snap, step, actor)

        monkeypatch.setattr(decide, "_may", may)
    # two racers must meet in the middle of a write: a few races, and one that shows it is enough
    assert any(check(racers, run(racers, 2)) for _ in range(12))
