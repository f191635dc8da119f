"""Likely duplicates: found after intake by a worker, shown with reasons, decided by people. None merges by itself."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event as Signal
from typing import Any, Final
from uuid import UUID

from django.db import close_old_connections, connection, transaction
from django.db.models import Q

from linli.audit import actions as audit
from linli.core.ids import uuid7
from linli.core.refusals import Refused
from linli.core.words import Words
from linli.kernel import clock
from linli.matters import queries
from linli.matters.likeness_index import EVERY, Follower, item_of, rows_of
from linli.matters.likeness_models import Likeness
from linli.matters.models import Beat, Matter
from linli.parties.access import Viewer
from linli.understanding.likeness import Found
from linli.understanding.likeness_score import Why

log = logging.getLogger("linli.likeness")
KEPT: Final = 3  # earlier matters kept for each
SHOWN: Final = 6
BATCH: Final = 200
BACK: Final = timedelta(days=7)  # at the very first start, matters since then are looked at
BEAT: Final = "likeness"
_LOCK: Final = 7_205_759_403_792_813
CLAIMED = Words("居民自己说是同一件事", "the resident said that it is the same")
INSERT_SQL = """
INSERT INTO matters_likeness (id, matter_id, other_id, score, why, same_sender, claimed, at, decided, decided_by)
SELECT x.id, x.matter, x.other, x.score, x.why, x.same_sender, x.claimed, x.at, '', ''
  FROM jsonb_to_recordset(%s::jsonb) AS x(id uuid, matter uuid, other uuid, score float8, why jsonb,
       same_sender boolean, claimed boolean, at timestamptz)
  JOIN matters_statement s ON s.matter_id = x.other AND s.erased_at IS NULL
  JOIN matters_statement t ON t.matter_id = x.matter AND t.erased_at IS NULL
ON CONFLICT (matter_id, other_id) DO UPDATE SET claimed = matters_likeness.claimed OR excluded.claimed
"""


def keep(matter: UUID, found: Iterable[Found], *, at: datetime, claimed: bool = False) -> list[dict[str, Any]]:
    """The rows of what was found for a matter, for ``write``."""
    return [
        {
            "id": str(uuid7()),
            "matter": str(matter),
            "other": str(one.key),
            "score": round(one.score, 4),
            "why": one.why.to_json(),
            "same_sender": one.why.same_sender,
            "claimed": claimed,
            "at": at.isoformat(),
        }
        for one in found
    ]


def write(rows: Sequence[dict[str, Any]]) -> None:
    """Store rows once each; what a person decided stays; the erased are left out. One query."""
    import orjson

    if rows:
        with connection.cursor() as cursor:
            cursor.execute(INSERT_SQL, [orjson.dumps(list(rows)).decode()])


def look(follower: Follower, ids: Sequence[UUID], at: datetime) -> int:
    """Find and store the earlier matters that *ids* are like; how many rows. Two queries."""
    rows: list[dict[str, Any]] = []
    for row in rows_of(ids, at):
        if row[-1]:
            found = follower.index.find(item_of(row), most=4 * KEPT)
            earlier = [one for one in found if isinstance(one.key, UUID) and one.key < row[0]]
            rows.extend(keep(row[0], earlier[:KEPT], at=at))
    write(rows)
    return len(rows)


def forget(matter: UUID) -> None:
    """Erasure: what likened a matter to others goes with its words. One query."""
    Likeness.objects.filter(Q(matter=matter) | Q(other=matter)).delete()


def claimed(matters: Iterable[Matter]) -> bool:
    """Whether the resident said of any of these that it is a problem others reported. One query."""
    return Likeness.objects.filter(matter__in=list(matters), claimed=True).exists()


@dataclass(frozen=True, slots=True)
class Alike:
    """A matter that may be the same problem, as the viewer may see it. *merged*: it stands for one merged into it."""

    matter: Matter
    score: float
    reasons: tuple[Words, ...]
    same_sender: bool
    claimed: bool


def settled(matter: Matter) -> set[UUID]:
    """The matters that a person decided on beside this one, and itself. One query."""
    rows = Likeness.objects.filter(Q(matter=matter) | Q(other=matter)).exclude(decided="")
    pairs = rows.values_list("matter", "other")
    return {matter.pk, *(ident for pair in pairs for ident in pair)}


def of_matter(viewer: Viewer, matter: Matter, most: int = SHOWN) -> list[Alike]:
    """Open likely duplicates that nobody decided on yet, best first, of those the viewer may see. Two queries."""
    rows = list(
        Likeness.objects.filter(Q(matter=matter) | Q(other=matter))
        .select_related("matter", "other")
        .order_by("-claimed", "-score")[:200]
    )
    best: dict[UUID, Likeness] = {}
    settled: set[UUID] = {matter.pk} | ({matter.merged_into_id} if matter.merged_into_id else set())
    for row in rows:
        other = row.other if row.matter_id == matter.pk else row.matter
        main = other.merged_into_id or other.pk
        if row.decided:
            settled |= {main, other.pk} if row.decided == "different" else {other.pk}
        elif other.stage not in ("withdrawn", "set_aside"):
            best.setdefault(main, row)
    wanted = [ident for ident in best if ident not in settled]
    seen = queries.visible_to(viewer).filter(pk__in=wanted, statement__erased_at__isnull=True, closed_at__isnull=True)
    held = {one.pk: one for one in queries.with_people(seen)}
    return [_alike(held[ident], best[ident]) for ident in wanted if ident in held][:most]


def _alike(other: Matter, row: Likeness) -> Alike:
    reasons = Why.from_json(row.why).words() if row.why else ()
    if row.claimed:
        reasons = (CLAIMED, *reasons)
    return Alike(other, row.score, reasons, row.same_sender, row.claimed)


def decide(matter: Matter, other: Matter, verdict: str, *, viewer: Viewer, at: datetime) -> None:
    """Put down that two matters are the same or different: they are not suggested again. Four queries.

    Raises Refused("not_yours") when the viewer may not see both.
    """
    pair = [matter.pk, other.pk]
    with transaction.atomic():
        if queries.visible_to(viewer).filter(pk__in=pair).count() != len(set(pair)) or matter.pk == other.pk:
            raise Refused("not_yours")
        settle(matter.pk, other.pk, verdict, by=viewer.actor_id, at=at)
        audit.record(
            viewer.actor_id, f"alike_{verdict}", "matter", str(matter.pk), at=at, area=matter.area,
            data={"other": other.code},
        )  # fmt: skip


def stepped(matter: UUID, step: str, into: UUID | None, *, by: str, at: datetime) -> None:
    """A merge that was taken or undone is a decision too. Two queries at these steps, none at others."""
    if step in ("merge", "unmerge") and into is not None:
        settle(matter, into, "same" if step == "merge" else "different", by=by, at=at)


def settle(matter: UUID, other: UUID, verdict: str, *, by: str, at: datetime) -> None:
    """The same without asking who may: for a merge that was taken, or undone. Two queries."""
    merged = Q(other__merged_into=other) | Q(matter__merged_into=other)
    mine = Likeness.objects.filter(Q(matter=matter) | Q(other=matter))
    told = {"decided": verdict, "decided_by": by, "decided_at": at}
    mine.filter(Q(other=other) | Q(matter=other) | merged).update(**told)
    later, earlier = max(matter, other), min(matter, other)
    Likeness.objects.bulk_create(
        [Likeness(matter_id=later, other_id=earlier, score=0.0, at=at, **told)],
        update_conflicts=True,
        unique_fields=["matter", "other"],
        update_fields=list(told),
    )


def pass_once(follower: Follower, at: datetime, backlog: list[UUID]) -> int:
    """Follow what changed, then look at the oldest of what is new; how many were looked at."""
    backlog.extend(follower.follow(at))
    batch, backlog[:BATCH] = backlog[:BATCH], []
    if batch:
        look(follower, batch, at)
    if not backlog:
        Beat.objects.update_or_create(name=BEAT, defaults={"at": at})
    return len(batch)


def loop(stop: Signal) -> None:
    """Find likely duplicates until *stop* is set. Of any number of these, one works and the others stand by."""
    while not stop.is_set():
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
                mine = bool(cursor.fetchone()[0])
            if mine:
                _work(stop)
        except Exception:
            log.exception("likeness stopped; it begins again")
            connection.close()
        close_old_connections()
        stop.wait(5)


def _work(stop: Signal) -> None:
    """Fill an index, look at what came while nobody did, then follow. Ends with its connection and so with its lock."""
    follower, at = Follower(), clock.now()
    last = Beat.objects.filter(name=BEAT).first()
    follower.fill(at, stop.wait)
    backlog = missed(last.at - timedelta(minutes=1) if last else at - BACK)
    while not stop.is_set():
        if pass_once(follower, clock.now(), backlog) < BATCH:
            stop.wait(EVERY)


def missed(since: datetime) -> list[UUID]:
    """Requests received since then, in order. One query on the key."""
    begin = uuid7(int(since.timestamp() * 1000))
    return list(Matter.objects.filter(pk__gt=begin, procedure="request").order_by("pk").values_list("pk", flat=True))
