"""Scores that mean something: how a calibration is fitted, and how far confidence is from being right (ECE)."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from linli.understanding.model.linear import Calibration, Floats

BINS: Final = 15
PULL: Final = 1e-3
"""How strongly the shifts are held near zero, a letter."""
Labels = NDArray[np.int64]


def fit(scores: Floats, labels: Labels) -> Calibration:
    """The scale and shifts under which the labels of held-out letters were likeliest."""
    count, width = scores.shape
    hit = np.zeros((count, width))
    hit[np.arange(count), labels] = 1

    def loss(point: NDArray[Any]) -> tuple[float, NDArray[Any]]:
        scale, shift = float(np.exp(point[0])), point[1:]
        found = Calibration(scale, tuple(shift)).probabilities(scores)
        wrong = (found - hit) / count
        value = -float(np.log(found[np.arange(count), labels] + 1e-12).mean()) + PULL * float(shift @ shift)
        slope = np.concatenate(([scale * float((wrong * scores).sum())], wrong.sum(axis=0) + 2 * PULL * shift))
        return value, slope

    best = minimize(loss, np.concatenate(([np.log(3.0)], np.zeros(width))), jac=True, method="L-BFGS-B").x
    return Calibration(float(np.exp(best[0])), tuple(float(shift) for shift in best[1:]))


def crossed(scores: Floats, labels: Labels, folds: NDArray[np.int64]) -> Floats:
    """Probabilities of held-out letters, each by a calibration fitted on the letters of the other folds."""
    found = np.zeros_like(scores)
    for fold in np.unique(folds):
        inside = folds == fold
        found[inside] = fit(scores[~inside], labels[~inside]).probabilities(scores[inside])
    return found


def ece(sure: Floats, right: NDArray[np.bool_]) -> float:
    """Expected calibration error in BINS equal steps of confidence: 0 is perfect."""
    if not len(sure):
        return 0.0
    bins = np.minimum((sure * BINS).astype(int), BINS - 1)
    gaps = [
        abs(float(sure[bins == number].mean() - right[bins == number].mean())) * float((bins == number).mean())
        for number in np.unique(bins)
    ]
    return float(sum(gaps))
