"""Letters as sparse matrices of counts: of the whole letter, of its subject alone, of its detail alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from linli.understanding.model import features
from linli.understanding.model.letters import Letter

Matrix = Any  # scipy ships no types
Counts = NDArray[np.int64]

SKETCH: Final = 32
"""Smallest hashes of a letter that stand for all when near-duplicates are looked for."""
ALIKE: Final = (0.4, 0.6, 0.8)
"""Letters that share this part of their sketches count as near-duplicates; the next one where chains grow too long."""
LARGEST: Final = 0.2
"""Part of all letters that one group may hold; form letters that are all alike can't be told apart this way."""
RARE: Final = 3
"""Pieces found in fewer letters of the corpus are left out from the start."""


@dataclass(frozen=True, slots=True)
class View:
    """One way to see the letters: counts of the pieces of the text, and of those of its subject line."""

    text: Matrix
    subject: Matrix

    def of(self, rows: NDArray[Any]) -> "View":
        """Some of the letters."""
        return View(self.text[rows], self.subject[rows])


@dataclass(frozen=True, slots=True)
class Corpus:
    """All letters in three views, with the hashes of the columns, and the groups of near-duplicates."""

    full: View
    short: View
    body: View
    texts: features.Hashes
    subjects: features.Hashes
    groups: Counts

    def __len__(self) -> int:
        return int(self.full.text.shape[0])


def build(letters: Sequence[Letter], say: Callable[[int], None] = lambda n: None) -> Corpus:
    """Cut every letter into its pieces. *say* hears how many more are done, every few hundred."""
    full, short, body = [], [], []
    for number, letter in enumerate(letters, 1):
        full.append(features.pieces(letter.subject, letter.detail))
        short.append(features.pieces(letter.subject))
        body.append(features.pieces("", letter.detail))
        if number % 200 == 0 or number == len(letters):
            say(200 if number % 200 == 0 else number % 200)
    texts = _common([cut.whole for cut in full])
    subjects = _common([cut.subject for cut in full])

    def view(cuts: Sequence[features.Pieces]) -> View:
        return View(_counts([cut.whole for cut in cuts], texts), _counts([cut.subject for cut in cuts], subjects))

    return Corpus(view(full), view(short), view(body), texts, subjects, _groups(letters, [cut.whole for cut in full]))


def _common(cuts: Sequence[features.Hashes]) -> features.Hashes:
    """The hashes found in at least RARE letters (all of them in a tiny corpus), ascending."""
    every, often = np.unique(np.concatenate([np.unique(cut) for cut in cuts]), return_counts=True)
    return every[often >= min(RARE, max(1, len(cuts) // 50))]


def _counts(cuts: Sequence[features.Hashes], known: features.Hashes) -> Matrix:
    columns = []
    for cut in cuts:
        at = np.searchsorted(known, cut)
        at[at == len(known)] = 0
        columns.append((at[known[at] == cut] if len(known) else at[:0]).astype(np.int32))
    ends = np.concatenate(([0], np.cumsum([len(column) for column in columns])))
    flat = np.concatenate(columns)
    found = sp.csr_matrix((np.ones(len(flat), np.float32), flat, ends), shape=(len(cuts), len(known)))
    found.sum_duplicates()
    return found


def _groups(letters: Sequence[Letter], cuts: Sequence[features.Hashes]) -> Counts:
    """A number for each letter, the same for near-duplicates (chains included) and for equal subjects of 6 or more."""
    equal = _equal_subjects(letters)
    one, other, alike = _likeness(cuts)
    for least in ALIKE:
        near = np.column_stack((one[alike >= least], other[alike >= least]))
        ends = np.vstack((equal, near))
        links = sp.coo_matrix((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(len(cuts), len(cuts)))
        groups = np.asarray(connected_components(links, directed=False)[1], np.int64)
        if np.bincount(groups).max() <= max(2.0, LARGEST * len(cuts)):
            return groups
    return np.arange(len(cuts), dtype=np.int64)


def _equal_subjects(letters: Sequence[Letter]) -> Counts:
    seen: dict[str, int] = {}
    pairs: list[tuple[int, int]] = []
    for number, letter in enumerate(letters):
        subject = "".join(filter(str.isalnum, letter.subject))
        if len(subject) >= 6 and seen.setdefault(subject, number) != number:
            pairs.append((seen[subject], number))
    return np.array(pairs, np.int64).reshape(-1, 2)


def _likeness(cuts: Sequence[features.Hashes]) -> tuple[Counts, Counts, NDArray[np.float64]]:
    """Pairs of letters that share at least the first of ALIKE of the smaller sketch, and how much they share."""
    sketches = [np.unique(cut)[:SKETCH] for cut in cuts]
    known, often = np.unique(np.concatenate(sketches), return_counts=True)
    marks = _counts(sketches, known[often > 1])
    sizes = np.array([max(1, len(sketch)) for sketch in sketches])
    found: list[tuple[Counts, Counts, NDArray[np.float64]]] = []
    for start in range(0, len(cuts), 500):
        shared = (marks[start : start + 500] @ marks.T).tocoo()
        one, other = shared.row + start, shared.col
        part = shared.data / np.minimum(sizes[one], sizes[other])
        kept = (one < other) & (part >= ALIKE[0])
        found.append((one[kept].astype(np.int64), other[kept].astype(np.int64), part[kept].astype(np.float64)))
    one, other, alike = (np.concatenate(column) for column in zip(*found, strict=True))
    return one, other, alike
