"""Erasure: a matter's personal words and files go for good; its history, counts and hash chain stay true."""

import os
from datetime import datetime
from uuid import UUID

from django.db import transaction

from linli.audit import actions as audit
from linli.core.refusals import Refused
from linli.core.snapshot import Actor, Decision, Entry
from linli.matters import corrections, likeness, media, queries, reference, standing
from linli.matters.apply import Write, write
from linli.matters.case_models import Participant, Session, Value
from linli.matters.models import Evidence, Remark, Statement
from linli.parties.access import Viewer

MAY = frozenset({"centre_lead", "dispatcher"})
STEP = "erased"


def erase(matter: UUID, *, viewer: Viewer, reason: str, at: datetime) -> None:
    """Erase text, contacts, remarks and files of a closed matter; an event and an audit line say that it was done.

    Heads of centre and dispatchers of the area may. Raises Refused (not_yours, not_allowed, erase_open, field_missing).
    """
    if not reason.strip():
        raise Refused("field_missing", about="reason", field="reason")
    if not viewer.has(*MAY):
        raise Refused("not_allowed", step="erase", roles="、".join(sorted(MAY)))
    with transaction.atomic():
        if not queries.visible_to(viewer).filter(pk=matter).exists() or not standing.lock([matter]):
            raise Refused("not_yours")
        was = standing.read([matter], reference.current())[matter]
        if was.closed_at is None:
            raise Refused("erase_open")
        held = (viewer.posts[0].post, viewer.posts[0].unit) if viewer.posts else (None, None)
        actor = Actor(viewer.kind, viewer.id, viewer.name, frozenset(), *held)
        write([Write(was, Decision(was.snap.stage, (Entry(STEP),)), actor, at)])
        orphans = _wipe(matter, at)
        likeness.forget(matter)
        audit.record(viewer.actor_id, STEP, "matter", str(matter), at=at, area=was.snap.area, reason=reason[:500])
        transaction.on_commit(lambda: _unlink(orphans))


def _wipe(matter: UUID, at: datetime) -> list[str]:
    """Empty the rows; the digests of files that no other matter holds."""
    Statement.objects.filter(matter=matter).update(
        text="",
        part="",
        contact_name="",
        contact_phone="",
        contact_email="",
        address="",
        lon=None,
        lat=None,
        reading={},
        salt=os.urandom(16),
        erased_at=at,
    )
    Remark.objects.filter(matter=matter).update(text="", erased_at=at)
    Participant.objects.filter(matter=matter).update(name="", phone="", digest=None, erased_at=at)
    Value.objects.filter(matter=matter).update(value="", erased_at=at)
    Session.objects.filter(matter=matter).update(place="")
    corrections.wipe(matter, at)
    mine = set(Evidence.objects.filter(matter=matter, erased_at__isnull=True).values_list("sha256", flat=True))
    Evidence.objects.filter(matter=matter).update(erased_at=at)
    kept = set(Evidence.objects.filter(sha256__in=mine, erased_at__isnull=True).values_list("sha256", flat=True))
    return sorted(mine - kept)


def _unlink(digests: list[str]) -> None:
    for digest in digests:
        media.remove(digest)
