"""Handing over a shift: pressing matters are listed by themselves, the receiver alone confirms, all is kept."""

from datetime import timedelta
from typing import Any

import pytest

from linli.kernel import clock
from linli.matters.models import Matter, Notice
from linli.matters.shift_models import Shift
from tests.matters.town import GRID2, TOWNSHIP, Town, staff
from tests.web.desk_world import client_of, say


@pytest.fixture
def desk(town: Town) -> Town:
    """Bob's township centre with a second dispatcher, and an operator of the county."""
    staff(town, "bea", "township", "operator", area=TOWNSHIP)
    staff(town, "cleo", "county", "operator")
    return town


def late(matter: Matter, minutes: int, warn: int) -> Matter:
    """The soonest clock of a row was due *minutes* ago; the warning was *warn* minutes ago."""
    at = clock.now()
    due, warned = at - timedelta(minutes=minutes), at - timedelta(minutes=warn)
    Matter.objects.filter(pk=matter.pk).update(due_at=due, warn_at=warned)
    return matter


def hand(town: Town, note: str = "", to: str = "bea", who: str = "bob") -> Any:
    form = {"to": str(town.people[to].pk), "note": note}
    return client_of(town, who).post("/desk/shift", form)


def test_pressing_matters_are_listed_by_themselves_red_first(desk: Town) -> None:
    yellow = late(say(), -10, 5)
    red = late(say("第二网格水管爆裂漏水", area=GRID2), 5, 10)
    say("第一网格井盖丢失")
    assert hand(desk, " 盯住水管 ").status_code == 302
    kept = Shift.objects.get()
    assert kept.listed == [{"code": red.code, "colour": "red"}, {"code": yellow.code, "colour": "yellow"}]
    assert (kept.red, kept.yellow, kept.note) == (1, 1, "盯住水管")
    assert (kept.unit, kept.given_by, kept.given_to) == (
        desk.units["township"],
        desk.people["bob"],
        desk.people["bea"],
    )


def test_the_next_one_is_told_and_confirms_once(desk: Town) -> None:
    red = late(say(), 5, 10)
    hand(desk, "盯住水管")
    bea = client_of(desk, "bea")
    assert "Bob交班给您" in bea.get("/desk/notices").content.decode()
    page = bea.get("/desk/shift").content.decode()
    assert "盯住水管" in page
    assert red.code in page
    row = Shift.objects.get()
    assert bea.post(f"/desk/shift/{row.pk}/take").status_code == 302
    row.refresh_from_db()
    first = row.taken_at
    assert first is not None
    bea.post(f"/desk/shift/{row.pk}/take")
    row.refresh_from_db()
    assert row.taken_at == first
    assert "交班给您" not in bea.get("/desk/notices").content.decode()
    after = bea.get("/desk/shift").content.decode()
    assert "已接班" in after
    assert "盯住水管" in after, "what was handed over stays to be read"


def test_nobody_else_confirms_or_reads_it(desk: Town) -> None:
    hand(desk, "盯住水管")
    row = Shift.objects.get()
    for name in ("bob", "cleo", "dora"):
        assert client_of(desk, name).post(f"/desk/shift/{row.pk}/take").status_code in (403, 404)
    row.refresh_from_db()
    assert row.taken_at is None
    assert "盯住水管" not in client_of(desk, "cleo").get("/desk/shift").content.decode()
    assert client_of(desk, "olga").get("/desk/shift").status_code == 403


def test_only_to_a_colleague_of_the_same_centre(desk: Town) -> None:
    for to in ("cleo", "alice", "bob", "charlie"):
        assert hand(desk, "x", to).status_code in (403, 404), to
    missing = client_of(desk, "bob").post("/desk/shift", {"to": "", "note": "写好的话"})
    assert missing.status_code == 422 or missing.status_code == 400
    assert "写好的话" in missing.content.decode(), "what was typed stays"
    assert hand(desk, "x" * 2001).status_code in (400, 422)
    assert not Shift.objects.exists()


def test_pressing_the_button_twice_is_one(desk: Town) -> None:
    hand(desk, "盯住水管")
    hand(desk, "盯住水管")
    assert Shift.objects.count() == 1
    hand(desk, "还有一句")
    assert Shift.objects.count() == 2


def test_what_the_reader_may_not_see_is_only_counted(desk: Town) -> None:
    red = late(say(), 5, 10)
    hand(desk)
    Matter.objects.filter(pk=red.pk).update(area="880102001001001", holder_post=None, holder_unit=None)
    Notice.objects.all().delete()
    page = client_of(desk, "bea").get("/desk/shift").content.decode()
    assert red.code not in page
    assert "另有 1 件未列出" in page


def test_the_page_takes_the_same_queries_whatever_was_handed_over(
    desk: Town, django_assert_max_num_queries: Any
) -> None:
    bea = client_of(desk, "bea")
    for n in range(6):
        late(say(f"第一网格第{n}盏路灯不亮"), 5, 10)
        hand(desk, f"第{n}次")
    with django_assert_max_num_queries(16):
        assert bea.get("/desk/shift").content.decode().count("第5次") >= 2
