"""Near-duplicates by text, place and time: an index in memory that grows message by message and answers in a few
milliseconds.

Candidates come from an inverted index over hashed character pairs, rarest first (prefix filtering: Chaudhuri, Ganti,
Kaushik, ICDE 2006; Bayardo, Ma, Srikant, WWW 2007), and from the newest of the same place and category; all of them
are scored exactly (likeness_score). What is read is bounded: CAP entries of a pair, BUDGET in all, CANDIDATES scored.
So a flood of ten thousand like messages costs a look-up no more than any other. No sentence is kept, only hashes.
"""

import threading
from array import array
from collections import deque
from collections.abc import Hashable, Iterable
from typing import Final

import numpy as np
import numpy.typing as npt

from linli.understanding import likeness_score as score
from linli.understanding.likeness_item import ROW, Asked, Features, Found, Item, Rows, agree, alike, bucket_of, share
from linli.understanding.likeness_score import THRESHOLD, Why
from linli.understanding.likeness_text import HASH, SINGLE, SLOTS, WHAT, Grams, grams, numbers, plain, things

__all__ = ["THRESHOLD", "Found", "Index", "Item", "Why", "compare"]

CAP: Final = 2048  # newest entries read of one pair
BUDGET: Final = 20_000  # entries read for one question
CANDIDATES: Final = 256  # messages scored exactly
SPARE: Final = 120  # further ones whose building numbers are compared
VILLAGE: Final = 12  # digits of a village's code
SAME_VILLAGE: Final = 0.5  # what being of the same village counts among candidates, as a share of all pairs
BUCKET: Final = 64  # newest messages kept of one village and category
PRIOR: Final = 30.0  # messages that an empty index pretends to have seen, so that the first ones weigh evenly
SHORTEST: Final = 3  # character pairs below which a text says too little to be compared
Slots = npt.NDArray[np.uint32]


class Index:
    """Messages that may be asked for likeness. Safe to use from several threads; each call holds the lock shortly."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._lists: list[array[int] | None] = [None] * SLOTS
        self._counts = np.zeros(SLOTS, dtype=np.int32)
        self._flat: Grams = np.empty(1 << 14, dtype=np.uint32)
        self._used = 0
        self._rows = np.zeros(1 << 10, dtype=ROW)
        self._keys: list[Hashable] = []
        self._slots: dict[Hashable, int] = {}
        self._bundles: list[Hashable] = []
        self._numbers: dict[int, frozenset[tuple[str, str]]] = {}
        self._things: dict[int, frozenset[str]] = {}
        self._senders: dict[int, frozenset[int]] = {}
        self._by_sender: dict[int, deque[int]] = {}
        self._sets: dict[frozenset[str], frozenset[str]] = {}  # each set of things is kept once
        self._names: dict[str, int] = {}
        self._buckets: dict[tuple[int, int], deque[int]] = {}
        self._weights = np.zeros(SLOTS)  # scratch: the weight of each pair that is asked for

    def __len__(self) -> int:
        return len(self._slots)

    def __contains__(self, key: Hashable) -> bool:
        return key in self._slots

    @property
    def dead(self) -> int:
        """Slots of messages that were removed: when they are many, ``compacted`` saves their room."""
        return len(self._keys) - len(self._slots)

    def size(self) -> int:
        """Bytes of the arrays and lists, without Python's own overhead for keys."""
        lists = sum(len(one) * 4 + 80 for one in self._lists if one is not None)
        return int(self._flat.nbytes + self._rows.nbytes + self._counts.nbytes + self._weights.nbytes + lists)

    def add(self, item: Item) -> None:
        """Add a message, or put it in place of the one with its key."""
        asked = self._asked(item)
        with self._lock:
            self.remove(item.key)
            self._insert(item.key, asked)

    def remove(self, key: Hashable) -> bool:
        """Forget a message: it is never found again, its hashes are overwritten. False when it is not there."""
        with self._lock:
            slot = self._slots.pop(key, None)
            if slot is None:
                return False
            row = self._rows[slot]
            mine = self._flat[row["start"] : row["start"] + row["size"]]
            self._counts[mine & HASH] -= 1
            mine[:] = 0
            row["alive"] = False
            self._keys[slot] = self._bundles[slot] = None
            self._numbers.pop(slot, None)
            self._things.pop(slot, None)
            self._senders.pop(slot, None)
            return True

    def find(self, item: Item, *, most: int = 8, floor: float = THRESHOLD) -> list[Found]:
        """The messages most like *item* with at least *floor*, best first; never *item* itself or its bundle."""
        asked = self._asked(item)
        with self._lock:
            if len(asked.pairs) < SHORTEST or not self._slots:
                return []
            mine = self._slots.get(item.key)
            slots = self._candidates(asked)
            alive = self._rows["alive"][slots]
            slots = slots[alive & (slots != (-1 if mine is None else mine))]
            if not len(slots):
                return []
            return self._scored(asked, slots, most, floor)

    def stands(self, key: Hashable, area: str, category: str) -> bool:
        """Whether a message is held with this area and category: then there is nothing to change."""
        with self._lock:
            slot = self._slots.get(key)
            if slot is None:
                return False
            row, names = self._rows[slot], self._category(category)
            length = len(area) if area.isdigit() else 0
            place = int(area.ljust(15, "0")) if length else 0
            return bool(row["area"] == place and row["length"] == length and row["three"] == names[2])

    def compacted(self) -> "Index":
        """A copy without the removed; takes about 10 µs a message."""
        fresh = Index()
        fresh._names = dict(self._names)
        for slot in sorted(self._slots.values()):
            with self._lock:
                if self._rows[slot]["alive"]:
                    fresh._insert(self._keys[slot], self._held(slot))
        return fresh

    # -- adding ---------------------------------------------------------------------------------------------------

    def _asked(self, item: Item) -> Asked:
        form = plain(item.text)
        return Asked(
            grams(form),
            int(item.area.ljust(15, "0")) if item.area.isdigit() else 0,
            len(item.area) if item.area.isdigit() else 0,
            item.at,
            self._category(item.category),
            float("nan") if item.lon is None else item.lon,
            float("nan") if item.lat is None else item.lat,
            frozenset(numbers(form)),
            things(form),
            frozenset(item.senders),
            item.bundle,
        )

    def _held(self, slot: int) -> Asked:
        row = self._rows[slot]
        return Asked(
            self._flat[row["start"] : row["start"] + row["size"]].copy(),
            int(row["area"]),
            int(row["length"]),
            float(row["at"]),
            (int(row["one"]), int(row["two"]), int(row["three"])),
            float(row["lon"]),
            float(row["lat"]),
            self._numbers.get(slot, frozenset()),
            self._things.get(slot, frozenset()),
            self._senders.get(slot, frozenset()),
            self._bundles[slot],
        )

    def _category(self, code: str) -> tuple[int, int, int]:
        """Numbers for the three levels of a category; 0 where it is unknown."""
        if not code:
            return 0, 0, 0
        parts = code.split(".")
        names = (parts[0], ".".join(parts[:2]), code)
        held = tuple(self._names.setdefault(name, len(self._names) + 1) for name in names)
        return held[0], held[1], held[2]

    def _insert(self, key: Hashable, asked: Asked) -> None:
        slot, size = len(self._keys), len(asked.pairs)
        if slot == len(self._rows):
            self._rows = np.concatenate((self._rows, np.zeros(slot // 2 + 1, dtype=ROW)))
        if self._used + size > len(self._flat):
            self._flat = np.concatenate((self._flat, np.empty(len(self._flat) // 2 + size, dtype=np.uint32)))
        self._flat[self._used : self._used + size] = asked.pairs
        pin = (asked.lon, asked.lat)
        self._rows[slot] = (self._used, size, asked.length, True, asked.area, asked.at, *asked.category, *pin)
        self._used += size
        hashes = asked.pairs & HASH
        self._counts[hashes] += 1
        for pair in hashes.tolist():
            held = self._lists[pair]
            if held is None:
                self._lists[pair] = array("I", (slot,))
            else:
                held.append(slot)
        self._keys.append(key)
        self._bundles.append(asked.bundle)
        self._slots[key] = slot
        self._note(slot, asked)

    def _note(self, slot: int, asked: Asked) -> None:
        """What most messages do not have, and the bucket of place and category."""
        if asked.numbers:
            self._numbers[slot] = asked.numbers
        if asked.things:
            self._things[slot] = self._sets.setdefault(asked.things, asked.things)
        if asked.senders:
            self._senders[slot] = asked.senders
            for sender in asked.senders:
                self._by_sender.setdefault(sender, deque(maxlen=16)).append(slot)
        bucket = bucket_of(asked)
        if bucket is not None:
            self._buckets.setdefault(bucket, deque(maxlen=BUCKET)).append(slot)

    # -- asking ---------------------------------------------------------------------------------------------------

    def _candidates(self, asked: Asked) -> npt.NDArray[np.intp]:
        """At most CANDIDATES slots: those that share the rarest pairs, the newest of the bucket, the sender's own."""
        hashes = asked.pairs & HASH
        counts = self._counts[hashes]
        order = np.argsort(counts, kind="stable")
        weights = self._idf(counts)
        taken: list[Slots] = []
        shares: list[float] = []
        budget = BUDGET
        for n in order.tolist():
            held = self._lists[int(hashes[n])]
            if held is None:
                continue
            newest = np.frombuffer(held, dtype=np.uint32)[-CAP:]
            taken.append(newest)
            shares.append(float(weights[n]))
            budget -= len(newest)
            if budget <= 0:
                break
        certain = self._certain(asked)
        if not taken:
            return certain
        slots = np.concatenate(taken)
        sums = np.bincount(slots, weights=np.repeat(shares, [len(t) for t in taken]), minlength=1)
        touched = np.flatnonzero(sums > 0)
        room = CANDIDATES - len(certain)
        if len(touched) > room:
            if asked.length >= VILLAGE:  # of equals those of the same village come first
                here = self._rows["area"][touched] // 1000 == asked.area // 1000
                sums[touched[here]] += SAME_VILLAGE * float(weights.sum())
            # later slots win ties: of a flood the newest are compared
            best = np.argpartition(sums[touched] + touched * 1e-12, len(touched) - room)[-room:]
            touched = touched[best]
        return np.union1d(touched, certain)

    def _certain(self, asked: Asked) -> npt.NDArray[np.intp]:
        bucket = bucket_of(asked)
        mine = list(self._buckets.get(bucket, ())) if bucket is not None else []
        for sender in asked.senders:
            mine.extend(self._by_sender.get(sender, ()))
        return np.array(sorted(set(mine)), dtype=np.intp)

    def _idf(self, counts: npt.NDArray[np.int32]) -> score.Floats:
        return np.log1p((len(self._slots) + PRIOR) / (np.maximum(counts, 0) + 1.0))

    def features(self, item: Item, key: Hashable) -> score.Floats:
        """One row of likeness_score.FEATURES for *item* and the message with *key*, for fitting. Raises KeyError."""
        asked = self._asked(item)
        with self._lock:
            slots = np.array([self._slots[key]], dtype=np.intp)
            table = self._features(asked, slots).table
            self._details(asked, table, slots)
            return table

    def _details(self, asked: Asked, features: score.Floats, slots: npt.NDArray[np.intp]) -> None:
        """Numbers and things of a few: sets, so one by one."""
        features[:, score.NUMBERS] = [agree(asked.numbers, self._numbers.get(int(s))) for s in slots]
        features[:, score.THINGS] = [share(asked.things, self._things.get(int(s))) for s in slots]

    def _features(self, asked: Asked, slots: npt.NDArray[np.intp]) -> Features:
        """All but the numbers, for all candidates at once."""
        rows = self._rows[slots]
        shared = self._overlap(asked, rows)
        apart = score.metres(asked.lon, asked.lat, rows["lon"], rows["lat"])
        close = score.places(asked.area, asked.length, rows["area"], rows["length"])
        pinned = ~np.isnan(apart)
        close[pinned] = 2 * np.exp2(-apart[pinned] / score.NEAR) - 1
        apart[~pinned] = -1.0
        days = np.abs(rows["at"] - asked.at) / 86_400
        category = alike(asked.category, rows)
        table = score.columns(shared, close, days, category, np.zeros(len(slots)))
        return Features(table, shared.all, close, apart, days, category)

    def _scored(self, asked: Asked, slots: npt.NDArray[np.intp], most: int, floor: float) -> list[Found]:
        """All candidates without their numbers; the best few with them."""
        all_of = self._features(asked, slots)
        features = all_of.table
        best = np.argsort(-score.weigh(features), kind="stable")[: most + SPARE]
        chosen = features[best]
        self._details(asked, chosen, slots[best])
        features[best], scores = chosen, score.weigh(chosen)
        found: list[Found] = []
        for n in np.argsort(-scores, kind="stable").tolist():
            at, slot = int(best[n]), int(slots[best[n]])
            if scores[n] < floor or len(found) == most:
                break
            if asked.bundle is None or self._bundles[slot] != asked.bundle:
                same = bool(asked.senders & self._senders.get(slot, frozenset()))
                found.append(Found(self._keys[slot], float(scores[n]), all_of.why(at, same)))
        return found

    def _overlap(self, asked: Asked, rows: Rows) -> score.Overlap:
        """How much of the pairs each row shares with what is asked: in all, of the trouble, of the place's name."""
        sizes = rows["size"].astype(np.int64)
        ends = np.cumsum(sizes)
        starts = ends - sizes
        values = self._flat[np.arange(int(ends[-1])) + np.repeat(rows["start"] - starts, sizes)]
        hashes, single = values & HASH, (values & SINGLE) != 0
        what = (values >= WHAT) & ~single
        theirs = self._idf(self._counts[hashes])
        mine_hashes, mine_single = asked.pairs & HASH, (asked.pairs & SINGLE) != 0
        mine_what = (asked.pairs >= WHAT) & ~mine_single
        mine = self._idf(self._counts[mine_hashes])
        self._weights[mine_hashes] = np.where(mine_what, -mine, mine)  # the sign says of which kind
        common = self._weights[hashes]
        self._weights[mine_hashes] = 0.0
        size = np.abs(common)
        kinds = (size * ~single, size * (what & (common < 0)), size * single)
        table = np.stack((*kinds, theirs * ~single, theirs * what, theirs * single))
        sums = np.zeros((6, len(rows)))
        filled = sizes > 0
        if filled.any():
            sums[:, filled] = np.add.reduceat(table, starts[filled], axis=1)
        totals = [float(mine[which].sum()) for which in (~mine_single, mine_what, mine_single)]
        return score.overlap(sums, *totals)


def compare(one: Item, other: Item, background: Iterable[Item] = ()) -> Found | None:
    """One pair on its own, over an optional background that says which words are common."""
    index = Index()
    for item in background:
        index.add(item)
    index.add(other)
    return next((f for f in index.find(one, most=10_000, floor=0.0) if f.key == other.key), None)
