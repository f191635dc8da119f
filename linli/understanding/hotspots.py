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
from linli.understanding.hotspots_text import DETAIL_READ, Sketch, sketch
from linli.understanding.hotspots_topic import VERSION, Message, Topic, described, worth
from linli.understanding.lexicon import Lexicon, folded

__all__ = ["VERSION", "Message", "Stream", "Topic"]

SAME: Final = 0.15
MENTIONED: Final = 0.0
NEITHER: Final = -0.05
UNKNOWN: Final = -0.10
UNSEEN: Final = -0.45
DIFFERENT: Final = -0.12
COPIED: Final = 0.6
"""What is added to the likeness of two problems: both are about one name; each is about its own, but one mentions the
other's; neither is about a name; only one is, and the other does not mention it; each is about its own, but one of the
names stands nowhere else. DIFFERENT is the whole likeness of two that are about different names, or about names of
which one stands nowhere else where the words are alike from COPIED on: people copy each other's letters."""
ROAD: Final = 0.08
"""Added where no name decides and both tell of one road or town."""
ELSEWHERE: Final = -0.15
"""Added where no name decides and both name districts, but different ones."""
TOWNSHIP: Final = 9
VILLAGE: Final = 12
"""Lengths of codes."""
SPREADING: Final = frozenset({"停水停电", "燃气", "水质", "臭味废气"})
"""Problems that reach beyond one village; others in different known villages are different."""
TOLD: Final = 0.05
"""Added where the name is the same and both subject lines tell one everyday problem; taken off where different ones."""
ALIKE: Final = 0.18
"""Two groups are one topic from this mean likeness on."""
LEAST: Final = 0.08
"""Likenesses below this are not kept."""
KEYS: Final = 25
"""Telling words by which earlier messages are looked up."""
LOOKED_UP: Final = 300
"""Earlier messages under one key, newest first: a flood costs no more than a busy week."""
COMPARED: Final = 48
"""Earlier messages that are compared in full."""
NAME_SHARE: Final = 0.3
"""A name in a greater share of all messages (and more than 40) tells nothing apart."""
COMMON: Final = 0.35
"""Least weight of a word: in a flood all words of the flood are common, and they still make its messages alike."""
COPIES: Final = 6
"""Of earlier messages with the very same words so many are compared, so that others have their turn."""
FAR_APART: Final = 120.0
"""Days: two messages further apart are less alike by 0.03 for each such stretch, at most by 0.09."""


Names = tuple[tuple[str, frozenset[str]], ...]
"""Names with their pairs of neighbouring characters."""


_NUMBERED: Final = frozenset("0123456789一二三四五六七八九十东西南北上下前后")


class Stream:
    """The messages so far. One writer at a time."""

    def __init__(self, areas: Iterable[str] = ()) -> None:
        """*areas*: names of the city's own districts and towns, too wide to be what a message is about."""
        self._areas = frozenset(area for area in areas if len(area) > 1)
        self._official = Lexicon((folded(area), None) for area in self._areas if len(area) > 2)
        self._messages: list[Message] = []
        self._slots: dict[str, int] = {}
        self._sketches: list[Sketch] = []
        self._vectors: list[dict[str, float]] = []
        self._own: list[Names] = []
        self._told: Counter[str] = Counter()
        self._named: Counter[str] = Counter()
        self._pairs: Counter[str] = Counter()
        self._keys: dict[str, list[int]] = defaultdict(list)
        self._groups = Groups(ALIKE)

    def __len__(self) -> int:
        return len(self._messages)

    def knows(self, ident: str) -> bool:
        """Whether a message of this id is in the stream."""
        return ident in self._slots

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
            seen = sketch(self._bare(message.subject), self._bare(message.detail[:DETAIL_READ]))
            fresh.append((message, seen))
            self._told.update(seen.words.keys())
            self._named.update(seen.named)
            self._pairs.update({pair for name in seen.named for pair in pairs(name)})
        total = len(self._messages) + len(fresh)
        for message, seen in fresh:
            self._take(message, seen, total)
        return len(fresh)

    def _bare(self, text: str) -> str:
        """The text without the city's own place names: where a message is, is no part of its problem."""
        if not self._areas:
            return text
        pieces, last = [], 0
        for hit in self._official.scan(folded(text)):
            pieces.append(text[last : hit.start])
            last = hit.end
        return " ".join([*pieces, text[last:]])

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
            if likeness >= LEAST or likeness == DIFFERENT:
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
            if told < 2:
                continue
            if word[0] == "#":
                if word[1:3] in inside or word[2:4] in inside:
                    continue
            elif any(word in name for name in own):
                continue
            vector[word] = (1 + log(count) if count >= 1 else count) * max(log(total / told), COMMON)
        length = sqrt(sum(weight * weight for weight in vector.values())) or 1.0
        return {word: weight / length for word, weight in vector.items()}

    def _candidates(self, keys: dict[str, float]) -> list[int]:
        votes: dict[int, float] = {}
        for key, weight in keys.items():
            for old in self._keys.get(key, ())[-LOOKED_UP:]:
                votes[old] = votes.get(old, 0.0) + weight
        chosen: list[int] = []
        copies: Counter[str] = Counter()
        for _, old in nlargest(4 * COMPARED, ((got, old) for old, got in votes.items())):
            text = self._sketches[old].text
            copies[text] += 1
            if copies[text] <= COPIES:
                chosen.append(old)
                if len(chosen) == COMPARED:
                    break
        return chosen

    def _likeness(self, one: int, other: int, total: int) -> float:
        names = self._names(one, other, total)
        if names is None:
            return DIFFERENT
        small, large = self._vectors[one], self._vectors[other]
        if len(small) > len(large):
            small, large = large, small
        get = large.get
        likeness = sum([weight * get(word, 0.0) for word, weight in small.items()])
        days = abs((self._messages[one].at - self._messages[other].at).total_seconds()) / 86_400
        if names == UNSEEN and likeness >= COPIED:
            return DIFFERENT
        return likeness + names - 0.03 * min(3.0, days // FAR_APART)

    def _names(self, one: int, other: int, total: int) -> float | None:
        """What the names of two messages say for or against their being about one thing; None: different things."""
        mine, theirs = self._own[one], self._own[other]
        here, there = self._sketches[one], self._sketches[other]
        in_there, in_here = _in(mine, there.text), _in(theirs, here.text)
        if not (mine and theirs):
            same = in_there or in_here
        else:
            same = self._alike_names(mine, theirs, total) or _in(mine, there.line) or _in(theirs, here.line)
        if self._apart(one, other):
            return None
        if same:
            return SAME + _told(here, there)
        if mine and theirs and ((in_there and not there.sure) or (in_here and not here.sure)):
            return SAME
        return self._otherwise(one, other, mentioned=in_there or in_here)

    def _otherwise(self, one: int, other: int, *, mentioned: bool) -> float | None:
        """The same where no name says that they are one."""
        mine, theirs = self._own[one], self._own[other]
        around = self._around(one, other)
        if not (mine and theirs):
            return (UNKNOWN if mine or theirs else NEITHER) + around
        if mentioned:
            return MENTIONED + around
        if not all(self._sketches[each].sure for each in (one, other)):
            return UNKNOWN + around
        return None if self._known(mine) and self._known(theirs) else UNSEEN

    def _apart(self, one: int, other: int) -> bool:
        """Whether they are known to be in different places, and tell of no road, and of no outage, that joins these."""
        mine, theirs = self._messages[one].place, self._messages[other].place
        if len(mine) < TOWNSHIP or len(theirs) < TOWNSHIP:
            return False
        here, there = self._sketches[one], self._sketches[other]
        if here.wide & there.wide:
            return False
        if mine[:TOWNSHIP] != theirs[:TOWNSHIP]:
            return True
        differ = len(mine) >= VILLAGE and len(theirs) >= VILLAGE and mine[:VILLAGE] != theirs[:VILLAGE]
        return differ and not here.told & there.told & SPREADING

    def _around(self, one: int, other: int) -> float:
        """Roads, towns, districts and known places, where no name decides."""
        here, there = self._sketches[one], self._sketches[other]
        if here.wide & there.wide:
            return ROAD
        return ELSEWHERE if here.districts and there.districts and not here.districts & there.districts else 0.0

    def _known(self, names: Names) -> bool:
        """Whether one of these is a name that another message gives too, not a slip of the pen or of the reading."""
        return any(self._named[name] > 1 for name, _ in names)

    def _alike_names(self, mine: Names, theirs: Names, total: int) -> bool:
        return any(a in b or b in a or _slip(a, b) for a, _ in mine for b, _ in theirs) or any(
            self._near(a, b, total) for _, a in mine for _, b in theirs
        )

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
        chosen: list[tuple[float, list[int]]] = []
        for group in self._groups.found():
            inside = [slot for slot in group if self._messages[slot].at <= at]
            if inside and (heat := worth([self._messages[slot] for slot in inside], least_people)):
                chosen.append((heat, inside))
        chosen.sort(key=lambda pair: (-pair[0], self._messages[pair[1][0]].id))
        exposure = Exposure(message.at for message in self._messages)
        return [self._described(slots, at, exposure) for _, slots in chosen[:most]]

    def groups(self) -> list[list[str]]:
        """The ids of all groups of two or more, in no order of heat."""
        return [[self._messages[slot].id for slot in group] for group in self._groups.found() if len(group) > 1]

    def _described(self, slots: list[int], at: datetime, exposure: Exposure) -> Topic:
        return described([(self._messages[slot], self._sketches[slot]) for slot in slots], at, exposure, self._told)


def _in(names: Names, text: str) -> bool:
    return any(name in text for name, _ in names)


def _slip(one: str, other: str) -> bool:
    """Two names that differ by a slip of the pen: characters in another order, or one of five or more is another."""
    if len(one) != len(other) or len(one) < 3:
        return False
    if sorted(one) == sorted(other):
        return True
    wrong = [a + b for a, b in zip(one, other, strict=True) if a != b]
    return len(one) >= 5 and len(wrong) == 1 and not _NUMBERED & set(wrong[0])


def _told(here: Sketch, there: Sketch) -> float:
    if not here.told or not there.told:
        return 0.0
    return TOLD if here.told & there.told else -TOLD


def pairs(name: str) -> frozenset[str]:
    """Neighbouring characters of a name."""
    return frozenset(name[at : at + 2] for at in range(len(name) - 1))
