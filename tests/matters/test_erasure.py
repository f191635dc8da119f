"""Invariant 18: what is erased is nowhere, and history and counts stay true."""

from datetime import timedelta

import pytest

from linli.core import chain
from linli.core.refusals import Refused
from linli.matters import actions, erasure, media, queries
from linli.matters.models import Evidence, Matter
from tests.matters.test_loop import events_of
from tests.matters.town import T0

CANARY = "金丝雀一三八"


def closed_matter(town, say):  # type: ignore[no-untyped-def]
    got = say(f"第一网格路灯不亮，我叫{CANARY}", contact_name=CANARY, contact_phone="13800138000", address=CANARY)
    alice = town.viewer("alice")
    actions.take(got.id, "claim", viewer=alice, form={"note": CANARY}, at=T0 + timedelta(minutes=1))
    photo = media.store(picture())
    actions.take(got.id, "complete", viewer=alice, form={"note": CANARY}, files=[photo], at=T0 + timedelta(minutes=5))
    resident = queries.resident(Matter.objects.get(pk=got.id))
    actions.take(got.id, "solved", viewer=resident, form={"rating": 4, "note": CANARY}, at=T0 + timedelta(minutes=9))
    return got.id, photo.sha256


def picture() -> bytes:
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (40, 30), (200, 30, 60)).save(out, "JPEG")
    return out.getvalue()


def dump() -> str:
    """Every row of every table, as text."""
    from django.db import connection

    found = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            found.extend(row[0] for row in cursor.fetchall())
    return "\n".join(found)


def test_nothing_personal_is_left_and_the_chain_holds(town, say, django_capture_on_commit_callbacks):  # type: ignore[no-untyped-def]
    matter, digest = closed_matter(town, say)
    assert CANARY in dump(), "the canary must be there before, or this test shows nothing"
    assert media.path(digest).exists()
    with django_capture_on_commit_callbacks(execute=True):
        erasure.erase(matter, viewer=town.viewer("bob"), reason="本人申请", at=T0 + timedelta(days=1))
    text = dump()
    assert CANARY not in text
    assert "13800138000" not in text
    assert not media.path(digest).exists()
    row = Matter.objects.get(pk=matter)
    assert chain.verify(events_of(row), chain.Head(row.seq, bytes(row.head))) == []
    assert (row.stage, row.outcome, row.rating) == ("closed", "solved", 4)
    assert Evidence.objects.filter(matter=matter, erased_at__isnull=True).count() == 0


def test_open_matters_and_strangers_are_refused(town, say):  # type: ignore[no-untyped-def]
    got = say()
    for name, code in (("bob", "erase_open"), ("alice", "not_allowed"), ("sys", "not_allowed")):
        with pytest.raises(Refused) as refused:
            erasure.erase(got.id, viewer=town.viewer(name), reason="x", at=T0)
        assert refused.value.refusal.code == code
