"""How large a generated city is."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Size:
    """Counts of places and people, and how much history.

    *townships* and *villages* are totals, spread unevenly over what is above them; *radius* is in degrees of latitude;
    *workers*: for how many grids (as a share) a worker of its own is found, others take two each.
    """

    id: str
    counties: int
    townships: int
    villages: int
    grids: int
    radius: float
    workers: float
    matters: int
    days: float
    photos: int
    named: bool = False  # township and village names are the listed ones


SIZES: Final = {
    "demo": Size("demo", 2, 6, 24, 120, 0.075, 0.0, 1600, 7, 40, named=True),
    "city": Size("city", 11, 132, 1370, 8000, 0.55, 0.45, 200_000, 60, 120),
    "small": Size("small", 2, 4, 8, 24, 0.04, 0.0, 160, 3, 4),
}
"""``small`` is for tests."""


def shares(total: int, parts: int) -> list[int]:
    """*total* over *parts* in whole numbers, as even as can be."""
    return [total * (n + 1) // parts - total * n // parts for n in range(parts)]


def uneven(total: int, weights: list[float]) -> list[int]:
    """*total* by weight in whole numbers, at least one each (largest remainders)."""
    spare = total - len(weights)
    whole = sum(weights)
    exact = [spare * weight / whole for weight in weights]
    counts = [int(each) for each in exact]
    rest = sorted(range(len(weights)), key=lambda n: (counts[n] - exact[n], n))
    for n in rest[: spare - sum(counts)]:
        counts[n] += 1
    return [count + 1 for count in counts]
