"""Measuring a model on labelled letters that it has not seen, one by one as in service, beside a plain pipeline."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Protocol

import numpy as np

from linli.understanding.model import measures
from linli.understanding.model.letters import Letter

STEP: Final = 200
PLAIN_MOST: Final = 300
"""Letters on which the plain pipeline is timed."""


class Speaker(Protocol):
    """A trained or a cold model."""

    def probabilities(self, subject: str, detail: str = "") -> Mapping[str, float]:
        """Calibrated, by label."""
        ...


def evaluate(
    model: Speaker,
    letters: Sequence[Letter],
    *,
    threshold: float = measures.THRESHOLD,
    subject_alone: bool = False,
    names: Mapping[str, str] | None = None,
    say: Callable[[int], None] = lambda n: None,
) -> dict[str, Any]:
    """All figures. *names*: what the file calls a label of the model; labels it does not call anything are dropped."""
    for letter in letters[:5]:  # the segmenter's dictionary and the tables load with the first call
        model.probabilities(letter.subject, letter.detail)
    found, spent = [], []
    for number, letter in enumerate(letters, 1):
        detail = "" if subject_alone else letter.detail
        begun = time.perf_counter()
        said = model.probabilities(letter.subject, detail)
        spent.append(time.perf_counter() - begun)
        found.append(dict(said) if names is None else _renamed(said, names))
        if number % STEP == 0 or number == len(letters):
            say(number)
    return {**measures.figures([letter.label for letter in letters], found, threshold), **_times(spent)}


def _renamed(said: Mapping[str, float], names: Mapping[str, str]) -> dict[str, float]:
    sums: dict[str, float] = {}
    for label, share in said.items():
        if label in names:
            sums[names[label]] = sums.get(names[label], 0.0) + share
    whole = sum(sums.values()) or 1.0
    return {label: share / whole for label, share in sums.items()}


def _times(spent: Sequence[float]) -> dict[str, dict[str, float]]:
    ms = np.array(spent) * 1000
    return {
        "ms_per_message": {
            "median": round(float(np.median(ms)), 4),
            "p95": round(float(np.percentile(ms, 95)), 4),
        }
    }


def beside_plain(letters: Sequence[Letter], training: Sequence[Letter], ours: float) -> dict[str, Any]:
    """A plain scikit-learn pipeline (characters 1–3, TF-IDF, linear SVM) fitted on *training*, timed one by one now.

    *ours*: our median in ms, measured in the same run.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    plain = make_pipeline(TfidfVectorizer(analyzer="char", ngram_range=(1, 3)), LinearSVC())
    plain.fit([f"{one.subject}。{one.detail}" for one in training], [one.label for one in training])
    texts = [f"{one.subject}。{one.detail}" for one in letters]
    guesses = [str(label) for label in plain.predict(texts)]
    spent = []
    for text in texts[:PLAIN_MOST]:
        begun = time.perf_counter()
        plain.predict([text])
        spent.append(time.perf_counter() - begun)
    times = _times(spent)
    return {
        "macro_f1": round(measures.macro_f1([one.label for one in letters], guesses), 4),
        **times,
        "times_as_slow": round(times["ms_per_message"]["median"] / ours, 2) if ours else None,
    }
