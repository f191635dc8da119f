"""Near-identical sentences are read alike: politeness, punctuation, a time or the grid's number change nothing."""

from collections.abc import Callable

import pytest

from linli.procedures.categories import Catalogue
from linli.understanding.reader import read

SAID: tuple[Callable[[str], str], ...] = (
    lambda text: f"您好，{text}",
    lambda text: f"请问{text}",
    lambda text: f"你好，我想反映一下，{text}",
    lambda text: f"{text}，谢谢",
    lambda text: f"{text}，麻烦了",
    lambda text: f"{text}，请尽快处理",
    lambda text: f"{text}！！",
    lambda text: f"昨晚{text}",
    lambda text: text.replace("，", " "),
    lambda text: text.replace("了", ""),
)
MOST_FLIPS = 0.005
"""Share of variants on the other side of sure: a sentence that stands on the threshold itself may fall either way."""


@pytest.fixture(scope="module")
def sentences(catalogue: Catalogue) -> list[str]:
    return [text for category in catalogue.by_code.values() for text in category.examples_zh]


def judged(catalogue: Catalogue, text: str) -> tuple[str, bool]:
    part = read(text, catalogue=catalogue, gazetteer=None).parts[0]
    doubts = [doubt for doubt in part.doubts if doubt.zh != "没有说明地点"]
    return part.category.code if part.category else "", not doubts


def test_hardly_a_variant_flips(catalogue: Catalogue, sentences: list[str]) -> None:
    pairs = [(judged(catalogue, text), judged(catalogue, say(text))) for text in sentences[::2] for say in SAID]
    flips = sum(1 for one, other in pairs if one[1] != other[1])
    moved = sum(1 for one, other in pairs if one[0] != other[0])
    assert flips <= MOST_FLIPS * len(pairs)
    assert moved <= 2 * MOST_FLIPS * len(pairs)
