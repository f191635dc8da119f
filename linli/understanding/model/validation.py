"""Cross-validation: what the model says of letters it was not trained on, near-duplicates kept in the same fold."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from linli.understanding.model import calibration, fitting
from linli.understanding.model.corpus import Corpus
from linli.understanding.model.linear import Calibration, Floats

FOLDS: Final = 5
SEED: Final = 20260713
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Labelled:
    """A corpus with the number of each letter's label and its weight. Letters from *extra* on only train."""

    corpus: Corpus
    labels: Rows
    weights: Floats
    width: int
    extra: int

    def targets(self, rows: Rows) -> Floats:
        """1 in the column of the label, -1 in the others."""
        wanted = np.full((len(rows), self.width), -1.0)
        wanted[np.arange(len(rows)), self.labels[rows]] = 1.0
        return wanted


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Raw scores of each letter by a model that had not seen it (nor a near-duplicate), whole and by its subject."""

    full: Floats
    short: Floats
    folds: Rows

    def calibrations(self, labels: Rows) -> tuple[Calibration, Calibration]:
        """Fitted on all held-out scores: for letters with detail, and without."""
        return calibration.fit(self.full, labels), calibration.fit(self.short, labels)


def folds_of(labels: Rows, groups: Rows, count: int = FOLDS) -> Rows:
    """A fold for each letter: labels spread evenly, groups never torn."""
    from sklearn.model_selection import StratifiedGroupKFold

    count = max(2, min(count, int(np.bincount(labels)[np.unique(labels)].min()), len(np.unique(groups))))
    splitter = StratifiedGroupKFold(count, shuffle=True, random_state=SEED)
    found = np.zeros(len(labels), np.int64)
    for number, (_, inside) in enumerate(splitter.split(np.zeros(len(labels)), labels, groups)):
        found[inside] = number
    return found


def held_out(
    data: Labelled, recipe: fitting.Recipe, folds: Rows, say: Callable[[int], None] = lambda n: None
) -> HeldOut:
    """Fit once a fold. *say* hears each fold that is done."""
    full = np.zeros((data.extra, data.width))
    short = np.zeros((data.extra, data.width))
    for fold in np.unique(folds):
        inside = np.flatnonzero(folds == fold)
        outside = np.concatenate((np.flatnonzero(folds != fold), _unlike(data, inside)))
        fitted = fitting.fit(data.corpus, outside, data.targets(outside), data.weights[outside], recipe)
        full[inside] = fitted.scores(data.corpus.full.of(inside))
        short[inside] = fitted.scores(data.corpus.short.of(inside))
        say(1)
    return HeldOut(full, short, folds)


def _unlike(data: Labelled, inside: Rows) -> Rows:
    """The letters that only train, without near-duplicates of those *inside*."""
    extra = np.arange(data.extra, len(data.labels))
    return extra[~np.isin(data.corpus.groups[extra], data.corpus.groups[inside])]
