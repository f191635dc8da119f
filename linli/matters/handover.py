"""When a post ends, its open matters go on to somebody else, on the record."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from linli.core.effects import Draft
from linli.core.procedure import Step
from linli.core.routing import Choice
from linli.core.snapshot import Actor, Decision, Entry, Notice
from linli.core.words import Words
from linli.matters import reference, standing
from linli.matters.apply import Standing, Write, write
from linli.matters.models import Matter

BATCH = 200
STEP = "handed_on"
_SYSTEM = Actor("system", "handover", "", frozenset({"system"}))


def hand_on(post: UUID, *, at: datetime) -> int:
    """Route every open matter that *post* still holds to somebody else; how many. May be repeated."""
    moved = 0
    while True:
        with transaction.atomic():
            held = Matter.objects.filter(holder_post=post, closed_at__isnull=True).exclude(stage="answered")
            ids = standing.lock(held.order_by("pk").values_list("pk", flat=True)[:BATCH])
            ref = reference.current(fresh=True)
            writes = [_write(was, post, at) for was in standing.read(ids, ref).values()]
            write([w for w in writes if w.was.snap.holder.post == post])
            moved += len(writes)
        if len(ids) < BATCH:
            return moved


def _write(was: Standing, post: UUID, at: datetime) -> Write:
    """The matter goes back to be claimed by the next one; what runs, runs on."""
    snap = was.snap
    stage = snap.procedure.first if snap.stage == "working" else snap.stage
    step = Step(STEP, Words("岗位变动，转交他人", "Handed on: the post has ended"), (snap.stage,), stage, ("system",))
    draft = Draft(snap, step, _SYSTEM, {}, at)
    draft.next_person()
    if draft.assigned is None:  # nobody at all: it must not stay with a post that has ended
        draft.hand_to(Choice(None, "nobody", ()))
    if stage != snap.stage:
        draft.enter(stage)
    data = {"post": str(post), **draft.data}
    if stage != snap.stage:
        data |= {"from": snap.stage, "to": stage}
    notices = (*draft.notices, Notice("level", STEP))
    clocks = tuple(draft.clocks.values())
    decision = Decision(stage, (Entry(STEP, data),), clocks, draft.assigned, draft.changes, notices)
    return Write(was, decision, _SYSTEM, at)
