"""Fitting the weights of the likeness score, and measuring it: precision and recall over labelled pairs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from linli.understanding.likeness import Index, Item
from linli.understanding.likeness_pairs import Pair
from linli.understanding.likeness_score import FEATURES, THRESHOLD, Floats, logistic, weigh

WHERE, PLACE, CATEGORY, THINGS = (FEATURES.index(name) for name in ("where", "place", "category", "things"))
RIDGE: Final = 1.0  # a small pull towards zero (L2), so that a perfect feature keeps a finite weight


@dataclass(frozen=True, slots=True)
class Table:
    """The features of pairs and their truth."""

    rows: Floats
    same: Floats


def table(pairs: Sequence[Pair], background: Iterable[Item]) -> Table:
    """The features of *pairs* in an index that knows *background*, so that common words weigh little."""
    index = Index()
    for item in background:
        index.add(item)
    rows = []
    for pair in pairs:
        index.add(pair.one)
        rows.append(index.features(pair.other, pair.one.key))
        index.remove(pair.one.key)
    return Table(np.concatenate(rows), np.array([float(pair.same) for pair in pairs]))


def widened(given: Table, seed: int) -> Table:
    """The generated pairs once more as life has them: things that no list knows, categories heard half of the time;
    and more of what is commonest of all, another trouble at the same place, with any category."""
    rng = np.random.default_rng(seed)
    again = given.rows.copy()
    again[:, THINGS] = 0.0
    again[:, CATEGORY] *= rng.random(len(again)) < 0.5
    beside = (given.same == 0) & (given.rows[:, PLACE] >= 0.7) & (given.rows[:, WHERE] > 0.5)
    other = np.repeat(given.rows[beside], 2, axis=0)
    other[:, THINGS] = 0.0
    other[:, CATEGORY] = rng.choice([0.0, -0.4, 0.4, -1.0], len(other))
    rows = np.vstack([given.rows, again, other])
    return Table(rows, np.concatenate([given.same, given.same, np.zeros(len(other))]))


def fit(given: Table, steps: int = 60) -> Floats:
    """Weights of a logistic regression with a ridge, by Newton's method."""
    weights = np.zeros(given.rows.shape[1])
    pull = np.full(len(weights), RIDGE)
    pull[0] = 0.0
    for _ in range(steps):
        said = logistic(given.rows @ weights)
        slope = given.rows.T @ (given.same - said) - pull * weights
        curve = (given.rows.T * (said * (1 - said))) @ given.rows + np.diag(pull)
        move = np.linalg.solve(curve, slope)
        weights = weights + move
        if float(np.abs(move).max()) < 1e-9:
            break
    return np.asarray(weights)


def measure(given: Table, threshold: float = THRESHOLD) -> dict[str, Any]:
    """Precision, recall and F1 of the shipped weights at *threshold*, with the counts behind them."""
    return judged(weigh(given.rows), given.same, threshold)


def judged(scores: Floats, truth: Floats, threshold: float) -> dict[str, Any]:
    """The same for any scores."""
    said, same = scores >= threshold, truth > 0
    right, wrong, missed = int((said & same).sum()), int((said & ~same).sum()), int((~said & same).sum())
    precision = right / (right + wrong) if right + wrong else 1.0
    recall = right / (right + missed) if right + missed else 1.0
    return {
        "pairs": len(same),
        "same": int(same.sum()),
        "threshold": threshold,
        "precision": round(precision, 4),
        "recall": round(recall, 4),
        "f1": round(2 * precision * recall / (precision + recall), 4) if precision + recall else 0.0,
        "found": right,
        "wrong": wrong,
        "missed": missed,
    }
