"""What may be published: no figure from which fewer than five people can be read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from linli.indicators.queries import RateResult

LEAST: Final = 5


@dataclass(frozen=True, slots=True)
class Cell:
    """A published figure; *hidden* ones carry no numbers."""

    value: float | None
    denominator: int | None
    hidden: bool


HIDDEN: Final = Cell(None, None, hidden=True)


def small(result: RateResult) -> bool:
    """Whether 1 to 4 cases stand above the line, below it, or between the two."""
    return any(0 < n < LEAST for n in (result.numerator, result.missed, result.denominator))


def cells(parts: Mapping[str, RateResult]) -> dict[str, Cell]:
    """The cells of one table. Where one is hidden, the next smallest is too: the total must not give it away."""
    hidden = {key for key, part in parts.items() if small(part)}
    rest = sorted((part.denominator, key) for key, part in parts.items() if key not in hidden and part.denominator)
    if len(hidden) == 1 and rest:
        hidden.add(rest[0][1])
    return {key: HIDDEN if key in hidden else Cell(p.value, p.denominator, hidden=False) for key, p in parts.items()}
