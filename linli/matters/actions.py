"""The verbs that change matters. Each is one transaction: lock, decide, write."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from linli.audit import actions as audit
from linli.core.decide import NO_FORM, decide
from linli.core.refusals import Refusal, Refused
from linli.core.snapshot import Decision
from linli.matters import changes, corrections, likeness, opening, queries, reference, standing
from linli.matters.apply import Standing, Write, write
from linli.matters.drafting import File
from linli.matters.models import Matter
from linli.matters.models import Notice as NoticeRow
from linli.matters.relations import actor_for
from linli.parties.access import Viewer


def take(
    matter: UUID,
    step: str,
    *,
    viewer: Viewer,
    form: Mapping[str, object] = NO_FORM,
    files: Sequence[File] = (),
    at: datetime,
    seen: int | None = None,
) -> Decision:
    """Take one step. *seen* is the number of the last event that the page showed: a later one refuses a stale form.

    Four queries: visible, lock, read, write; three more where the step judges what was read. Raises Refused.
    """
    ref = reference.current()
    with transaction.atomic():
        if not queries.visible_to(viewer).filter(pk=matter).exists() or not standing.lock([matter]):
            raise Refused("not_yours")
        was = standing.read([matter], ref)[matter]
        if seen is not None and seen != was.seq:
            _stale(was, step)
        actor = actor_for(viewer, was.snap)
        given = dict(form) | ({"evidence": [f.kind for f in files]} if files else {})
        decision = decide(was.snap, step, actor=actor, form=given, at=at)
        if isinstance(decision, Refusal):
            raise Refused(decision)
        if (area := str(decision.changes.get("area") or "")) and area not in ref.index:
            raise Refused("place_unknown", about="area", area=area)
        also = _also(was, step, form, viewer, ref)
        learnt = corrections.of_step(was, step, decision, form, actor, at)
        write([Write(was, learnt.decision, actor, at, files, also)])
        corrections.keep(learnt.rows)
        likeness.stepped(matter, step, also.get("merged_into") or was.merged_into, by=viewer.actor_id, at=at)
        _beyond(was, learnt.decision, viewer, ref, at)
        return learnt.decision


def _beyond(was: Standing, decision: Decision, viewer: Viewer, ref: reference.Reference, at: datetime) -> None:
    """People, values, papers and sub-matters of a declared kind; nothing for a request."""
    if not decision.also:
        return
    area = str(decision.changes.get("area", was.snap.area))
    scene = changes.Scene(was.snap.matter, was.snap.procedure, area, was.seq + 1, at, ref.zone)
    changes.apply(scene, decision.also)
    for change in decision.also:
        if change.kind == "link":
            _link(was, str(change.data["code"]), str(change.data["about"]), viewer)
    opening.children(was.snap, decision.also, viewer=viewer, area=area, at=at)


def _link(was: Standing, code: str, about: str, viewer: Viewer) -> None:
    """Another matter becomes a part of this one. Raises Refused (not_yours, merge_self)."""
    other = queries.by_code(viewer, code)
    if other is None:
        raise Refused("not_yours", about=about)
    if other.pk == was.snap.matter or other.parent_id is not None:
        raise Refused("merge_self", about=about)
    Matter.objects.filter(pk=other.pk).update(parent=was.snap.matter)


def _stale(was: Standing, step: str) -> None:
    """A form made for an older state is refused, except where the step still fits the stage it was made for."""
    declared = was.snap.procedure.steps.get(step)
    if declared is None or was.snap.stage not in declared.from_:
        return  # decide says it better: already claimed, wrong stage
    if declared.to:
        raise Refused("changed_meanwhile")


def _also(
    was: Standing, step: str, form: Mapping[str, object], viewer: Viewer, ref: reference.Reference
) -> dict[str, Any]:
    """Columns that a step sets beside the vocabulary of effects: the link of a merge."""
    if step == "merge":
        return {"merged_into": _main(was, form, viewer, ref)}
    if step == "unmerge":
        return {"merged_into": None}
    return {}


def _main(was: Standing, form: Mapping[str, object], viewer: Viewer, ref: reference.Reference) -> UUID:
    """The matter to merge into, locked: open, visible, not merged itself."""
    code = str(form.get("into", "")).strip().upper()
    main = queries.by_code(viewer, code)
    if main is None:
        raise Refused("not_yours", about="into")
    if main.pk == was.snap.matter:
        raise Refused("merge_self", about="into")
    standing.lock([main.pk])
    main.refresh_from_db(fields=["closed_at", "merged_into", "stage"])
    if main.closed_at is not None or main.merged_into_id is not None:
        raise Refused("merge_closed", about="into", code=main.code)
    if Matter.objects.filter(merged_into=was.snap.matter).exists():
        raise Refused("merge_chain", about="into", code=was.code)
    return main.pk


def look(matter: Matter, *, viewer: Viewer, at: datetime, what: str = "view") -> None:
    """Note in the audit log that a member of staff opened the file; residents may read who did. One query."""
    audit.record(viewer.actor_id, what, "matter", str(matter.pk), at=at, area=matter.area, data={"name": viewer.name})


def see_notices(ids: Sequence[UUID], *, viewer: Viewer, at: datetime) -> int:
    """Mark notices of the viewer's own posts as opened. One query."""
    mine = NoticeRow.objects.filter(pk__in=ids, post__in=viewer.post_ids, seen_at__isnull=True)
    return mine.update(seen_at=at)
