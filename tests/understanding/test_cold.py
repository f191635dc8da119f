"""The cold model: the same interface as a trained one, from the catalogue alone; and the reading with a model."""

import math

import pytest

from linli.procedures.categories import Catalogue
from linli.understanding import evidence
from linli.understanding.cold import Cold
from linli.understanding.reader import VERSION, read
from linli.understanding.reading import Limits

TEXTS = ("路灯不亮", "公司拖欠工资", "The street lamp is broken", "", "🙂", "你好", "a" * 5000, "河水发黑" * 400)


@pytest.fixture(scope="module")
def cold(catalogue: Catalogue) -> Cold:
    return Cold(catalogue)


@pytest.mark.parametrize("text", TEXTS)
def test_probabilities_are_a_distribution_over_all_labels(cold: Cold, text: str) -> None:
    for detail in ("", "请尽快处理，谢谢"):
        found = cold.probabilities(text, detail)
        assert tuple(found) == cold.labels
        assert math.isclose(sum(found.values()), 1.0, abs_tol=1e-9)
        assert min(found.values()) > 0


def test_it_says_what_spoke(cold: Cold) -> None:
    found = cold.probabilities("小区门口的路灯不亮")
    assert max(found, key=lambda label: found[label]) == "城乡建设"
    assert "路灯不亮" in cold.speaks("小区门口的路灯不亮", "", "城乡建设")
    assert cold.speaks("小区门口的路灯不亮", "", "教育文体") == ()


class Voice:
    """A model of two labels, one of them the catalogue's own and one foreign, that always says the same."""

    version = "fixed-1"
    labels = ("城乡建设", "教育文体", "没有这一类")

    def __init__(self, *said: float) -> None:
        self.said = said

    def probabilities(self, subject: str, detail: str = "") -> dict[str, float]:
        return dict(zip(self.labels, self.said, strict=True))

    def speaks(self, subject: str, detail: str, label: str, most: int = 5) -> tuple[str, ...]:
        return ()


def test_a_model_decides_level_one_and_the_words_decide_the_leaf(catalogue: Catalogue) -> None:
    text = "学校门口的路灯和路面都坏了"
    for said, top in (((0.97, 0.02, 0.01), "urban"), ((0.01, 0.98, 0.01), "education")):
        reading = read(text, catalogue=catalogue, gazetteer=None, model=Voice(*said))
        guess = reading.parts[0].category
        assert guess is not None
        assert guess.code.startswith(f"{top}.")
        assert reading.version == f"fixed-1+{catalogue.version}"


def test_labels_the_model_never_learnt_are_found_by_the_words(catalogue: Catalogue) -> None:
    reading = read("小区里几只流浪狗追人", catalogue=catalogue, gazetteer=None, model=Voice(0.5, 0.4, 0.1))
    guess = reading.parts[0].category
    assert guess is not None
    assert guess.code == "justice.order.dogs"


class Broken(Voice):
    def probabilities(self, subject: str, detail: str = "") -> dict[str, float]:
        raise ValueError("a damaged file")


def test_a_model_that_fails_leaves_the_reading_to_the_words(catalogue: Catalogue) -> None:
    reading = read("路灯不亮", catalogue=catalogue, gazetteer=None, model=Broken(1, 0, 0))
    assert reading.version == f"{VERSION}+{catalogue.version}"
    assert reading.parts[0].category is not None


def test_foreign_labels_are_mapped_by_name_path_code_and_declared_meaning(catalogue: Catalogue) -> None:
    labels = ("城乡建设", "Transport", "urban.lighting.streetlamp", "民政/社会服务/生活无着人员救助", "什么也不是")
    assert dict(evidence.index_of(catalogue).mapping(labels)) == {
        "城乡建设": ("urban", ""),
        "Transport": ("transport", ""),
        "urban.lighting.streetlamp": ("urban", "urban.lighting.streetlamp"),
        "民政/社会服务/生活无着人员救助": ("civil", "civil.relief.homeless"),
    }


def test_the_city_s_limits_decide_what_goes_to_a_person(catalogue: Catalogue) -> None:
    def doubts(limit: float) -> int:
        return len(read("路灯不亮", catalogue=catalogue, gazetteer=None, limits=Limits(category=limit)).doubts)

    assert doubts(0.5) < doubts(0.999)


def test_the_index_goes_with_its_catalogue() -> None:
    import gc
    import weakref

    from linli.procedures.categories import load, shipped_bodies

    own = load(shipped_bodies())
    held = weakref.ref(evidence.index_of(own))
    del own
    gc.collect()
    assert held() is None
