"""Likely duplicates in the database: found after intake, decided by people, gone with erasure."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.matters.town import CITY, GRID, GRID2, T0

if TYPE_CHECKING:
    from tests.matters.town import Town

LAMP = "柳荫社区3栋楼下的路灯坏了，晚上看不见路"
LAMP_AGAIN = "柳荫社区三号楼门口街灯不亮好几天了"
RUBBISH = "柳荫社区5栋的垃圾没人收，臭得很"
NOW = T0 + timedelta(hours=2)


def found(town: "Town", item: Any, who: str = "dora") -> list[Any]:
    from linli.matters import likeness
    from linli.matters.models import Matter

    return likeness.of_matter(town.viewer(who), Matter.objects.get(pk=item.id))


@pytest.fixture
def follower(town: "Town") -> Any:
    from linli.matters.likeness_index import Follower

    made = Follower()
    made.fill(T0)
    return made


@pytest.fixture
def work(follower: Any) -> Callable[[], int]:
    """One pass of the worker."""
    from linli.matters import likeness

    return lambda: likeness.pass_once(follower, NOW, [])


def test_a_later_matter_is_likened_to_an_earlier_with_reasons(
    town: "Town", say: Callable[..., Any], work: Callable[[], int]
) -> None:
    first, other = say(LAMP), say(RUBBISH)
    later = say(LAMP_AGAIN, at=T0 + timedelta(hours=1))
    assert work() == 3
    alike = found(town, later)
    assert [one.matter.pk for one in alike] == [first.id]
    assert "在同一个网格" in [words.zh for words in alike[0].reasons]
    assert [one.matter.pk for one in found(town, first)] == [later.id]
    assert found(town, other) == []
    assert work() == 0


def test_the_same_person_again_is_said_so(town: "Town", say: Callable[..., Any], work: Callable[[], int]) -> None:
    say(LAMP, contact_phone="139 1234 5678")
    say(LAMP, contact_phone="13700000000")
    mine = say(LAMP_AGAIN + "，请打13912345678", at=T0 + timedelta(hours=1))
    work()
    assert sorted(one.same_sender for one in found(town, mine)) == [False, True]


def test_what_a_person_decided_is_never_suggested_again(
    town: "Town", say: Callable[..., Any], work: Callable[[], int], follower: Any
) -> None:
    from linli.audit.models import Entry
    from linli.matters import likeness
    from linli.matters.models import Likeness, Matter

    first, later = say(LAMP), say(LAMP_AGAIN, at=T0 + timedelta(hours=1))
    work()
    pair = [Matter.objects.get(pk=one.id) for one in (later, first)]
    likeness.decide(*pair, "different", viewer=town.viewer("dora"), at=NOW)
    assert found(town, later) == []
    assert found(town, first) == []
    likeness.look(follower, [later.id], NOW)
    assert found(town, later) == []
    row = Likeness.objects.get(matter=later.id, other=first.id)
    assert (row.decided, row.decided_by) == ("different", town.viewer("dora").actor_id)
    assert Entry.objects.filter(verb="alike_different").count() == 1


def test_nobody_decides_on_what_they_may_not_see(town: "Town", say: Callable[..., Any]) -> None:
    from linli.core.refusals import Refused
    from linli.matters import likeness
    from linli.matters.models import Likeness, Matter
    from linli.parties.access import NOBODY

    pair = [Matter.objects.get(pk=say(text).id) for text in (LAMP, LAMP_AGAIN)]
    with pytest.raises(Refused):
        likeness.decide(*pair, "different", viewer=NOBODY, at=NOW)
    with pytest.raises(Refused):
        likeness.decide(pair[0], pair[0], "different", viewer=town.viewer("dora"), at=NOW)
    assert not Likeness.objects.exists()


def test_candidates_that_the_viewer_may_not_see_are_not_shown(
    town: "Town", say: Callable[..., Any], work: Callable[[], int]
) -> None:
    from linli.matters import likeness
    from linli.matters.models import Matter
    from linli.parties.access import NOBODY

    say(LAMP)
    later = say(LAMP_AGAIN)
    work()
    assert likeness.of_matter(NOBODY, Matter.objects.get(pk=later.id)) == []
    assert len(found(town, later)) == 1


def test_merging_settles_it_and_the_main_matter_stands_for_all(
    town: "Town", say: Callable[..., Any], work: Callable[[], int]
) -> None:
    from linli.matters import actions
    from linli.matters.models import Likeness, Matter

    first, second = say(LAMP), say(LAMP_AGAIN, at=T0 + timedelta(minutes=1))
    work()
    code = Matter.objects.get(pk=first.id).code
    actions.take(second.id, "merge", viewer=town.viewer("dora"), form={"into": code}, at=NOW)
    assert Likeness.objects.get(matter=second.id).decided == "same"
    third = say(LAMP_AGAIN + "，麻烦快点", at=T0 + timedelta(hours=1))
    work()
    assert [one.matter.pk for one in found(town, third)] == [first.id]
    actions.take(second.id, "unmerge", viewer=town.viewer("dora"), at=NOW)
    assert Likeness.objects.get(matter=second.id, other=first.id).decided == "different"
    assert first.id not in [one.matter.pk for one in found(town, second)]


def test_erasure_takes_effect_everywhere(
    town: "Town", say: Callable[..., Any], work: Callable[[], int], follower: Any
) -> None:
    from linli.matters import actions, erasure
    from linli.matters.models import Likeness

    first, later = say(LAMP), say(LAMP_AGAIN)
    work()
    actions.take(
        first.id, "set_aside", viewer=town.viewer("dora"), form={"reason": "elsewhere", "note": "重复"}, at=NOW
    )
    erasure.erase(first.id, viewer=town.viewer("dora"), reason="本人要求", at=NOW)
    assert not Likeness.objects.exists()
    assert found(town, later) == []
    work()
    assert first.id not in follower.index
    assert not Likeness.objects.exists()


def test_an_index_that_lags_stores_nothing_of_the_erased(
    town: "Town", say: Callable[..., Any], work: Callable[[], int], follower: Any
) -> None:
    from linli.matters import likeness
    from linli.matters.models import Likeness, Statement

    first, later = say(LAMP), say(LAMP_AGAIN)
    follower.follow(NOW)
    Statement.objects.filter(matter=first.id).update(text="", erased_at=NOW)
    likeness.look(follower, [later.id], NOW)
    assert not Likeness.objects.exists()


def test_sorting_anew_and_moving_take_effect(
    town: "Town", say: Callable[..., Any], work: Callable[[], int], follower: Any
) -> None:
    from linli.matters.models import Event, Matter

    first = say(LAMP)
    work()
    assert follower.index.stands(first.id, GRID, first.category)
    Matter.objects.filter(pk=first.id).update(area=GRID2)
    Event.objects.filter(matter=first.id).exists()
    work()
    assert follower.index.stands(first.id, GRID2, first.category)


def test_a_second_fill_holds_the_same(town: "Town", say: Callable[..., Any], follower: Any) -> None:
    from linli.matters.likeness_index import Follower

    for text in (LAMP, LAMP_AGAIN, RUBBISH):
        say(text)
    follower.follow(NOW)
    again = Follower()
    again.fill(NOW)
    assert again.ready
    assert len(again.index) == len(follower.index) == 3


def test_parts_of_one_sentence_are_not_likened(town: "Town", work: Callable[[], int]) -> None:
    from linli.matters.intake import Request, receive
    from linli.matters.models import Likeness

    receive(Request("柳荫社区路灯坏了，另外柳荫社区的路灯也不亮，垃圾没人收", "page", area=CITY), at=T0)
    work()
    assert not Likeness.objects.exists()
