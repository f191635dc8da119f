"""Topics in a stream of messages: what many people say about one problem in one place.

``Stream.add`` compares a message with the few earlier ones that share names or telling words; ``Stream.topics`` groups
again only what changed since it was last asked. Pure: no clock, no database; the caller says when *now* is.
The method, the formula of heat and the measured figures stand in docs/hotspots.md.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime
from heapq import nlargest
from math import log, sqrt
from typing import Final

from linli.understanding.hotspots_group import Groups
from linli.understanding.hotspots_heat import Exposure
from linli.understanding.hotspots_text import Sketch, sketch
from linli.understanding.hotspots_topic import VERSION, Message, Topic, described, worth

__all__ = ["VERSION", "Message", "Stream", "Topic"]

SAME: Final = 0.15
UNKNOWN: Final = -0.08
DIFFERENT: Final = -0.45
"""What is added to the likeness of two problems when the names are the same, missing on one side, or different."""
ALIKE: Final = 0.22
"""Two groups are one topic from this mean likeness on."""
LEAST: Final = 0.08
"""Likenesses below this are not kept."""
KEYS: Final = 25
"""Telling words by which earlier messages are looked up."""
LOOKED_UP: Final = 300
"""Earlier messages under one key, newest first: a flood costs no more than a busy week."""
COMPARED: Final = 48
"""Earlier messages that are compared in full."""
NAME_SHARE: Final = 0.06
"""A name in a greater share of all messages (and more than 40) tells nothing apart."""
FAR_APART: Final = 120.0
"""Days: two messages further apart are less alike by 0.03 for each such stretch, at most by 0.09."""


class Stream:
    """The messages so far. One writer at a time."""

    def __init__(self, areas: Iterable[str] = ()) -> None:
        """*areas*: names of the city's own districts and towns, too wide to be what a message is about."""
        self._areas = frozenset(area for area in areas if len(area) > 1)
        self._messages: list[Message] = []
        self._slots: dict[str, int] = {}
        self._sketches: list[Sketch] = []
        self._vectors: list[dict[str, float]] = []
        self._own: list[tuple[tuple[str, frozenset[str]], ...]] = []
        self._told: Counter[str] = Counter()
        self._named: Counter[str] = Counter()
        self._pairs: Counter[str] = Counter()
        self._keys: dict[str, list[int]] = defaultdict(list)
        self._groups = Groups(ALIKE)

    def __len__(self) -> int:
        return len(self._messages)

    def add(self, message: Message) -> bool:
        """Take one message in. False, and nothing happens, where its id is known already."""
        return self.add_all((message,)) == 1

    def add_all(self, messages: Iterable[Message]) -> int:
        """Take many in; how common each word is, is counted over all of them first. Returns how many were new."""
        fresh: list[tuple[Message, Sketch]] = []
        for message in messages:
            if message.id in self._slots:
                continue
            self._slots[message.id] = len(self._messages) + len(fresh)
            seen = sketch(message.subject, message.detail)
            fresh.append((message, seen))
            self._told.update(seen.words.keys())
            self._named.update(seen.named)
            self._pairs.update({pair for name in seen.named for pair in pairs(name)})
        total = len(self._messages) + len(fresh)
        for message, seen in fresh:
            self._take(message, seen, total)
        return len(fresh)

    def _take(self, message: Message, seen: Sketch, total: int) -> None:
        common = max(40.0, NAME_SHARE * total)
        own = [name for name in seen.own if self._named[name] <= common and name not in self._areas]
        vector = self._vector(seen, own, total)
        slot = len(self._messages)
        self._messages.append(message)
        self._sketches.append(seen)
        self._vectors.append(vector)
        self._own.append(tuple((name, pairs(name)) for name in own))
        keys = dict(nlargest(KEYS, vector.items(), key=lambda item: item[1]))
        for name in seen.named:
            if self._named[name] <= common and name not in self._areas:
                for at in range(max(1, len(name) - 2)):
                    keys["@" + name[at : at + 3]] = 2.0
        likenesses: dict[int, float] = {}
        for old in self._candidates(keys):
            likeness = self._likeness(slot, old, total)
            if likeness >= LEAST:
                likenesses[old] = likeness
        for key in keys:
            self._keys[key].append(slot)
        self._groups.add(likenesses)

    def _vector(self, seen: Sketch, own: list[str], total: int) -> dict[str, float]:
        """The words of the problem, weighed by how rare they are, without those of the names; of length 1."""
        inside = {pair for name in own for pair in pairs(name)}
        vector: dict[str, float] = {}
        for word, count in seen.words.items():
            told = self._told[word]
            if told < 2 or told > max(4.0, 0.3 * total):
                continue
            if word[0] == "#":
                if word[1:3] in inside or word[2:4] in inside:
                    continue
            elif any(word in name for name in own):
                continue
            vector[word] = (1 + log(count) if count >= 1 else count) * log(total / told)
        length = sqrt(sum(weight * weight for weight in vector.values())) or 1.0
        return {word: weight / length for word, weight in vector.items()}

    def _candidates(self, keys: dict[str, float]) -> list[int]:
        votes: dict[int, float] = {}
        for key, weight in keys.items():
            for old in self._keys.get(key, ())[-LOOKED_UP:]:
                votes[old] = votes.get(old, 0.0) + weight
        return [old for _, old in nlargest(COMPARED, ((got, old) for old, got in votes.items()))]

    def _likeness(self, one: int, other: int, total: int) -> float:
        small, large = self._vectors[one], self._vectors[other]
        if len(small) > len(large):
            small, large = large, small
        get = large.get
        likeness = sum([weight * get(word, 0.0) for word, weight in small.items()])
        days = abs((self._messages[one].at - self._messages[other].at).total_seconds()) / 86_400
        return likeness + self._names(one, other, total) - 0.03 * min(3.0, days // FAR_APART)

    def _names(self, one: int, other: int, total: int) -> float:
        """SAME, UNKNOWN or DIFFERENT."""
        mine, theirs = self._own[one], self._own[other]
        if not mine or not theirs:
            text, names = (self._sketches[other].text, mine) if mine else (self._sketches[one].text, theirs)
            return SAME if any(name in text for name, _ in names) else UNKNOWN
        here, there = self._sketches[one].text, self._sketches[other].text
        if any(name in there for name, _ in mine) or any(name in here for name, _ in theirs):
            return SAME
        if any(self._near(a, b, total) for _, a in mine for _, b in theirs):
            return SAME
        return DIFFERENT

    def _near(self, one: frozenset[str], other: frozenset[str], total: int) -> bool:
        """Two spellings of a name: most of what is rare in the shorter stands in the longer."""
        shared = one & other
        if len(shared) < 2:
            return False
        return self._rare(shared, total) >= 0.6 * min(self._rare(one, total), self._rare(other, total))

    def _rare(self, found: frozenset[str], total: int) -> float:
        return sum(log((total + 1) / (self._pairs[pair] or 1)) for pair in found)

    def topics(self, at: datetime, most: int = 50, *, least_people: int = 2) -> list[Topic]:
        """The hottest topics as of *at*, by the highest heat they reached; later messages are left out."""
        exposure = Exposure(message.at for message in self._messages)
        chosen: list[tuple[float, list[int]]] = []
        for group in self._groups.found():
            inside = [slot for slot in group if self._messages[slot].at <= at]
            if inside and (heat := worth([self._messages[slot] for slot in inside], least_people)):
                chosen.append((heat, inside))
        chosen.sort(key=lambda pair: (-pair[0], self._messages[pair[1][0]].id))
        return [self._described(slots, at, exposure) for _, slots in chosen[:most]]

    def groups(self) -> list[list[str]]:
        """The ids of all groups of two or more, in no order of heat."""
        return [[self._messages[slot].id for slot in group] for group in self._groups.found() if len(group) > 1]

    def _described(self, slots: list[int], at: datetime, exposure: Exposure) -> Topic:
        return described([(self._messages[slot], self._sketches[slot]) for slot in slots], at, exposure, self._told)


def pairs(name: str) -> frozenset[str]:
    """Neighbouring characters of a name."""
    return frozenset(name[at : at + 2] for at in range(len(name) - 1))
