"""What the page about the model is drawn from: bins of confidence, and lines to look up for what is mixed up."""

import numpy as np

from linli.understanding.model import measures

FOUND = [{"a": 0.9, "b": 0.1}, {"a": 0.62, "b": 0.38}, {"a": 0.3, "b": 0.7}, {"a": 0.97, "b": 0.03}]
TRUTH = ["a", "b", "b", "b"]


def test_the_bins_hold_every_letter_once() -> None:
    told = measures.figures(TRUTH, FOUND)["reliability"]
    assert sum(one["count"] for one in told) == len(FOUND)
    assert [one["confidence"] for one in told] == [0.62, 0.7, 0.9, 0.97]
    assert [one["accuracy"] for one in told] == [0.0, 1.0, 1.0, 0.0]


def test_equal_steps_share_a_bin() -> None:
    told = measures.reliability(np.array([0.81, 0.84, 1.0]), np.array([True, False, True]))
    assert told == [
        {"confidence": 0.825, "accuracy": 0.5, "count": 2},
        {"confidence": 1.0, "accuracy": 1.0, "count": 1},
    ]


def test_examples_are_the_surest_mistakes() -> None:
    lines = [2, 3, 4, 5]
    assert measures.examples(lines, TRUTH, FOUND) == {"b": {"a": [5, 3]}}
    assert measures.examples(lines, TRUTH, FOUND, most=1) == {"b": {"a": [5]}}
    assert measures.examples([0, 0, 0, 0], TRUTH, FOUND) == {}
