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

FEATURES: Final = ("one", "contained", "resembles", "place", "time", "category", "numbers", "both", "elsewhere")
NUMBERS: Final = FEATURES.index("numbers")
# Fitted by `linli understand likeness --fit` on the generated pairs alone; the hand-written pairs were only measured.
WEIGHTS: Final = np.array([-5.6, 5.0, 3.0, 1.6, 1.0, 1.1, 1.0, 2.5, -2.0])
THRESHOLD: Final = 0.5
"""From which score on two matters are shown as likely the same."""

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


def columns(
    contained: Floats, resembles: Floats, place: Floats, days: Floats, category: Floats, numbers: Floats
) -> Floats:
    """Rows of FEATURES from what was found. *both*: alike and in the same place; *elsewhere*: surely another place."""
    time = np.exp2(-days / HALF_LIFE)
    here = np.maximum(place, 0.0)
    return np.column_stack(
        (
            np.ones_like(contained),
            contained,
            resembles,
            place,
            time,
            category,
            numbers,
            contained * here,
            (place < -0.5).astype(float),
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
