"""Reading matters. Who sees which rows is one function, ``visible_to``; pages, API and export all start from it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet

from linli.core import clocks as clk
from linli.core.decide import allowed
from linli.core.procedure import Step
from linli.core.snapshot import Snapshot
from linli.matters import reference, standing
from linli.matters.case_models import Participant
from linli.matters.models import Assignment, Event, Evidence, Matter, Notice, Remark
from linli.matters.relations import actor_for
from linli.matters.tracking import tracking_digest
from linli.parties.access import Viewer
from linli.parties.queries import inside
from linli.parties.roles import CENTRE_ROLES

__all__ = [
    "Line",
    "by_clock",
    "by_code",
    "by_tracking",
    "colour_counts",
    "coloured",
    "get",
    "history",
    "idle_stops",
    "inside",
    "last_pause",
    "open_only",
    "opening_files",
    "party",
    "party_by_code",
    "resident",
    "siblings",
    "similar",
    "snapshot_of",
    "stage_counts",
    "steps_for",
    "tasks",
    "unseen",
    "visible_to",
    "watchers",
    "with_people",
]
READ_SCOPE = "matters:read"
ENDINGS = {"withdraw": "withdrawn", "merge": "merged", "set_aside": "set_aside"}  # step → stage: ended without work


def visible_to(viewer: Viewer) -> QuerySet[Matter]:
    """The matters that *viewer* may read; nothing for whom no rule names. Filters in SQL.

    Centre posts see their area, grid workers their grids, departments what their unit holds; whoever was given a
    matter keeps
    seeing it while they hold that post. Administrators see none. A resident sees the one behind the tracking code.
    """
    if viewer.kind == "resident":
        return Matter.objects.filter(pk=viewer.id)
    if viewer.kind == "party":
        return Matter.objects.filter(pk__in=_part_of(pk=viewer.id).values("matter"))
    if viewer.kind == "token":
        may = READ_SCOPE in viewer.scopes and viewer.area
        return Matter.objects.filter(inside(viewer.area), sealed="") if may else Matter.objects.none()
    seen, area = Q(pk__in=()), Q(pk__in=())
    posts, units = [], []
    for held in viewer.posts:
        if held.role in CENTRE_ROLES or held.role == "grid_worker":
            area |= inside(held.area)
        if held.role in ("officer", "unit_lead"):
            units.append(held.unit)
        if held.role in CENTRE_ROLES or held.role in ("grid_worker", "officer", "unit_lead"):
            posts.append(held.post)
    if units:
        seen |= Q(holder_unit__in=units)
    if posts:
        seen |= Q(pk__in=Assignment.objects.filter(post__in=posts).values("matter"), sealed="")
        seen |= Q(holder_post__in=posts)
        seen |= Q(pk__in=_part_of(Q(post__in=posts) | Q(unit__in=units, kind="unit")).values("matter"))
    everywhere = [h.unit for h in viewer.posts]
    kept_out = Q(post__in=viewer.post_ids) | Q(unit__in=everywhere, kind="unit")
    out = Participant.objects.filter(kept_out, barred=True).values("matter")
    return Matter.objects.filter((area & Q(sealed="")) | seen).exclude(pk__in=out)


def _part_of(*given: Q, **also: object) -> QuerySet[Participant]:
    """Who takes part now."""
    return Participant.objects.filter(*given, left_at__isnull=True, barred=False, **also)


def party_by_code(code: str) -> Participant | None:
    """The participant behind their own code, with the matter. One query on a unique index."""
    found = _part_of(digest=tracking_digest(code)).select_related(
        "matter__statement", "matter__holder_unit", "matter__holder_post__person"
    )
    return found.first()


def party(one: Participant) -> Viewer:
    """The viewer that a participant's code stands for."""
    return Viewer("party", str(one.pk), "")


def get(viewer: Viewer, ident: UUID) -> Matter | None:
    """One matter with its statement, if the viewer may read it. One query."""
    return visible_to(viewer).select_related("statement", "holder_unit", "holder_post__person").filter(pk=ident).first()


def by_code(viewer: Viewer, code: str) -> Matter | None:
    """One matter by the code people see. One query."""
    found = visible_to(viewer).select_related("statement", "holder_unit", "holder_post__person")
    return found.filter(code=code.strip().upper()).first()


def by_tracking(code: str) -> Matter | None:
    """The matter behind a resident's private code. One query on a unique index."""
    found = Matter.objects.select_related("statement", "holder_unit", "holder_post__person", "merged_into")
    return found.filter(tracking_digest=tracking_digest(code)).first()


def resident(matter: Matter) -> Viewer:
    """The viewer that a tracking code stands for: this one matter and nothing else."""
    return Viewer("resident", str(matter.pk), "")


def with_people(rows: QuerySet[Matter]) -> QuerySet[Matter]:
    """Rows with what lists show of them, without further queries."""
    merged = Count("merged", distinct=True)
    return rows.select_related("statement", "holder_unit", "holder_post__person").annotate(merged_count=merged)


def open_only(rows: QuerySet[Matter]) -> QuerySet[Matter]:
    return rows.filter(closed_at__isnull=True)


def by_clock(rows: QuerySet[Matter]) -> QuerySet[Matter]:
    """What turns red next comes first; danger before all."""
    return rows.order_by("-urgent", F("due_at").asc(nulls_last=True), "id")


def coloured(rows: QuerySet[Matter], colour: str, at: datetime) -> QuerySet[Matter]:
    """Open rows whose soonest clock has this colour at *at*: red, yellow, green, or grey (none runs)."""
    rows = open_only(rows)
    if colour == "red":
        return rows.filter(due_at__lte=at)
    if colour == "yellow":
        return rows.filter(due_at__gt=at, warn_at__lte=at)
    if colour == "green":
        return rows.filter(due_at__gt=at, warn_at__gt=at)
    return rows.filter(due_at__isnull=True)


def colour_counts(rows: QuerySet[Matter], at: datetime) -> dict[str, int]:
    """How many open rows have each colour. One query."""
    red, yellow = Q(due_at__lte=at), Q(due_at__gt=at, warn_at__lte=at)
    return open_only(rows).aggregate(
        red=Count("pk", filter=red),
        yellow=Count("pk", filter=yellow),
        green=Count("pk", filter=Q(due_at__gt=at, warn_at__gt=at)),
        grey=Count("pk", filter=Q(due_at__isnull=True)),
    )


def stage_counts(rows: QuerySet[Matter]) -> dict[str, int]:
    """How many open rows stand at each stage. One query."""
    return dict(open_only(rows).values_list("stage").annotate(n=Count("pk")).order_by())


def tasks(viewer: Viewer) -> QuerySet[Matter]:
    """What the viewer's own posts hold now, soonest deadline first."""
    mine = Matter.objects.filter(holder_post__in=viewer.post_ids, closed_at__isnull=True).exclude(stage="answered")
    return by_clock(mine)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a history, with its texts and files."""

    event: Event
    texts: dict[str, str]
    files: tuple[Evidence, ...]


def history(matter: Matter) -> list[Line]:
    """The whole history in order, with remarks and evidence. Three queries."""
    texts: dict[int, dict[str, str]] = {}
    for remark in Remark.objects.filter(matter=matter):
        texts.setdefault(remark.seq, {})[remark.field] = remark.text
    files: dict[int, list[Evidence]] = {}
    for item in Evidence.objects.filter(matter=matter).order_by("id"):
        files.setdefault(item.seq, []).append(item)
    events = Event.objects.filter(matter=matter).order_by("seq")
    return [Line(e, texts.get(e.seq, {}), tuple(files.get(e.seq, ()))) for e in events]


def snapshot_of(matter: UUID) -> Snapshot | None:
    """The matter as decisions see it, unlocked: for showing clocks and possible steps. One query."""
    found = standing.read([matter], reference.current()).get(matter)
    return found.snap if found else None


def steps_for(viewer: Viewer, snap: Snapshot) -> tuple[Step, ...]:
    """The steps that the viewer may take now."""
    return allowed(snap, actor_for(viewer, snap))


def similar(matter: Matter, days: int = 7) -> QuerySet[Matter]:
    """Open matters that may be the same problem: same category, same grid (or village where no grid is known),
    recent."""
    since = matter.opened_at - timedelta(days=days)
    rows = Matter.objects.filter(
        inside(matter.area[:15]), category=matter.category, closed_at__isnull=True, opened_at__gte=since
    )
    if not matter.category or len(matter.area) < 12:
        return Matter.objects.none()
    return rows.exclude(pk=matter.pk).select_related("statement").order_by("-opened_at")


def siblings(matter: Matter) -> list[Matter]:
    """The other matters of the same sentence, with their words. One query."""
    rows = Matter.objects.filter(bundle=matter.bundle).exclude(pk=matter.pk)
    return list(rows.select_related("statement").order_by("id"))


def idle_stops(matter: Matter, clocks: Iterable[clk.Clock]) -> dict[datetime, str]:
    """When an ending other than work stopped one of *clocks* → the stage it led to.

    One query, and only where an ending was taken back (a later cycle runs); else the matter itself says it.
    """
    held = tuple(clocks)
    if any(c.cycle > 1 for c in held) and any(c.state == clk.STOPPED for c in held):
        rows = Event.objects.filter(matter=matter, step__in=ENDINGS).values_list("at", "step")
        return {at: ENDINGS[step] for at, step in rows}
    ended = matter.closed_at is not None and matter.outcome in ENDINGS.values()
    return {matter.closed_at: matter.outcome} if ended and matter.closed_at else {}


def last_pause(matter: Matter) -> Event | None:
    """The event that paused the clocks last. One query."""
    return Event.objects.filter(matter=matter, step="pause").order_by("-seq").first()


def opening_files(matter: Matter) -> list[Evidence]:
    """The photos that came with the sentence itself. One query."""
    return list(Evidence.objects.filter(matter=matter, seq=1).order_by("id"))


def unseen(viewer: Viewer) -> QuerySet[Notice]:
    """Notices for the viewer's posts that were not opened yet, newest first."""
    return (
        Notice.objects.filter(post__in=viewer.post_ids, seen_at__isnull=True).select_related("matter").order_by("-at")
    )


def watchers(ids: Iterable[UUID]) -> dict[UUID, int]:
    """How many matters were merged into each. One query."""
    rows = Matter.objects.filter(merged_into__in=list(ids)).values_list("merged_into").annotate(n=Count("pk"))
    return dict(rows)
