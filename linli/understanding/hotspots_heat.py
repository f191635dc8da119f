"""How hot a topic is, and whether it is rising beyond chance. Both are written out in docs/hotspots.md.

Heat: the exponentially decayed number of people who speak (Cormode et al. 2009, "Forward decay"): each message counts
1/k as the k-th of its sender, plus half the binary logarithm of its votes in support, taken at the lower bound of
Wilson's interval (1927), and halves every 30 days.

Rising: an exact conditional test of two Poisson rates (Przyborowski & Wilenski 1940) in each of six windows that end
now, against all that went before, as in a prospective temporal scan (Kulldorff 2001). The number of all messages is the
exposure, so that a busy week raises no alarm by itself; people count once.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from math import exp, exp2, lgamma, log, log1p, log2, sqrt
from typing import Final, Self

HALF_LIFE: Final = timedelta(days=30)
VOTES: Final = 0.5
WINDOWS: Final = (1, 3, 7, 14, 28, 56)
"""Days."""
ALARM: Final = 0.01
"""Largest p-value, over all windows, of a topic that is called rising."""
LEAST_PEOPLE: Final = 3
Z: Final = 1.96


@dataclass(frozen=True, slots=True)
class Rising:
    """An alarm: *people* in the last *days* where *expected* were to be expected; *p* is already over all windows."""

    days: int
    people: int
    expected: float
    p: float


class Exposure:
    """How many messages of any topic came before an instant."""

    def __init__(self, times: Iterable[datetime]) -> None:
        counted = Counter(times)
        self._times = sorted(counted)
        self._sums = [0, *accumulate(counted[when] for when in self._times)]

    @classmethod
    def counted(cls, counts: Mapping[datetime, int]) -> Self:
        """From numbers of messages by instant, for instance by hour."""
        made = cls(())
        made._times = sorted(counts)
        made._sums = [0, *accumulate(counts[when] for when in made._times)]
        return made

    def between(self, since: datetime, until: datetime) -> int:
        """Messages from *since* up to and with *until*."""
        return self._sums[bisect_right(self._times, until)] - self._sums[bisect_left(self._times, since)]

    def before(self, until: datetime) -> int:
        """Messages up to and with *until*."""
        return self._sums[bisect_right(self._times, until)]


def votes(support: int, against: int) -> float:
    """What the votes of one message add: half the binary logarithm of those surely in support."""
    total = support + against
    if support <= 0 or total <= 0:
        return 0.0
    share = support / total
    z = Z * Z / total
    lower = (share + z / 2 - Z * sqrt((share * (1 - share) + z / 4) / total)) / (1 + z)
    return VOTES * log2(1 + lower * total)


def heat(voices: Sequence[tuple[datetime, float]], at: datetime) -> float:
    """The decayed sum of what was said up to *at*. *voices* are instants and weights."""
    return sum(weight * exp2(-((at - when) / HALF_LIFE)) for when, weight in voices if when <= at)


def peak(voices: Sequence[tuple[datetime, float]]) -> tuple[float, datetime]:
    """The highest heat that was reached, and when: always at one of the messages. *voices* in order of time."""
    best, best_at, now, last = 0.0, voices[0][0], 0.0, voices[0][0]
    for when, weight in voices:
        now = now * exp2(-((when - last) / HALF_LIFE)) + weight
        last = when
        if now > best:
            best, best_at = now, when
    return best, best_at


def rising(first_words: Sequence[datetime], exposure: Exposure, at: datetime) -> Rising | None:
    """The strongest window, where it is beyond chance. *first_words*: when each person first spoke, sorted."""
    known = bisect_right(first_words, at)
    everything = exposure.before(at)
    best: Rising | None = None
    for days in WINDOWS:
        since = at - timedelta(days=days)
        inside = known - bisect_left(first_words, since)
        around = exposure.between(since, at)
        if inside < LEAST_PEOPLE or around * 2 > everything:
            continue
        share = around / everything
        p = min(1.0, len(WINDOWS) * upper_tail(inside, known, share))
        if p <= ALARM and (best is None or p < best.p):
            best = Rising(days, inside, share * (known - inside) / (1 - share), p)
    return best


def upper_tail(count: int, of: int, share: float) -> float:
    """P(X ≥ count) for X ~ Binomial(of, share)."""
    if count <= 0:
        return 1.0
    if share <= 0.0:
        return 0.0
    if share >= 1.0:
        return 1.0
    logs = (
        lgamma(of + 1) - lgamma(got + 1) - lgamma(of - got + 1) + got * log(share) + (of - got) * log1p(-share)
        for got in range(count, of + 1)
    )
    return min(1.0, sum(exp(one) for one in logs))
