"""How alike two messages are, from 0 to 1, and why, in words.

Published parts: inverse document frequency (Spärck Jones 1972) weighs rare character pairs; the weighted overlap is
resemblance and containment (Broder 1997); text, category, place and time are joined in one logistic score as in
duplicate bug reports (Sun, Lo, Khoo, Jiang, “Towards more accurate retrieval of duplicate bug reports”, ASE 2011),
which is Fellegi and Sunter's sum of weights (1969) with weights that are fitted.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from linli.core.words import Words

Floats = npt.NDArray[np.float64]

FEATURES: Final = ("one", "what", "where", "otherwhere", "place", "time", "category", "numbers", "things")
NUMBERS: Final = FEATURES.index("numbers")
THINGS: Final = FEATURES.index("things")
# Fitted by `linli bench likeness --fit`; docs/duplicates.md has the measured figures.
WEIGHTS: Final = np.array([-7.74, 3.01, 1.51, -1.35, 1.73, 3.98, 0.56, 0.87, 1.01])
THRESHOLD: Final = 0.5
"""From which score on staff are shown two matters as likely the same: they can say no."""
CERTAIN: Final = 0.7
"""From which score on residents are told that others reported the same."""

NEAR: Final = 250.0  # metres at which two pins speak neither for nor against
HALF_LIFE: Final = 14.0  # days after which the nearness in time has halved
_LEVELS: Final = (15, 12, 9, 6, 4)


@dataclass(frozen=True, slots=True)
class Why:
    """What spoke for a likeness, as numbers; no word of either message.

    *text* is the share of the weighted pairs in common (0–1), *place* one of grid, village, township, near, far,
    elsewhere, unknown; *metres* between pins or -1; *days* between the two; *category* same, kin, other, unknown.
    """

    text: float
    place: str
    metres: float
    days: float
    category: str
    numbers: int
    same_sender: bool

    def to_json(self) -> dict[str, Any]:
        """For a table or the API."""
        return {
            "text": round(self.text, 3),
            "place": self.place,
            "metres": round(self.metres),
            "days": round(self.days, 3),
            "category": self.category,
            "numbers": self.numbers,
            "same_sender": self.same_sender,
        }

    @classmethod
    def from_json(cls, held: dict[str, Any]) -> "Why":
        """What ``to_json`` gave. Raises KeyError for anything else."""
        return cls(
            float(held["text"]),
            str(held["place"]),
            float(held["metres"]),
            float(held["days"]),
            str(held["category"]),
            int(held["numbers"]),
            bool(held["same_sender"]),
        )

    def words(self) -> tuple[Words, ...]:
        """The reasons, the strongest kind first."""
        share = round(self.text * 100)
        found = [SAME_SENDER] if self.same_sender else []
        found.append(Words(f"说法有 {share}% 相同", f"{share}% of the wording is shared"))
        if self.metres >= 0:
            metres = max(10, round(self.metres / 10) * 10)
            found.append(Words(f"两处相距约 {metres} 米", f"about {metres} m apart"))
        elif self.place in _PLACES:
            found.append(_PLACES[self.place])
        if self.numbers > 0:
            found.append(Words("楼栋或门牌号一致", "the same building or door number"))
        if self.category in _CATEGORIES:
            found.append(_CATEGORIES[self.category])
        found.append(_ago(self.days))
        return tuple(found)


SAME_SENDER: Final = Words("同一人重复反映（联系方式相同）", "the same person again (the same contact)")
_PLACES: Final = {
    "grid": Words("在同一个网格", "in the same grid"),
    "village": Words("在同一个村（社区）", "in the same village or community"),
    "township": Words("在同一个乡镇（街道）", "in the same township"),
    "unknown": Words("有一件没有说清地点", "one of them does not say where"),
}
_CATEGORIES: Final = {
    "same": Words("分类相同", "the same category"),
    "kin": Words("分类相近", "a related category"),
}


def _ago(days: float) -> Words:
    if days < 1 / 24:
        minutes = max(1, round(days * 1440))
        return Words(f"前后相隔 {minutes} 分钟", f"{minutes} min apart")
    if days < 2:
        hours = round(days * 24)
        return Words(f"前后相隔 {hours} 小时", f"{hours} h apart")
    return Words(f"前后相隔 {round(days)} 天", f"{round(days)} days apart")


def logistic(z: Floats) -> Floats:
    """1 / (1 + e^-z), without overflow."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(z, -40, 40))))


def weigh(features: Floats) -> Floats:
    """Scores of rows of FEATURES."""
    return logistic(features @ WEIGHTS)


@dataclass(frozen=True, slots=True)
class Overlap:
    """Shares from 0 to 1 for each candidate. *all*: of the shorter text's pairs; *what*: of the shorter trouble's
    pairs, *singles* of its characters; *where*: of the shorter place name's, 0 where one names none, and then
    *named* is 0 as well."""

    all: Floats
    what: Floats
    singles: Floats
    where: Floats
    named: Floats


def overlap(sums: Floats, mine: float, mine_what: float, mine_singles: float) -> Overlap:
    """From summed weights: in common (pairs, pairs of the trouble, single characters), theirs alike; and mine."""
    common, common_what, common_singles, theirs, theirs_what, theirs_singles = sums
    common_where = np.maximum(common - common_what, 0.0)
    mine_where, theirs_where = max(mine - mine_what, 0.0), np.maximum(theirs - theirs_what, 0.0)
    named = ((theirs_where > _TINY) & (mine_where > _TINY)).astype(float)
    return Overlap(
        _share(common, np.minimum(theirs, mine)),
        _share(common_what, np.sqrt(theirs_what * mine_what)),
        _share(common_singles, np.sqrt(theirs_singles * mine_singles)),
        _share(common_where, np.minimum(theirs_where, mine_where)) * named,
        named,
    )


_TINY: Final = 1e-9


def _share(part: Floats, whole: Floats) -> Floats:
    return np.clip(part / np.maximum(whole, _TINY), 0.0, 1.0) * (whole > _TINY)


def columns(shared: Overlap, place: Floats, days: Floats, category: Floats, numbers: Floats) -> Floats:
    """Rows of FEATURES from what was found. *otherwhere*: both name places, other ones; *here*: a like trouble in
    what is surely the same place; *apart*: surely another place."""
    what = np.sqrt(0.3 * shared.what + 0.7 * shared.singles)  # the first words in common tell most
    return np.column_stack(
        (
            np.ones_like(place),
            what,
            shared.where,
            shared.named * (1.0 - shared.where),
            place,
            np.exp2(-days / HALF_LIFE),
            category,
            numbers,
            np.zeros_like(place),
        )
    )


def places(one: int, one_length: int, others: npt.NDArray[np.int64], lengths: npt.NDArray[np.int8]) -> Floats:
    """Closeness of areas, -1 (elsewhere) to 1 (the same grid); 0 where one of them is too wide to tell.

    Areas are their codes as numbers of 15 digits, zeros behind; *length* is how many digits are known.
    """
    close = np.zeros(len(others))
    shorter = np.minimum(lengths, one_length)
    known = shorter >= 12
    if known.any():
        same = {n: others // 10 ** (15 - n) == one // 10 ** (15 - n) for n in _LEVELS}
        close[known] = -1.0
        close[known & same[9]] = -0.3
        close[known & same[12]] = 0.7
        close[known & same[15] & (shorter == 15)] = 1.0
    for length, apart in ((9, -0.8), (6, -1.0), (4, -1.0)):
        told = ~known & (shorter >= length)
        differ = others // 10 ** (15 - length) != one // 10 ** (15 - length)
        close[told & differ] = apart
    agree = ~known & (shorter == 9) & (others // 10**6 == one // 10**6)
    close[agree] = 0.2
    return close


def metres(lon: float, lat: float, lons: npt.NDArray[np.float32], lats: npt.NDArray[np.float32]) -> Floats:
    """Distance in metres on a plane at this latitude (error below 0.1 % within 10 km); NaN without a pin."""
    x = (lons.astype(np.float64) - lon) * 111_320.0 * np.cos(np.radians(lat))
    y = (lats.astype(np.float64) - lat) * 110_574.0
    return np.asarray(np.hypot(x, y))


def place_word(close: float, apart: float) -> str:
    """What ``Why.place`` says."""
    if apart >= 0:
        return "near" if apart <= NEAR else "far"
    if close >= 1:
        return "grid"
    if close >= 0.5:
        return "village"
    if close > 0:
        return "township"
    return "unknown" if close == 0 else "elsewhere"
