"""When people speak up: two peaks a day, quiet nights, quieter weekends, and a storm that brings many at once."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

HOURS: Final = (4, 2, 1, 1, 1, 3, 14, 38, 72, 92, 88, 66, 44, 42, 58, 66, 64, 58, 66, 84, 80, 56, 28, 11)
"""How many speak up in each hour of a working day, relative to each other."""
WEEKEND: Final = 0.62
SLICE: Final = timedelta(minutes=10)
STORM_LASTS: Final = timedelta(hours=3)
STORM_TIMES: Final = 4.0
"""How many times as many as on another evening."""
EVERY: Final = 14
"""Days between storms; the last one was three evenings ago."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody speaks up at an instant; *storm*: while it pours."""

    at: datetime
    storm: bool


def storms(begin: datetime, end: datetime, zone: ZoneInfo) -> list[datetime]:
    """When storms began: 18:40 local, three evenings before *end* and every fortnight before that."""
    local = end.astimezone(zone)
    last = local.replace(hour=18, minute=40, second=0, microsecond=0) - timedelta(
        days=3 if local - timedelta(days=2) > begin else 1
    )
    found = []
    while last >= begin:
        found.append(last)
        last -= timedelta(days=EVERY)
    return found


def arrivals(count: int, begin: datetime, end: datetime, zone: ZoneInfo, seed: int) -> Iterator[Arrival]:
    """*count* arrivals between the instants, in order."""
    rng = Random(f"rhythm {seed}")
    wet = storms(begin, end, zone)
    slices: list[datetime] = []
    weights: list[float] = []
    at = begin
    while at < end:
        local = at.astimezone(zone)
        weight = HOURS[local.hour] * (WEEKEND if local.isoweekday() > 5 else 1.0)
        weight = weight * STORM_TIMES if _pours(at, wet) else weight
        slices.append(at)
        weights.append(weight * min(1.0, (end - at) / SLICE))
        at += SLICE
    sums = list(accumulate(weights))
    marks = sorted(rng.random() * sums[-1] for _ in range(count))
    for mark in marks:
        place = bisect_left(sums, mark)
        into = 1 - (sums[place] - mark) / weights[place]
        moment = slices[place] + into * min(SLICE, end - slices[place])
        yield Arrival(moment, _pours(moment, wet) and rng.random() < 0.8)


def _pours(at: datetime, wet: list[datetime]) -> bool:
    return any(storm <= at < storm + STORM_LASTS for storm in wet)
