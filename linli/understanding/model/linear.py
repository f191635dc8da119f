"""A trained model at work: one look-up per piece, two weighted sums, one softmax. Only numpy; about 0.1 ms a letter.

The score of a label is its bias plus, for the whole letter and for its subject apart, the sum of the weights of the
pieces found, each times 1 + ln(count), over the length of that vector. Probabilities are a softmax of the scores after
a calibration of their own for letters with and without detail.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import rjieba
from numpy.typing import NDArray

from linli.understanding.model import features

Floats = NDArray[np.float64]
Weights = NDArray[np.float32]

BITS: Final = 22
"""The look-up table has 2**BITS places: 16 MiB."""
_FINGER: Final = np.uint64(0xFFFF_FFFF)
_LOGS: Final = 1 + np.log(np.maximum(1, np.arange(features.READ * 6)), dtype=np.float32)
_FILLERS: Final = frozenset("的了是在和有我不你他她们这那就也都很要请能吗吧呢啊等为被把对从向到与及或而且还又")


def places(hashes: features.Hashes) -> NDArray[np.int64]:
    """The place of each hash in the look-up table."""
    return (hashes >> np.uint64(64 - BITS)).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Calibration:
    """Scores times *scale* plus *shift* (one a label) go into the softmax."""

    scale: float
    shift: tuple[float, ...]

    def probabilities(self, scores: Floats) -> Floats:
        """Rows that sum to 1."""
        logits = scores * self.scale + np.asarray(self.shift)
        logits -= logits.max(axis=-1, keepdims=True)
        odds = np.exp(logits)
        return np.asarray(odds / odds.sum(axis=-1, keepdims=True), np.float64)


class Model:
    """Level-1 labels by the pieces of the letter. Immutable; safe to share between threads."""

    def __init__(
        self,
        *,
        version: str,
        labels: tuple[str, ...],
        hashes: features.Hashes,
        rows: Weights,
        split: int,
        bias: Floats,
        calibrations: tuple[Calibration, Calibration],
        figures: Mapping[str, object],
    ) -> None:
        """*rows*: per hash the weight of each label (with its rarity), last the square of the rarity. The first *split*
        rows are of whole letters, the others of subjects. *calibrations*: with detail, without."""
        self.version = version
        self.labels = labels
        self.figures = figures
        self.hashes, self.rows, self.split, self.bias = hashes, rows, split, bias
        self.calibrations = calibrations
        size = len(hashes)
        self._table = np.full(1 << BITS, size, np.int32)
        self._table[places(hashes)] = np.arange(size, dtype=np.int32)
        self._fingers = np.append(hashes & _FINGER, np.uint64(0)).astype(np.uint32)
        self._rows = np.vstack((rows, np.zeros((1, rows.shape[1]), np.float32)))

    def probabilities(self, subject: str, detail: str = "") -> dict[str, float]:
        """Calibrated, by label; they sum to 1."""
        calibration = self.calibrations[0 if detail.strip() else 1]
        found = calibration.probabilities(self.scores(subject, detail))
        return dict(zip(self.labels, found.tolist(), strict=True))

    def scores(self, subject: str, detail: str = "") -> Floats:
        """The raw score of each label."""
        cut = features.pieces(subject, detail)
        numbers = np.sort(self._numbers(np.concatenate((cut.whole, cut.subject))))
        numbers = numbers[: np.searchsorted(numbers, len(self.hashes))]
        if not len(numbers):
            return self.bias.copy()
        first = np.flatnonzero(np.concatenate(([True], numbers[1:] != numbers[:-1])))
        weights = _LOGS[np.diff(first, append=len(numbers))]
        numbers = numbers[first]
        at = int(np.searchsorted(numbers, self.split))
        found = self._rows[numbers]
        return self.bias + self._block(found[:at], weights[:at]) + self._block(found[at:], weights[at:])

    def _numbers(self, hashes: features.Hashes) -> NDArray[np.int32]:
        """The row of each hash; of an unknown one, the number of rows."""
        numbers = self._table[places(hashes)]
        known = self._fingers[numbers] == (hashes & _FINGER)
        return np.where(known, numbers, np.int32(len(self.hashes)))

    def _block(self, found: Weights, weights: Weights) -> Floats:
        length = float(np.dot(weights * weights, found[:, -1])) ** 0.5
        return np.asarray(weights @ found[:, :-1], np.float64) / (length or 1.0)

    def speaks(self, subject: str, detail: str, label: str, most: int = 5) -> tuple[str, ...]:
        """The words that spoke most for *label* against the average label, strongest first."""
        if label not in self.labels:
            return ()
        traced = features.traced(subject, detail)
        numbers = self._numbers(traced.hashes)
        weights = self._rows[numbers, : len(self.labels)]
        share = weights[:, self.labels.index(label)] - weights.mean(axis=1)
        marks = np.zeros(len(traced.text) + 1)
        each = share / np.maximum(1, traced.ends - traced.starts)
        np.add.at(marks, traced.starts, each)
        np.add.at(marks, traced.ends, -each)
        strength = np.concatenate(([0.0], np.cumsum(np.cumsum(marks[:-1]))))
        return _strongest(traced.text, strength, most)


def _strongest(text: str, strength: Floats, most: int) -> tuple[str, ...]:
    """The words of *text* whose characters add up to most; *strength* is a running sum."""
    sums: dict[str, float] = {}
    at = 0
    for word in rjieba.cut(text.encode("utf-8", "replace").decode()):
        end = at + len(word)
        if word.strip().isalnum() and word not in _FILLERS:
            sums[word] = sums.get(word, 0.0) + float(strength[end] - strength[at])
        at = end
    ranked = sorted((word for word in sums if sums[word] > 0), key=lambda word: (-sums[word], word))
    return tuple(ranked[:most])
