"""From labelled letters to a model with its figures, compared with the one in force."""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import numpy as np

from linli.understanding.model import corpus, fitting, measures, validation
from linli.understanding.model.letters import BadFile, Letter
from linli.understanding.model.linear import Floats, Model

LEAST: Final = 5
"""Letters that a label needs."""
CORRECTED: Final = 2.0
"""Weight of a letter that a person put right on the desk."""
EVEN: Final = 0.5
"""How far rare labels are weighted up: 0 not at all, 1 until every label weighs the same."""
SHARED: Final = 50
"""Letters that two models must both have been measured on to be compared letter by letter."""


@dataclass(frozen=True, slots=True)
class Trained:
    """A new model, what is kept about it, and what was passed over."""

    model: Model
    about: Mapping[str, Any]
    left_out: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Change:
    """A held-out letter of which two models say different things."""

    line: int
    subject: str
    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Macro-F1 of both on the same letters (or each on its own), and what changed."""

    before: float
    after: float
    letters: int
    changes: Sequence[Change] = field(default_factory=tuple)

    @property
    def worse(self) -> bool:
        """Whether the new model would be a step back."""
        return round(self.after, 4) < round(self.before, 4)


Say = Callable[[str, int, int], None]


def _silent(step: str, done: int, of: int) -> None:
    """No progress shown."""


def train(
    letters: Sequence[Letter],
    corrections: Sequence[Letter] = (),
    *,
    at: datetime,
    recipe: fitting.Recipe | None = None,
    say: Say = _silent,
) -> Trained:
    """Fit, cross-validate, calibrate. Raises BadFile when fewer than two labels have LEAST letters each."""
    recipe = recipe or fitting.Recipe()
    often = Counter(letter.label for letter in letters)
    labels = tuple(sorted(label for label, count in often.items() if count >= LEAST))
    if len(labels) < 2:
        raise BadFile(
            f"至少要有两个标签，每个不少于 {LEAST} 条。At least two labels with {LEAST} letters each are needed."
        )
    base = [letter for letter in letters if letter.label in labels]
    extra = [letter for letter in corrections if letter.label in labels]
    left_out = {label: count for label, count in often.items() if label not in labels}
    left_out |= Counter(letter.label for letter in corrections if letter.label not in labels)
    return _made(base, extra, labels, at, recipe, say, left_out)


def _made(
    base: Sequence[Letter],
    extra: Sequence[Letter],
    labels: tuple[str, ...],
    at: datetime,
    recipe: fitting.Recipe,
    say: Say,
    left_out: Mapping[str, int],
) -> Trained:
    data = _labelled(base, extra, labels, say)
    held, fitted = _fitted(data, recipe, say)
    digest = made_from(base, extra)
    kept, guesses = _figures(data, held, labels, base)
    model = Model(
        version=f"{at:%Y%m%d-%H%M%S}-{digest[:8]}",
        labels=labels,
        hashes=fitting.hashes_of(data.corpus, fitted),
        rows=fitted.rows(),
        split=fitted.split,
        bias=fitted.bias,
        calibrations=held.calibrations(data.labels[: data.extra]),
        figures=kept,
    )
    about = {"made_at": at.isoformat(), "made_from": digest, "letters": len(base), "corrections": len(extra)}
    return Trained(model, {**about, "guesses": guesses}, left_out)


def _fitted(data: validation.Labelled, recipe: fitting.Recipe, say: Say) -> tuple[validation.HeldOut, fitting.Fitted]:
    """Once for each fold, then on all letters."""
    folds = validation.folds_of(data.labels[: data.extra], data.corpus.groups[: data.extra])
    total = len(np.unique(folds)) + 1
    done = 0

    def step(count: int) -> None:
        nonlocal done
        done += count
        say("交叉验证 cross-validation", done, total)

    step(0)
    held = validation.held_out(data, recipe, folds, step)
    every = np.arange(len(data.labels))
    fitted = fitting.fit(data.corpus, every, data.targets(every), data.weights, recipe)
    step(1)
    return held, fitted


def _labelled(base: Sequence[Letter], extra: Sequence[Letter], labels: Sequence[str], say: Say) -> validation.Labelled:
    both = [*base, *extra]
    seen = [0]

    def more(count: int) -> None:
        seen[0] += count
        say("读取 reading", seen[0], len(both))

    numbers = {label: number for number, label in enumerate(labels)}
    often = Counter(letter.label for letter in both)
    even = {label: (len(both) / (len(labels) * often[label])) ** EVEN for label in labels}
    trust = [1.0] * len(base) + [CORRECTED] * len(extra)
    return validation.Labelled(
        corpus=corpus.build(both, more),
        labels=np.array([numbers[letter.label] for letter in both], np.int64),
        weights=np.array([even[letter.label] * share for letter, share in zip(both, trust, strict=True)]),
        width=len(labels),
        extra=len(base),
    )


def _figures(
    data: validation.Labelled, held: validation.HeldOut, labels: Sequence[str], base: Sequence[Letter]
) -> tuple[dict[str, Any], dict[str, int]]:
    """The figures of the held-out letters, and the guess for each by the letter's digest."""
    from linli.understanding.model import calibration

    truth = [letter.label for letter in base]
    numbers = data.labels[: data.extra]
    full = calibration.crossed(held.full, numbers, held.folds)
    short = calibration.crossed(held.short, numbers, held.folds)
    kept = measures.figures(truth, _named(full, labels))
    alone = measures.figures(truth, _named(short, labels))
    spread = [
        measures.macro_f1([truth[n] for n in inside], [labels[int(full[n].argmax())] for n in inside])
        for inside in (np.flatnonzero(held.folds == fold) for fold in np.unique(held.folds))
    ]
    kept["macro_f1_spread"] = round(float(np.std(spread)), 4)
    kept["folds"] = len(spread)
    kept["examples"] = measures.examples([letter.line for letter in base], truth, _named(full, labels))
    kept["near_duplicates"] = int(len(base) - len(np.unique(data.corpus.groups[: data.extra])))
    wanted = ("macro_f1", "accuracy", "abstained", "accuracy_not_abstained", "ece")
    kept["subject_alone"] = {name: alone[name] for name in wanted}
    guesses = {fingerprint(letter): int(full[number].argmax()) for number, letter in enumerate(base)}
    return kept, guesses


def _named(found: Floats, labels: Sequence[str]) -> list[dict[str, float]]:
    return [dict(zip(labels, row.tolist(), strict=True)) for row in found]


def fingerprint(letter: Letter) -> str:
    """Twelve hexadecimal digits for a letter: its words are not kept with the model."""
    return hashlib.sha256(f"{letter.subject}\0{letter.detail}".encode("utf-8", "surrogatepass")).hexdigest()[:12]


def made_from(base: Sequence[Letter], extra: Sequence[Letter]) -> str:
    """SHA-256 over the training letters, in any order."""
    rows = sorted(
        f"{kind}{fingerprint(one)}{one.label}" for kind, group in (("b", base), ("c", extra)) for one in group
    )
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def compared(before: Mapping[str, Any], new: Trained, letters: Sequence[Letter]) -> Comparison:
    """The new model beside the one that *before* describes, on the letters both were cross-validated on; where these
    are too few, by the figure of each."""
    old_labels, guesses = before.get("labels", []), before.get("guesses", {})
    rows = [(one, *pair) for one in letters if (pair := _pair(one, guesses, new.about["guesses"])) is not None]
    if len(rows) < SHARED:
        figure = before.get("figures", {}).get("macro_f1", 0.0)
        return Comparison(float(figure), float(str(new.model.figures["macro_f1"])), 0)
    said = [(one, old_labels[a], new.model.labels[b]) for one, a, b in rows]
    return _told(said)


def _pair(one: Letter, old: Mapping[str, int], new: Mapping[str, int]) -> tuple[int, int] | None:
    mark = fingerprint(one)
    return (old[mark], new[mark]) if mark in old and mark in new else None


def on_file(before: Model, after: Model, letters: Sequence[Letter]) -> Comparison:
    """Both models on letters of which neither was made."""
    return _told([(one, guess(before, one), guess(after, one)) for one in letters])


def guess(model: Model, letter: Letter) -> str:
    """The likeliest label."""
    said = model.probabilities(letter.subject, letter.detail)
    return max(said, key=lambda label: said[label])


def _told(said: Sequence[tuple[Letter, str, str]]) -> Comparison:
    truth = [one.label for one, _, _ in said]
    changes = [Change(one.line, one.subject, one.label, old, new) for one, old, new in said if old != new]
    before = measures.macro_f1(truth, [old for _, old, _ in said])
    return Comparison(before, measures.macro_f1(truth, [new for _, _, new in said]), len(said), changes)
