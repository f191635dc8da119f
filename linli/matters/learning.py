"""Reading what people decided beside the machine: lists, counts, and what another threshold would have meant."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection
from django.db.models import Count, Q, QuerySet

from linli.matters.learning_models import Correction
from linli.parties.queries import inside

STEPS: Final = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)
"""Thresholds that the table compares."""
LATEST: Final = 3_000
"""Matters of a city that the table looks at, the newest."""

# What an operator chose at intake was never the machine's to decide; it is left out.
_SEEN_SQL = """
SELECT (s.reading #>> '{part,category,confidence}')::float8,
       (SELECT bool_or(NOT c.agreed) FROM matters_correction c WHERE c.matter_id = m.id AND c.field = 'category')
  FROM (SELECT id FROM matters_matter WHERE area >= %s AND area < %s ORDER BY id DESC LIMIT %s) m
  JOIN matters_statement s ON s.matter_id = m.id
 WHERE s.erased_at IS NULL AND s.reading #>> '{part,category,confidence}' IS NOT NULL
   AND NOT EXISTS (SELECT 1 FROM matters_correction c
                    WHERE c.matter_id = m.id AND c.source = 'intake' AND c.field = 'category')
"""


@dataclass(frozen=True, slots=True)
class AtThreshold:
    """What a threshold means: the share of matters that go to a person, and how often the others were right.

    *right* counts as wrong what a person put right later; None where nothing is left. *count* are the others.
    """

    threshold: float
    to_person: float
    right: float | None
    count: int


def table(pairs: Sequence[tuple[float, bool]], steps: Sequence[float] = STEPS) -> list[AtThreshold]:
    """One line for each threshold. *pairs*: confidence (0 to 1), and whether it was right."""
    found = []
    for step in steps:
        others = [right for sure, right in pairs if sure >= step]
        share = 1 - len(others) / len(pairs) if pairs else 0.0
        found.append(AtThreshold(step, share, sum(others) / len(others) if others else None, len(others)))
    return found


def of_city(city: str) -> list[tuple[float, bool]]:
    """(confidence, not put right by anybody) of the city's newest matters. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_SEEN_SQL, [city, city + "~", LATEST])
        return [(float(sure), not wrong) for sure, wrong in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which judgements a list shows; "" and None mean all."""

    field: str = ""
    source: str = ""
    verdict: str = ""  # agreed, overruled, unanswered
    top: str = ""  # level-1 code of what was said or chosen
    area: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def rows(self) -> QuerySet[Correction]:
        """The judgements, newest first, with their posts and people."""
        found = Correction.objects.select_related("post__person", "post__unit", "matter")
        if self.field:
            found = found.filter(field=self.field)
        if self.source:
            found = found.filter(source=self.source)
        if self.area:
            found = found.filter(inside(self.area))
        if self.top:
            within = Q(said__startswith=f"{self.top}.") | Q(chosen__startswith=f"{self.top}.")
            found = found.filter(within)
        if self.verdict == "agreed":
            found = found.filter(agreed=True)
        elif self.verdict == "overruled":
            found = found.filter(agreed=False).exclude(chosen="")
        elif self.verdict == "unanswered":
            found = found.filter(chosen="")
        if self.since:
            found = found.filter(at__gte=self.since)
        if self.until:
            found = found.filter(at__lt=self.until)
        return found.order_by("-at", "-id")


@dataclass(frozen=True, slots=True)
class Sums:
    """How many judgements there are, by what became of the machine's word."""

    all: int
    agreed: int
    overruled: int
    unanswered: int


def sums(rows: QuerySet[Correction]) -> Sums:
    """One query."""
    got = rows.order_by().aggregate(
        n_all=Count("pk"),
        n_agreed=Count("pk", filter=Q(agreed=True)),
        n_overruled=Count("pk", filter=Q(agreed=False) & ~Q(chosen="")),
        n_unanswered=Count("pk", filter=Q(chosen="")),
    )
    return Sums(*(got[name] for name in ("n_all", "n_agreed", "n_overruled", "n_unanswered")))


def mixed_up(area: str, most: int = 10) -> list[tuple[str, str, int]]:
    """(said, chosen, how often): which categories people change into which, the most frequent first. One query."""
    rows = Correction.objects.filter(inside(area) if area else Q(), field="category", agreed=False)
    rows = rows.exclude(chosen="").exclude(said="")
    return list(rows.values_list("said", "chosen").annotate(n=Count("pk")).order_by("-n", "said", "chosen")[:most])
