"""A danger said in a category whose completion takes days is finished within the hour, and the history says urgent."""

from datetime import timedelta

import pytest

from linli.kernel import clock
from linli.matters.intake import Request, receive
from linli.matters.models import Clock, Matter
from tests.matters.town import GRID, build_town

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("text", "urgent"),
    [
        ("第一网格小学的教室里着火了，请快来", True),
        ("第一网格村里的养鸡场着火了", True),
        ("第一网格小学的放学时间太晚了", False),
    ],
)
def test_the_completion_clock(text: str, urgent: bool) -> None:
    build_town()
    at = clock.now()
    got = receive(Request(text, "page", area=GRID), at=at).items[0]
    matter = Matter.objects.get(pk=got.id)
    due = Clock.objects.get(matter=matter, rule="complete").due_at
    assert matter.urgent is urgent
    assert (due - at <= timedelta(hours=1, seconds=1)) is urgent
