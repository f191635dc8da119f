"""From likenesses of pairs to groups: average linkage within what hangs together, regrouped only where it changed."""

import heapq
from typing import Final

Edges = dict[int, dict[int, float]]
Sum = dict[int, tuple[float, int]]
Sums = dict[int, Sum]
COUNTED: Final = 12


class Groups:
    """Which messages form a group. Messages are numbers from 0 on, added in order."""

    def __init__(self, alike: float) -> None:
        self._alike = alike
        self._parent: list[int] = []
        self._members: dict[int, list[int]] = {}
        self._found: dict[int, list[list[int]]] = {}
        self._edges: Edges = {}
        self._changed: set[int] = set()

    def add(self, likenesses: dict[int, float]) -> int:
        """A new message and how alike it is to earlier ones. Returns its number."""
        new = len(self._parent)
        self._parent.append(new)
        self._members[new] = [new]
        self._edges[new] = dict(likenesses)
        for old, likeness in likenesses.items():
            self._edges[old][new] = likeness
            if likeness >= self._alike:
                self._join(old, new)
        self._changed.add(self._root(new))
        return new

    def _root(self, one: int) -> int:
        while self._parent[one] != one:
            self._parent[one] = self._parent[self._parent[one]]
            one = self._parent[one]
        return one

    def _join(self, one: int, other: int) -> None:
        one, other = self._root(one), self._root(other)
        if one == other:
            return
        if len(self._members[one]) < len(self._members[other]):
            one, other = other, one
        self._parent[other] = one
        self._members[one] += self._members.pop(other)
        self._found.pop(other, None)
        self._changed.discard(other)
        self._changed.add(one)

    def found(self) -> list[list[int]]:
        """All groups, single messages too. Work: what was touched since the last call."""
        for root in self._changed:
            self._found[root] = average_linkage(self._members[root], self._edges, self._alike)
        self._changed.clear()
        return [group for groups in self._found.values() for group in groups]


def average_linkage(members: list[int], edges: Edges, alike: float) -> list[list[int]]:
    """Join the two groups most alike on average until no two reach *alike*. The result does not depend on order.

    Pairs that were never compared count as not alike, up to COUNTED of them for each message of the smaller group.
    """
    if len(members) == 1:
        return [list(members)]
    inside = set(members)
    groups = {one: [one] for one in sorted(members)}
    sums: Sums = {one: {o: (got, 1) for o, got in edges[one].items() if o in inside} for one in groups}
    heap = [(-got[0], a, b) for a in groups for b, got in sums[a].items() if a < b and got[0] >= alike]
    heapq.heapify(heap)
    fresh = max(members) + 1
    while heap:
        _, one, other = heapq.heappop(heap)
        if one not in groups or other not in groups:
            continue
        joined = groups.pop(one) + groups.pop(other)
        groups[fresh] = joined
        for third, (total, count) in _merged(sums, one, other, fresh, groups).items():
            size = len(groups[third])
            mean = total / max(count, min(len(joined) * size, COUNTED * min(len(joined), size)))
            if mean >= alike:
                heapq.heappush(heap, (-mean, third, fresh))
        fresh += 1
    return [sorted(group) for group in groups.values()]


def _merged(sums: Sums, one: int, other: int, fresh: int, groups: dict[int, list[int]]) -> Sum:
    """The summed likenesses of the new group to all others and how many they are, noted on both sides."""
    merged: Sum = {}
    for part in (sums.pop(one), sums.pop(other)):
        for third, (got, count) in part.items():
            if third in groups:
                total, known = merged.get(third, (0.0, 0))
                merged[third] = (total + got, known + count)
    sums[fresh] = merged
    for third, both in merged.items():
        near = sums[third]
        near.pop(one, None)
        near.pop(other, None)
        near[fresh] = both
    return merged
