"""Hot topics among the matters that a viewer may read, and what people decided of them.

Which matters belong together is kept by ``topics_follow``; everything that is told of a topic, its name too, is made
here from the matters that the viewer may read, and only from those.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Count, QuerySet
from django.db.models.functions import TruncHour

from linli.audit import actions as audit
from linli.core.refusals import Refused
from linli.indicators.models import TopicMember, TopicVerdict
from linli.indicators.topics_follow import COLUMNS, message_of
from linli.matters import reference
from linli.matters.models import Matter
from linli.matters.queries import visible_to
from linli.parties.access import Viewer
from linli.parties.queries import inside
from linli.parties.roles import CENTRE_ROLES
from linli.understanding.hotspots_heat import Exposure
from linli.understanding.hotspots_text import sketch
from linli.understanding.hotspots_topic import Topic, described

VERDICTS: Final = ("confirm", "dismiss", "undo")
MOST: Final = 30
READ: Final = 60
"""Newest matters of a topic that are read for its name; all are counted."""
BEFORE: Final = timedelta(days=90)
"""How far back the exposure of the alarm reaches."""
LEVELS: Final = (15, 12, 9, 6, 4)


@dataclass(frozen=True, slots=True)
class Hot:
    """A topic as a viewer sees it. *days*: its matters day by day; *verdict* is the last one, None for none."""

    id: UUID
    topic: Topic
    codes: tuple[str, ...]
    area: str
    where: str
    days: tuple[int, ...]
    verdict: TopicVerdict | None

    @property
    def dismissed(self) -> bool:
        """Put aside, and not grown to twice as many people since."""
        held = self.verdict
        return held is not None and held.verdict == "dismiss" and self.topic.people < max(2 * held.people, 5)

    @property
    def confirmed(self) -> bool:
        """Whether a person said that it is one problem."""
        return self.verdict is not None and self.verdict.verdict == "confirm"

    def as_dict(self) -> dict[str, Any]:
        """For the API."""
        verdict = self.verdict
        said = {"verdict": verdict.verdict, "at": verdict.at.isoformat()} if verdict else None
        place = {"area": self.area, "name": self.where or self.topic.place}
        return {"id": str(self.id), **self.topic.to_json(), "place": place, "codes": list(self.codes), "decided": said}


def matters_of(viewer: Viewer, topic: UUID, area: str = "") -> QuerySet[Matter]:
    """The matters of a topic that *viewer* may read, newest first."""
    return _rows(viewer, area).filter(topic_member__topic=topic).order_by("-opened_at", "-id")


def _rows(viewer: Viewer, area: str) -> QuerySet[Matter]:
    return visible_to(viewer).filter(inside(area), procedure="request", sealed="").exclude(outcome="set_aside")


def hot(viewer: Viewer, area: str, days: int, now: datetime, most: int = MOST) -> list[Hot]:
    """The hottest topics of the last *days* days in *area*, hottest now first. Four queries."""
    rows = _rows(viewer, area).filter(opened_at__gt=now - timedelta(days=days), opened_at__lte=now)
    counted = (
        rows.filter(topic_member__isnull=False).values_list("topic_member__topic").annotate(n=Count("pk"))
    ).order_by("-n", "topic_member__topic")
    wanted = [topic for topic, n in counted[: 2 * most] if n > 1]
    if not wanted:
        return []
    held: dict[UUID, list[Sequence[Any]]] = defaultdict(list)
    columns = ("topic_member__topic", *COLUMNS)
    for row in rows.filter(topic_member__topic__in=wanted).order_by("-opened_at", "-id").values_list(*columns)[:20_000]:
        held[row[0]].append(row[1:])
    exposure, said = _exposure(viewer, area, now), verdicts(held)
    found = [_hot(topic, members, now, days, exposure, said.get(topic)) for topic, members in held.items()]
    found = [one for one in found if one.topic.people > 1]
    return sorted(found, key=lambda one: (-one.topic.heat_now, one.id))[:most]


def _exposure(viewer: Viewer, area: str, now: datetime) -> Exposure:
    """How many matters came, by hour. One query."""
    hours = (
        _rows(viewer, area).filter(opened_at__gt=now - BEFORE, opened_at__lte=now).annotate(h=TruncHour("opened_at"))
    )
    return Exposure.counted(dict(hours.values_list("h").annotate(n=Count("pk")).order_by("h")))


def _hot(
    ident: UUID,
    rows: Sequence[Sequence[Any]],
    now: datetime,
    days: int,
    exposure: Exposure,
    verdict: TopicVerdict | None,
) -> Hot:
    pairs = []
    for number, row in enumerate(rows):
        message = message_of(row)
        read = number < READ and row[-1] is None
        pairs.append((message, sketch(message.subject, message.detail) if read else sketch("", "")))
    told = Counter(word for _, seen in pairs for word in seen.words)
    topic = described(pairs, now, exposure, told)
    counts = [0] * days
    for row in rows:
        counts[max(0, days - 1 - (now - row[1]).days)] += 1
    area = _common([row[2] for row in rows])
    index = reference.current().index
    where = " · ".join(entry.name for entry in index.chain(area)[-2:]) if area else ""
    codes = tuple(row[4] for row in rows)
    return Hot(ident, topic, codes, area, where, tuple(counts), verdict)


def _common(areas: Iterable[str]) -> str:
    """The smallest place that holds nine in ten of those whose place is known."""
    known = [area for area in areas if area]
    for length in LEVELS:
        counted = Counter(area[:length] for area in known if len(area) >= length)
        best = max(counted, key=lambda area: (counted[area], area), default="")
        if best and counted[best] >= 0.9 * len(known):
            return best
    return ""


def verdicts(topics: Iterable[UUID]) -> Mapping[UUID, TopicVerdict]:
    """The last verdict of each. One query."""
    rows = TopicVerdict.objects.filter(topic__in=list(topics)).order_by("topic", "-at", "-id").distinct("topic")
    return {row.topic: row for row in rows if row.verdict != "undo"}


def decide(topic: UUID, verdict: str, *, viewer: Viewer, at: datetime) -> None:
    """Put down what a person of a centre says of a topic. Four queries. Raises Refused("not_yours")."""
    if verdict not in VERDICTS or viewer.kind != "person" or not viewer.has(*CENTRE_ROLES):
        raise Refused("not_yours")
    rows = list(matters_of(viewer, topic).values_list("area", "statement__contact_phone", "bundle"))
    if not rows:
        raise Refused("not_yours")
    area = _common([row[0] for row in rows])
    people = len({phone or str(bundle) for _, phone, bundle in rows})
    with transaction.atomic():
        TopicVerdict.objects.create(
            topic=topic, verdict=verdict, area=area, people=people, by=viewer.actor_id, by_name=viewer.name, at=at
        )
        audit.record(
            viewer.actor_id, f"topic_{verdict}", "topic", str(topic), at=at, area=area, data={"matters": len(rows)}
        )


def waiting() -> bool:
    """Whether nothing has been grouped yet."""
    return not TopicMember.objects.exists()
