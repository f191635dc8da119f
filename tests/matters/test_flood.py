"""SAFEGUARDS, floods: near-duplicates by the thousand do not delay a message that speaks of danger.

A tenth of the stated 10,000 through the real intake; ``LINLI_SOAK=1`` runs them all.
"""

import os
import time
from datetime import timedelta

import pytest

from linli.kernel import clock
from linli.matters import queries
from linli.matters.intake import Request, receive
from linli.matters.models import Clock, Matter
from linli.parties.access import viewer_for
from tests.matters.town import GRID, build_town

pytestmark = pytest.mark.django_db

FLOOD = 10_000 if os.environ.get("LINLI_SOAK") else 1_000
SLOWEST = 1.0  # seconds that the danger may take, whatever came before


def test_a_flood_of_near_duplicates_does_not_delay_a_danger() -> None:
    town, at = build_town(), clock.now()
    for number in range(FLOOD):
        receive(Request(f"第一网格路灯不亮，第{number}次反映，请尽快处理", "page", area=GRID), at=at)
    start = time.perf_counter()
    got = receive(Request("第一网格3楼着火了，有人被困，快来", "page", area=GRID), at=at).items[0]
    assert time.perf_counter() - start < SLOWEST
    matter = Matter.objects.get(pk=got.id)
    assert matter.urgent
    assert matter.holder_post_id is not None, "it goes at once to a person"
    assert matter.stage == "received", "nobody has to sort it first"
    due = Clock.objects.get(matter=matter, rule="respond").due_at
    assert due - at <= timedelta(minutes=5, seconds=1)
    holder = next(person for person in town.people.values() if person.pk == matter.holder_post.person_id)
    rows = queries.by_clock(queries.open_only(queries.visible_to(viewer_for(holder, at))))
    assert rows.first().pk == matter.pk, "it stands before all that came earlier"
