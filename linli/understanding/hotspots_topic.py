"""What is told of a topic: its name, place, period, people, heat, trend and reasons. Nobody is named in it."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import log
from typing import Final

from linli.core.words import Words
from linli.understanding import personal
from linli.understanding.hotspots_heat import Exposure, Rising, heat, peak, rising, votes
from linli.understanding.hotspots_text import AREA, Sketch
from linli.understanding.hotspots_words import CIVIC, CONCEPT, EMPTY

VERSION: Final = "hotspots-1"
LONGEST_NAME: Final = 40
MANY_VOTES: Final = 50
"""A single message with so many votes in support is a topic too."""
_OPENING: Final = re.compile(
    r"^(?:[!！?？\s“”\"]|关于|对于|反映|反应|反馈|投诉|举报|控告|咨询|询问|请问|质疑|再次|强烈|坚决|恳请|请求|请|希望|呼吁|建议|急|惊|求助|求|我要)+(?:于|对)?"
)
_CLOSING: Final = re.compile(
    r"(?:的?(?:一些|若干|相关|有关)?(?:问题|事宜|投诉|建议|咨询|反映|请求|求助|疑问)|[，,]?(?:求解决|望解决|请处理|急需处理|请关注|怎么办|有人管吗|谁来管)|[!！?？。.，,；;\s])+$"
)


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the stream. *person* is any mark that tells senders apart ("" for unknown)."""

    id: str
    subject: str
    detail: str
    at: datetime
    person: str = ""
    support: int = 0
    against: int = 0


@dataclass(frozen=True, slots=True)
class Topic:
    """Messages about one problem. Instants as in the messages; *trend*: people's messages week by week from *since*."""

    name: str
    area: str
    place: str
    ids: tuple[str, ...]
    since: datetime
    until: datetime
    people: int
    support: int
    against: int
    heat: float
    hottest: datetime
    heat_now: float
    keywords: tuple[str, ...]
    reasons: tuple[Words, ...]
    trend: tuple[int, ...]
    rising: Rising | None

    def to_json(self) -> dict[str, object]:
        """Plain values, for the command and the API."""
        return {
            "name": self.name,
            "ids": list(self.ids),
            "messages": len(self.ids),
            "place": {"area": self.area, "name": self.place},
            "period": {"from": self.since.isoformat(), "to": self.until.isoformat()},
            "people": self.people,
            "support": self.support,
            "against": self.against,
            "heat": round(self.heat, 2),
            "hottest": self.hottest.isoformat(),
            "heat_now": round(self.heat_now, 2),
            "keywords": list(self.keywords),
            "reasons": [{"zh": reason.zh, "en": reason.en} for reason in self.reasons],
            "trend": {"unit": "week", "counts": list(self.trend)},
            "rising": _alarm(self.rising),
        }


def _alarm(found: Rising | None) -> dict[str, object] | None:
    if found is None:
        return None
    return {
        "days": found.days,
        "people": found.people,
        "expected": round(found.expected, 2),
        "p_value": float(f"{found.p:.3g}"),
    }


def voices(messages: Sequence[Message]) -> list[tuple[datetime, float]]:
    """What each message weighs, in order of time: 1/k as the k-th of its sender, and its votes."""
    spoken: Counter[str] = Counter()
    weighed = []
    for message in sorted(messages, key=lambda one: (one.at, one.id)):
        person = message.person or message.id
        spoken[person] += 1
        weighed.append((message.at, 1 / spoken[person] + votes(message.support, message.against)))
    return weighed


def worth(messages: Sequence[Message], least_people: int) -> float:
    """The highest heat of what may be called a topic; 0 where too few people speak."""
    people = len({message.person or message.id for message in messages})
    if people < least_people and max(message.support for message in messages) < MANY_VOTES:
        return 0.0
    return peak(voices(messages))[0]


def described(
    found: Sequence[tuple[Message, Sketch]], at: datetime, exposure: Exposure, told: Mapping[str, int]
) -> Topic:
    """Everything that is told of one group."""
    found = sorted(found, key=lambda pair: (pair[0].at, pair[0].id))
    messages = [message for message, _ in found]
    sketches = [seen for _, seen in found]
    weighed = voices(messages)
    hottest, when = peak(weighed)
    first: dict[str, datetime] = {}
    for message in messages:
        first.setdefault(message.person or message.id, message.at)
    area, place = _area(sketches), _place(sketches)
    words = _keywords(sketches, told)
    return Topic(
        name=_name(found, area, place, words),
        area=area,
        place=place,
        ids=tuple(message.id for message in messages),
        since=messages[0].at,
        until=messages[-1].at,
        people=len(first),
        support=sum(message.support for message in messages),
        against=sum(message.against for message in messages),
        heat=hottest,
        hottest=when,
        heat_now=heat(weighed, at),
        keywords=words,
        reasons=_reasons(messages, len(first), place, words),
        trend=_trend(messages),
        rising=rising(sorted(first.values()), exposure, at),
    )


def _area(sketches: Sequence[Sketch]) -> str:
    """The masked or official area most of them name, wide before narrow: “A市A5区”."""
    counted = Counter(area for seen in sketches for area in seen.areas)
    city = max((a for a in counted if a.endswith("市")), key=lambda a: (counted[a], a), default="")
    inner = max((a for a in counted if a[-1] in "区县州"), key=lambda a: (counted[a], a), default="")
    if inner and counted[inner] * 4 < len(sketches):
        inner = ""
    if city and inner and not inner.startswith(city[0]):
        city = ""
    return city + inner


def _place(sketches: Sequence[Sketch]) -> str:
    """The name that most messages share: what they are about, else what they name, else the road or town."""
    least = max(2, len(sketches) * 0.3) if len(sketches) > 1 else 1
    for view in ("own", "wide", "named"):
        counted: Counter[str] = Counter(name for seen in sketches for name in getattr(seen, view))
        for name in counted:
            counted[name] = sum(name in seen.text for seen in sketches)
        best = max(counted, key=lambda name: (counted[name] * min(len(name), 6), len(name), name), default="")
        if best and counted[best] >= least and not personal.find(best):
            return best
    return ""


def _keywords(sketches: Sequence[Sketch], told: Mapping[str, int]) -> tuple[str, ...]:
    shared = Counter(word for seen in sketches for word in seen.words if word[0] not in "#=")
    least = 2 if len(sketches) > 1 else 1
    good = [word for word in shared if shared[word] >= least and word not in EMPTY and not AREA.search(word)]
    good.sort(key=lambda word: (-shared[word] * log(1 + 5000 / (1 + told.get(word, 1))), word))
    return tuple(good[:8])


def _name(found: Sequence[tuple[Message, Sketch]], area: str, place: str, words: tuple[str, ...]) -> str:
    """The subject line that says best what all say, without its courtesies, after the area."""
    best, best_score = "", -1.0
    for message, seen in found:
        line = _OPENING.sub("", AREA.sub("", message.subject)).strip()
        line = _CLOSING.sub("", line)
        line = personal.mask(line, personal.find(line))
        if not 4 <= len(line) <= LONGEST_NAME:
            continue
        hits = sum(len(words) - at for at, word in enumerate(words) if word in line)
        telling = sum(2 for word in seen.words if word in CONCEPT and word in line)
        score = hits + telling + (8 if place and place in line else 0) - abs(len(line) - 18) / 6
        score -= 6 * line.count("*") + 3 * sum(mark in line for mark in "？?！!，,。")
        if score > best_score:
            best, best_score = line, score
    if not best:
        best = (place + "".join(word for word in words if word in CIVIC and word not in place)[:12]) or found[0][
            0
        ].subject
        best = personal.mask(best, personal.find(best))[:LONGEST_NAME]
    elif place and place not in best and not any(name in best for _, seen in found for name in seen.own):
        best = place + best
    return area + best


def _reasons(messages: Sequence[Message], people: int, place: str, words: tuple[str, ...]) -> tuple[Words, ...]:
    days = (messages[-1].at - messages[0].at).days + 1
    reasons = [
        Words(
            f"{people}人在{days}天内反映{len(messages)}次", f"{people} people, {len(messages)} messages in {days} days"
        )
    ]
    if place:
        reasons.append(Words(f"都说到“{place}”", f"they name “{place}”"))
    if words:
        listed = "、".join(words[:5])
        reasons.append(Words(f"共同的词：{listed}", f"words in common: {listed}"))
    return tuple(reasons)


def _trend(messages: Sequence[Message]) -> tuple[int, ...]:
    """Messages a week from the first on, at most the last 60 weeks."""
    since = messages[0].at
    weeks = [int((message.at - since) / timedelta(days=7)) for message in messages]
    counts = [0] * (weeks[-1] + 1)
    for week in weeks:
        counts[week] += 1
    return tuple(counts[-60:])
