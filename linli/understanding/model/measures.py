"""Figures of merit: macro-F1, accuracy, per class, confusion, abstention, calibration."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from linli.understanding.model import calibration
from linli.understanding.model.linear import Floats

THRESHOLD: Final = 0.6
"""Below this confidence a person decides, unless the city says otherwise."""


def figures(truth: Sequence[str], found: Sequence[Mapping[str, float]], threshold: float = THRESHOLD) -> dict[str, Any]:
    """All figures of *found* probabilities (one mapping a letter) against the *truth*."""
    guesses = [max(sorted(said), key=lambda label: said[label]) for said in found]
    sure = np.array([said[guess] for said, guess in zip(found, guesses, strict=True)], np.float64)
    right = np.array([guess == label for guess, label in zip(guesses, truth, strict=True)], bool)
    labels = sorted({*truth, *guesses})
    kept = sure >= threshold
    per_class = {label: _one(label, truth, guesses) for label in labels}
    return {
        "macro_f1": round(macro_f1(truth, guesses), 4),
        "accuracy": round(float(right.mean()) if len(right) else 0.0, 4),
        "messages": len(truth),
        "threshold": threshold,
        "abstained": round(float((~kept).mean()) if len(kept) else 0.0, 4),
        "accuracy_not_abstained": round(float(right[kept].mean()), 4) if kept.any() else None,
        "ece": round(calibration.ece(sure, right), 4),
        "per_class": per_class,
        "confusion": confusion(labels, truth, guesses),
        "reliability": reliability(sure, right),
    }


def reliability(sure: Floats, right: NDArray[np.bool_], steps: int = 20) -> list[dict[str, float]]:
    """How sure and how often right, in equal steps of confidence that hold any letter: what a threshold would do can be
    read from it."""
    bins = np.minimum((sure * steps).astype(int), steps - 1)
    return [
        {
            "confidence": round(float(sure[bins == number].mean()), 4),
            "accuracy": round(float(right[bins == number].mean()), 4),
            "count": int((bins == number).sum()),
        }
        for number in np.unique(bins)
    ]


def examples(
    lines: Sequence[int], truth: Sequence[str], found: Sequence[Mapping[str, float]], most: int = 3
) -> dict[str, dict[str, list[int]]]:
    """True label → guessed label → lines of the training file, those it was surest of first."""
    wrong: list[tuple[float, str, str, int]] = []
    for line, label, said in zip(lines, truth, found, strict=True):
        guess = max(sorted(said), key=lambda one: said[one])
        if guess != label and line:
            wrong.append((-said[guess], label, guess, line))
    table: dict[str, dict[str, list[int]]] = {}
    for _sure, label, guess, line in sorted(wrong):
        kept = table.setdefault(label, {}).setdefault(guess, [])
        if len(kept) < most:
            kept.append(line)
    return table


def macro_f1(truth: Sequence[str], guesses: Sequence[str]) -> float:
    """The mean of the labels' F1, each counting the same."""
    return float(np.mean([_one(label, truth, guesses)["f1"] for label in sorted({*truth, *guesses})]))


def confusion(labels: Sequence[str], truth: Sequence[str], guesses: Sequence[str]) -> dict[str, dict[str, int]]:
    """True label → guessed label → how many; without the zeros."""
    table: dict[str, dict[str, int]] = {label: {} for label in labels}
    for label, guess in zip(truth, guesses, strict=True):
        table[label][guess] = table[label].get(guess, 0) + 1
    return {label: dict(sorted(row.items())) for label, row in table.items() if row}


def _one(label: str, truth: Sequence[str], guesses: Sequence[str]) -> dict[str, Any]:
    support, guessed = sum(t == label for t in truth), sum(g == label for g in guesses)
    hits = sum(t == g == label for t, g in zip(truth, guesses, strict=True))
    return {
        "precision": round(hits / guessed, 4) if guessed else 0.0,
        "recall": round(hits / support, 4) if support else 0.0,
        "f1": round(2 * hits / (support + guessed), 4) if support + guessed else 0.0,
        "support": support,
        "guessed": guessed,
    }
