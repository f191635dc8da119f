"""Fitting the linear model: least squares with a ridge, one column a label, by conjugate gradients.

On these letters it does as well as a support vector machine or logistic regression and takes seconds: each step is two
sparse products for all labels at once. Every letter is seen three times: whole, its subject alone, its detail alone.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from linli.understanding.model import features
from linli.understanding.model.corpus import Corpus, Matrix, View
from linli.understanding.model.linear import Floats, Weights, places

STEPS: Final = 60
NEAR_ENOUGH: Final = 1e-3
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Recipe:
    """What can be tuned. The defaults were the best ones in cross-validation (docs/classification.md)."""

    least: int = 4
    """Letters in which a piece must occur."""
    power: float = 0.7
    """Of the inverse document frequency."""
    subject: float = 0.7
    """Length of the subject's vector beside the whole letter's, which is 1."""
    ridge: float = 1.0
    short: float = 0.5
    """Weight of a letter seen as its subject alone."""
    body: float = 0.3
    """Weight of a letter seen as its detail alone."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """Chosen columns, their rarity, and a weight for each label; *split* as in ``linear.Model``."""

    texts: Rows
    subjects: Rows
    rarity: Weights
    weights: Weights
    bias: Floats
    recipe: Recipe

    @property
    def split(self) -> int:
        """How many of the columns are of whole letters."""
        return len(self.texts)

    def vectors(self, view: View) -> Matrix:
        """The letters of a view as rows of numbers."""
        text = _unit(view.text[:, self.texts], self.rarity[: self.split])
        subject = _unit(view.subject[:, self.subjects], self.rarity[self.split :])
        return sp.hstack((text, subject * np.float32(self.recipe.subject))).tocsr()

    def scores(self, view: View) -> Floats:
        """The raw scores of every letter of a view."""
        return np.asarray(self.vectors(view) @ self.weights + self.bias, np.float64)

    def rows(self) -> Weights:
        """The rows that ``linear.Model`` looks up."""
        each = np.ones(len(self.rarity), np.float32)
        each[self.split :] = self.recipe.subject
        return np.column_stack((self.weights * (self.rarity * each)[:, None], self.rarity**2)).astype(np.float32)


def fit(corpus: Corpus, rows: Rows, targets: Floats, weights: Floats, recipe: Recipe) -> Fitted:
    """Fit on the letters numbered *rows*. *targets*: 1 for the label, -1 for the others; *weights*: one a letter."""
    seen = corpus.full.of(rows)
    least = min(recipe.least, max(1, len(rows) // 40))
    texts, rare = _chosen(seen.text, corpus.texts, least, recipe.power)
    subjects, rarer = _chosen(seen.subject, corpus.subjects, least, recipe.power)
    free = ~np.isin(places(corpus.subjects[subjects]), places(corpus.texts[texts]))
    subjects, rarer = subjects[free], rarer[free]
    blank = Fitted(texts, subjects, np.concatenate((rare, rarer)), np.zeros((0, 0), np.float32), np.zeros(0), recipe)
    stacked, shares = [blank.vectors(seen)], [weights]
    for view, share in ((corpus.short, recipe.short), (corpus.body, recipe.body)):
        if share:
            stacked.append(blank.vectors(view.of(rows)))
            shares.append(weights * share)
    wanted = np.tile(targets, (len(stacked), 1)).astype(np.float32)
    solved, bias = _solve(sp.vstack(stacked).tocsr(), wanted, np.concatenate(shares).astype(np.float32), recipe.ridge)
    return Fitted(texts, subjects, blank.rarity, solved, bias, recipe)


def hashes_of(corpus: Corpus, fitted: Fitted) -> features.Hashes:
    """The hashes of the chosen columns, in the order of the rows."""
    return np.concatenate((corpus.texts[fitted.texts], corpus.subjects[fitted.subjects]))


def _chosen(counts: Matrix, hashes: features.Hashes, least: int, power: float) -> tuple[Rows, Weights]:
    """Columns frequent enough and their rarity. Of two whose hashes meet in the look-up table the rarer is left out."""
    often = np.bincount(counts.indices, minlength=counts.shape[1])
    columns = np.flatnonzero(often >= least)
    columns = columns[np.argsort(-often[columns], kind="stable")]
    _, first = np.unique(places(hashes[columns]), return_index=True)
    columns = np.sort(columns[first])
    rarity = (np.log((1 + counts.shape[0]) / (1 + often[columns])) + 1) ** power
    return columns, rarity.astype(np.float32)


def _unit(counts: Matrix, rarity: Weights) -> Matrix:
    """(1 + ln count) times rarity, each row of length 1."""
    found = counts.copy()
    found.data = (1 + np.log(found.data)).astype(np.float32)
    found = (found @ sp.diags(rarity)).tocsr()
    lengths = np.sqrt(np.asarray(found.multiply(found).sum(axis=1)).ravel())
    return sp.diags((1 / np.where(lengths > 0, lengths, 1)).astype(np.float32)) @ found


def _solve(data: Matrix, targets: Weights, weights: Weights, ridge: float) -> tuple[Weights, Floats]:
    """Weighted ridge regression of the centred targets, all labels at once."""
    turned = data.T.tocsr()
    column = weights[:, None]
    mean = (column * targets).sum(axis=0) / weights.sum()
    residual = np.asarray(turned @ (column * (targets - mean)))
    solved: Any = np.zeros_like(residual)
    step = residual.copy()
    size = begun = (residual * residual).sum(axis=0)
    for _ in range(STEPS):
        moved = turned @ (column * (data @ step)) + np.float32(ridge) * step
        length = size / ((step * moved).sum(axis=0) + 1e-12)
        solved += length * step
        residual -= length * moved
        smaller = (residual * residual).sum(axis=0)
        if bool((smaller <= NEAR_ENOUGH**2 * begun + 1e-20).all()):
            break
        step = residual + smaller / (size + 1e-20) * step
        size = smaller
    return solved.astype(np.float32), mean.astype(np.float64)
