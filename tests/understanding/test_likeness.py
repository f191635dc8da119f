"""Near-duplicates: what counts as the same problem, what does not, and that a look-up stays bounded."""

import time

import pytest

from linli.understanding.likeness import CANDIDATES, Index, Item, compare
from linli.understanding.likeness_text import grams, numbers, plain

LAMP = "urban.lighting.streetlamp"
HOUR = 3600.0


def lamp(key: object = "a", text: str = "桥头社区三号楼楼下的街灯坏掉了，请尽快处理", **more: object) -> Item:
    given: dict[str, object] = {"area": "511102004001001", "at": 0.0, "category": LAMP}
    return Item(key, text, **(given | more))  # type: ignore[arg-type]


LATER = lamp("b", "桥头社区3栋下面路灯不亮，晚上老人看不见路", at=2 * HOUR)


def test_other_words_for_the_same_thing_become_one() -> None:
    assert plain("桥头社区三号楼的街灯坏掉了，请尽快处理，谢谢！") == plain("桥头社区3栋的路灯坏了")
    assert numbers(plain("二十一号楼十二单元")) == numbers(plain("21栋12单元"))


@pytest.mark.parametrize("text", ["", "灯", "！！！", "\x00", "🙂" * 50, "a" * 30_000, "\ud800路灯"])
def test_no_text_breaks_it(text: str) -> None:
    index = Index()
    index.add(lamp("a", text.encode("utf-8", "replace").decode()))
    assert index.find(LATER, floor=0.999) == []
    grams(plain(text.encode("utf-8", "replace").decode()))


def test_the_same_problem_in_other_words_is_found_with_its_reasons() -> None:
    index = Index()
    index.add(lamp())
    index.add(lamp("other", "桥头社区5栋的垃圾没人收，臭得很", category="urban.sanitation.rubbish"))
    found = index.find(LATER)
    assert [one.key for one in found] == ["a"]
    said = [words.zh for words in found[0].why.words()]
    assert "在同一个网格" in said
    assert "楼栋或门牌号一致" in said
    assert "前后相隔 2 小时" in said


def test_another_building_another_village_and_long_ago_count_less() -> None:
    here = compare(LATER, lamp())
    building = compare(LATER, lamp(text="桥头社区五号楼楼下的街灯坏掉了，请尽快处理"))
    unnamed = lamp("b", "楼下路灯不亮，晚上老人看不见路", at=2 * HOUR)
    village = compare(unnamed, lamp(text="楼下的街灯坏掉了", area="511102004009001"))
    old = compare(LATER, lamp(at=-55 * 24 * HOUR))
    assert here is not None
    for other in (building, village, old):
        assert other is not None
        assert other.score < here.score
    assert village is not None
    assert village.score < 0.5


def test_pins_decide_before_grids() -> None:
    near = compare(lamp("b", lon=103.7600, lat=29.5500), lamp(area="511102004002001", lon=103.7605, lat=29.5500))
    far = compare(lamp("b", lon=103.7600, lat=29.5500), lamp(lon=103.7900, lat=29.5500))
    assert near is not None
    assert far is not None
    assert near.why.metres == pytest.approx(48, abs=2)
    assert near.why.place == "near"
    assert far.why.place == "far"
    assert near.score > 0.9 > far.score


def test_the_same_person_is_told_apart_from_many() -> None:
    index = Index()
    index.add(lamp("mine", senders=(7,)))
    index.add(lamp("theirs", senders=(8,)))
    found = {one.key: one.why.same_sender for one in index.find(lamp("b", at=HOUR, senders=(7,)))}
    assert found == {"mine": True, "theirs": False}


def test_parts_of_one_sentence_are_no_duplicates() -> None:
    index = Index()
    index.add(lamp("one", bundle="x"))
    assert index.find(lamp("two", bundle="x")) == []
    assert index.find(lamp("two", bundle="y"))


def test_removed_and_changed_messages_take_effect_at_once() -> None:
    index = Index()
    index.add(lamp())
    index.add(lamp("a", "柏杨坝的猪场很臭", area="511102004009001", category="rural.livestock.smell"))
    assert len(index) == 1
    assert index.find(LATER) == []
    index.add(lamp())
    assert index.find(LATER)
    assert index.remove("a")
    assert not index.remove("a")
    assert index.find(LATER) == []
    assert index.dead == 3
    assert len(index.compacted()) == 0


def test_a_compacted_index_answers_the_same() -> None:
    index = Index()
    for n in range(120):
        index.add(lamp(n, f"桥头社区{n % 40 + 1}栋的路灯坏了，{n}号晚上发现", at=n * HOUR, senders=(n,)))
    for n in range(0, 120, 3):
        index.remove(n)
    fresh = index.compacted()
    assert fresh.dead == 0
    found = index.find(LATER)
    assert found
    assert {one.key for one in found} == {one.key for one in fresh.find(LATER)}


def test_a_flood_costs_a_question_no_more_and_hides_nothing_else() -> None:
    index = Index()
    index.add(lamp("lonely", "柏杨西路幼儿园门口井盖被偷，孩子差点掉进去", area="511102002003001", category="x.y.z"))
    for n in range(10_000):
        index.add(lamp(n, f"桥头社区3栋下面路灯不亮，晚上看不见路{'！' * (n % 3)}", at=float(n)))
    assert len(index._candidates(index._asked(LATER))) <= CANDIDATES
    started = time.perf_counter()
    for _ in range(20):
        assert len(index.find(LATER)) == 8
    assert (time.perf_counter() - started) / 20 < 0.05  # measured about 2 ms; wide for a busy machine
    asked = lamp("q", "柏杨西路幼儿园门前的窨井盖不见了", area="511102002003001", category="x.y.z", at=HOUR)
    assert [one.key for one in index.find(asked)] == ["lonely"]
