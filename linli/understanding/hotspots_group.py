"""From likenesses of pairs to groups: average linkage within what hangs together, regrouped only where it changed."""

import heapq
from typing import Final

Edges = dict[int, dict[int, float]]
COUNTED: Final = 30
"""Each message of the smaller of two groups is weighed against at most so many of the larger one."""


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
    """Join the two groups most alike on average until no two reach *alike*. The result does not depend on order."""
    if len(members) == 1:
        return [list(members)]
    inside = set(members)
    groups = {one: [one] for one in sorted(members)}
    sums = {one: {other: got for other, got in edges[one].items() if other in inside} for one in groups}
    heap = [(-got, one, other) for one in groups for other, got in sums[one].items() if one < other and got >= alike]
    heapq.heapify(heap)
    fresh = max(members) + 1
    while heap:
        _, one, other = heapq.heappop(heap)
        if one not in groups or other not in groups:
            continue
        joined = groups.pop(one) + groups.pop(other)
        groups[fresh] = joined
        merged = _merged(sums, one, other, fresh, groups)
        for third, total in merged.items():
            smaller = min(len(joined), len(groups[third]))
            mean = total / min(len(joined) * len(groups[third]), COUNTED * smaller)
            if mean >= alike:
                heapq.heappush(heap, (-mean, third, fresh))
        fresh += 1
    return [sorted(group) for group in groups.values()]


def _merged(sums: Edges, one: int, other: int, fresh: int, groups: dict[int, list[int]]) -> dict[int, float]:
    """The summed likenesses of the new group to all others, noted on both sides."""
    merged: dict[int, float] = {}
    for part in (sums.pop(one), sums.pop(other)):
        for third, got in part.items():
            if third in groups:
                merged[third] = merged.get(third, 0.0) + got
    sums[fresh] = merged
    for third, total in merged.items():
        near = sums[third]
        near.pop(one, None)
        near.pop(other, None)
        near[fresh] = total
    return merged
