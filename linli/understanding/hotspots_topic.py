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
from linli.understanding.hotspots_text import AREA, Sketch, normal
from linli.understanding.hotspots_words import CIVIC, CONCEPT

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
_AT_FIRST: Final = re.compile(rf"^(?:{AREA.pattern})+")
_TITLED: Final = re.compile(
    r"(?<![\u4e00-\u9fff])([\u4e00-\u9fff]{1,3})(?=书记|局长|处长|科长|主任|院长|校长|园长|村长|队长|老板|经理|董事长|老师|医生|律师|警官)"
)


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the stream. *person*: any mark that tells senders apart ("" for unknown). *place*: the code of the
    place it is about ("" for unknown)."""

    id: str
    subject: str
    detail: str
    at: datetime
    person: str = ""
    support: int = 0
    against: int = 0
    place: str = ""


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
    words = _keywords(sketches, place, told)
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
    """The masked area that most of them name, wide before narrow: “A市A5区”."""
    counted: Counter[str] = Counter()
    for seen in sketches:
        for at, area in enumerate(seen.areas):
            counted[area] += 4 // (1 + at) if area != "西地省" else 0
    best = max(counted, key=lambda area: (counted[area], area), default="")
    if not best or counted[best] < len(sketches):
        return ""
    kin = [area for area in counted if area[0] == best[0] and _is_city(area) != _is_city(best)]
    other = max(kin, key=lambda area: (counted[area], area), default="")
    if _is_city(best):
        return best + (other if counted[other] >= len(sketches) else "")
    return other + best


def _is_city(area: str) -> bool:
    return area[-1] == "市" and area[-2] != "县"


def _place(sketches: Sequence[Sketch]) -> str:
    """The name that most share: what subject lines are about, else a road or town, else what details are about."""
    views = (
        (0.3, [name for seen in sketches if seen.sure for name in seen.own]),
        (0.3, [name for seen in sketches for name in seen.wide]),
        (0.5, [name for seen in sketches for name in seen.own]),
    )
    for share, names in views:
        counted = {name: sum(name in seen.text for seen in sketches) for name in set(names)}
        best = max(counted, key=lambda name: (counted[name] * min(len(name), 6), len(name), name), default="")
        if best and counted[best] >= max(min(2, len(sketches)), share * len(sketches)) and not _personal(best):
            return best
    return ""


def _personal(word: str) -> bool:
    """Whether a word has the shape of somebody's name, or holds personal data."""
    return bool(personal.find(word)) or (len(word) in (2, 3) and personal.name_length(word) == len(word))


def _keywords(sketches: Sequence[Sketch], place: str, told: Mapping[str, int]) -> tuple[str, ...]:
    """The words that most of them share and few others use; none that may be a person's name."""
    shared = Counter(word for seen in sketches for word in seen.words if word[0] not in "#=")
    least = max(2.0, 0.25 * len(sketches)) if len(sketches) > 1 else 1
    good = []
    for word, count in shared.items():
        rare = count > 0.3 * told.get(word, count) and word not in CIVIC and word not in CONCEPT
        if count >= least and word not in place and not AREA.search(word) and not (rare and _personal(word)):
            good.append(word)
    good.sort(key=lambda word: (-shared[word] * log(20_000 / (1 + told.get(word, 1))), word))
    return tuple(good[:8])


def _line(subject: str) -> str:
    """A subject line without courtesies, the area it begins with, and personal data."""
    line = _CLOSING.sub("", _OPENING.sub("", normal(subject)))
    line = _AT_FIRST.sub("", line).strip()
    line = personal.mask(line, personal.find(line))
    return _TITLED.sub(lambda match: match[1][0] + "*" * (len(match[1]) - 1), line)


def _name(found: Sequence[tuple[Message, Sketch]], area: str, place: str, words: tuple[str, ...]) -> str:
    """The subject line that has most in common with all the others, after the area."""
    lines = [_line(message.subject) for message, _ in found]
    shared = Counter(pair for line in lines for pair in {line[at : at + 2] for at in range(len(line) - 1)})
    best, best_score = "", 0.0
    for line, (_, seen) in zip(lines, found, strict=True):
        if not 4 <= len(line) <= LONGEST_NAME:
            continue
        common = sum(shared[line[at : at + 2]] for at in range(len(line) - 1)) / len(found) / (len(line) ** 0.5)
        score = 1 + common + (1.0 if place and place in line else 0.0) + (0.5 if seen.told else 0.0)
        score -= line.count("*") + 0.3 * sum(mark in line for mark in "？?！!，,。") + abs(len(line) - 16) / 20
        score -= 0.8 if AREA.search(line) else 0.0
        if score > best_score:
            best, best_score = line, score
    if not best:
        best = place + "".join(word for word in words if word in CIVIC)[:12] or _line(found[0][0].detail[:LONGEST_NAME])
        best = best[:LONGEST_NAME]
    elif place not in best and any(seen.sure and place in seen.own for _, seen in found):
        best = place + best
    return best if AREA.search(best) else area + best


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
