"""How often an address may send without a token: a bucket of a minute's worth that fills up again."""

from collections import OrderedDict


class Throttle:
    """A token bucket per address, in memory of one process. Not shared: each process lets through its own."""

    def __init__(self, per_minute: int, most: int = 20_000) -> None:
        self._rate = per_minute / 60
        self._size = float(per_minute)
        self._most = most
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, address: str, now: float) -> int:
        """0 when the request may pass; else the seconds to wait. *now* is monotonic seconds."""
        left, since = self._buckets.pop(address, (self._size, now))
        left = min(self._size, left + (now - since) * self._rate)
        passes = left >= 1
        self._buckets[address] = (left - 1 if passes else left, now)
        if len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
        return 0 if passes else max(1, round((1 - left) / self._rate))
