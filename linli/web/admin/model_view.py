"""A model's figures as the page shows them: numbers that may be missing, a confusion table, a reliability diagram."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from linli.matters.learning import AtThreshold

SIZE: Final = 260.0  # the diagram's inner width and height, in its own units
EDGE: Final = 44.0
MOST: Final = 40  # labels of which a whole confusion table is shown


@dataclass(frozen=True, slots=True)
class Label:
    """One label's figures, 0 to 1."""

    name: str
    precision: float | None
    recall: float | None
    f1: float | None
    count: int | None


@dataclass(frozen=True, slots=True)
class Cell:
    """How often *truth* was taken for *said*; *depth* 0 to 5 for its shade; *examples* are ids of messages."""

    truth: str
    said: str
    count: int
    depth: int
    right: bool
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dot:
    """One bin of the diagram: where it stands, its radius, and what it says."""

    x: float
    y: float
    r: float
    confidence: float
    accuracy: float
    count: int


@dataclass(frozen=True, slots=True)
class View:
    """Everything that is shown; None or empty where the figures do not say it."""

    macro_f1: float | None
    accuracy: float | None
    ece: float | None
    median_ms: float | None
    held_out: int | None
    labels: tuple[Label, ...]
    names: tuple[str, ...]
    confusion: tuple[tuple[str, tuple[Cell, ...]], ...]
    worst: tuple[Cell, ...]
    dots: tuple[Dot, ...]
    pairs: tuple[tuple[float, float, int], ...]

    @property
    def line(self) -> str:
        """The dots joined, as the points of a polyline."""
        return " ".join(f"{dot.x:.1f},{dot.y:.1f}" for dot in self.dots)


def of(figures: Mapping[str, Any]) -> View:
    """The view of a model's figures; what is missing or odd is left out."""
    names, cells = _confusion(figures)
    bins = _bins(figures)
    time = figures.get("ms_per_message")
    wrong = sorted((c for _row, row in cells for c in row if not c.right and c.count), key=lambda c: -c.count)
    return View(
        number(figures.get("macro_f1")),
        number(figures.get("accuracy")),
        number(figures.get("ece")),
        number(time.get("median")) if isinstance(time, Mapping) else number(time),
        whole(figures.get("messages") or figures.get("count") or figures.get("held_out")),
        _labels(figures),
        names,
        cells if len(names) <= MOST else (),
        tuple(wrong[:12]),
        tuple(_dot(*one, most=max(n for _c, _a, n in bins)) for one in bins),
        bins,
    )


def number(value: object) -> float | None:
    """A finite number, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def whole(value: object) -> int | None:
    """A whole number, or None."""
    found = number(value)
    return None if found is None else int(found)


def instant(value: object) -> datetime | str:
    """When a model was made, as an instant, else as it is written."""
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return str(value or "")
    return found if found.tzinfo else str(value)


def rows_of(said: Mapping[str, Any]) -> int | None:
    """From how many rows a model was made."""
    figures = said.get("figures") or {}
    return whole(said.get("letters")) or whole(said.get("rows")) or whole(figures.get("messages"))


def _labels(figures: Mapping[str, Any]) -> tuple[Label, ...]:
    found = figures.get("per_class")
    if not isinstance(found, Mapping):
        return ()
    rows = [
        Label(
            str(name),
            number(one.get("precision")),
            number(one.get("recall")),
            number(one.get("f1")),
            whole(one.get("support", one.get("count"))),
        )
        for name, one in found.items()
        if isinstance(one, Mapping)
    ]
    return tuple(sorted(rows, key=lambda label: label.f1 if label.f1 is not None else 2.0))


def _confusion(figures: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[tuple[str, tuple[Cell, ...]], ...]]:
    """Labels, and for each true label how often each was said. ``{truth: {said: count}}``, or labels and rows."""
    held = figures.get("confusion")
    table: dict[str, dict[str, int]] = {}
    if isinstance(held, Mapping) and isinstance(held.get("rows"), Sequence):
        columns = [str(name) for name in held.get("labels") or ()]
        for truth, row in zip(columns, held["rows"], strict=False):
            table[truth] = {said: whole(n) or 0 for said, n in zip(columns, row, strict=False)}
    elif isinstance(held, Mapping):
        for truth, row in held.items():
            if isinstance(row, Mapping):
                table[str(truth)] = {str(said): whole(n) or 0 for said, n in row.items()}
    names = tuple(dict.fromkeys([*table, *(said for row in table.values() for said in row)]))
    examples = figures.get("examples")
    return names, tuple((truth, _row(truth, table[truth], names, examples)) for truth in table)


def _row(truth: str, row: Mapping[str, int], names: Sequence[str], examples: object) -> tuple[Cell, ...]:
    total = sum(row.values()) or 1
    return tuple(
        Cell(
            truth,
            said,
            row.get(said, 0),
            min(5, math.ceil(5 * row.get(said, 0) / total)),
            truth == said,
            _examples(examples, truth, said),
        )
        for said in names
    )


def _examples(held: object, truth: str, said: str) -> tuple[str, ...]:
    row = held.get(truth) if isinstance(held, Mapping) else None
    ids = row.get(said) if isinstance(row, Mapping) else None
    return tuple(str(one) for one in ids[:5]) if isinstance(ids, list) else ()


def _bins(figures: Mapping[str, Any]) -> tuple[tuple[float, float, int], ...]:
    """(mean confidence, share that was right, how many) of each bin."""
    found = []
    for one in figures.get("reliability") or ():
        if isinstance(one, Mapping):
            sure, right, count = number(one.get("confidence")), number(one.get("accuracy")), whole(one.get("count"))
            if sure is not None and right is not None and count:
                found.append((sure, right, count))
    return tuple(sorted(found))


def _dot(sure: float, right: float, count: int, *, most: int) -> Dot:
    return Dot(EDGE + sure * SIZE, EDGE / 2 + (1 - right) * SIZE, 3 + 7 * math.sqrt(count / most), sure, right, count)


def at_thresholds(bins: Sequence[tuple[float, float, int]], steps: Sequence[float]) -> list[AtThreshold]:
    """What each threshold would have meant for the messages that the model was measured on."""
    total = sum(count for _sure, _right, count in bins)
    found = []
    for step in steps if total else ():
        others = [(right, count) for sure, right, count in bins if sure >= step]
        kept = sum(count for _right, count in others)
        share = sum(right * count for right, count in others) / kept if kept else None
        found.append(AtThreshold(step, 1 - kept / total, share, kept))
    return found
