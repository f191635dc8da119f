"""Topics over stored matters: who sees which, what is decided, and that no words leak."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from linli.core.refusals import Refused
from linli.kernel import clock
from tests.web.test_admin import enter, now, office

if TYPE_CHECKING:
    from tests.matters.town import Town

__all__ = ["now", "office"]
pytestmark = pytest.mark.django_db
GRILL = (
    "柳荫社区第一网格幸福里小区楼下烧烤摊油烟扰民，每晚十点以后浓烟往楼上窜，开不了窗。",
    "幸福里小区一楼的烧烤店油烟太大，住户晚上睡不着，希望来人管管。柳荫社区第一网格。",
    "柳荫社区第一网格，幸福里小区临街烧烤夜宵摊油烟和噪音扰民，投诉多次了。",
)


def tell(*texts: str, at: datetime) -> list[Any]:
    """Stored matters, each from another person."""
    from linli.matters.intake import Request, receive
    from tests.matters.town import GRID

    return [
        receive(Request(text, "page", area=GRID, contact_phone=f"1390000{n:04d}"), at=at + timedelta(minutes=n)).items[
            0
        ]
        for n, text in enumerate(texts)
    ]


def grouped(at: datetime) -> int:
    """One round of the follower."""
    from linli.indicators.topics_follow import Follower

    follower = Follower(at)
    while follower.read(at):
        pass
    return follower.write()


def test_three_people_one_topic_and_the_lamp_is_none(office: "Town") -> None:
    from linli.indicators import topics

    at = clock.now() - timedelta(minutes=20)
    matters = tell(*GRILL, "柳荫社区第一网格路灯坏了三盏，晚上看不见路。", at=at)
    assert grouped(clock.now()) == 3
    assert grouped(clock.now()) == 0, "nothing changed, nothing is written"
    found = topics.hot(office.viewer("lead"), "", 30, clock.now())
    assert [set(one.codes) for one in found] == [{m.code for m in matters[:3]}]
    topic = found[0].topic
    assert topic.people == 3
    assert "幸福里" in topic.name
    assert found[0].where
    assert sum(found[0].days) == 3
    assert "1390000" not in str(found[0].as_dict())


def test_only_what_the_viewer_may_read_counts(office: "Town") -> None:
    from linli.indicators import topics

    tell(*GRILL, at=clock.now() - timedelta(minutes=20))
    grouped(clock.now())
    assert topics.hot(office.viewer("lead"), "", 30, clock.now())
    assert topics.hot(office.viewer("lead"), "990103", 30, clock.now()) == []
    assert topics.hot(office.viewer("sys"), "", 30, clock.now()) == []


def test_verdicts_are_kept_and_taken_back(office: "Town") -> None:
    from linli.audit.models import Entry
    from linli.indicators import topics
    from linli.indicators.models import TopicVerdict

    lead = office.viewer("lead")
    tell(*GRILL, at=clock.now() - timedelta(minutes=20))
    grouped(clock.now())

    def now_() -> Any:
        return topics.hot(lead, "", 30, clock.now())[0]

    topics.decide(now_().id, "dismiss", viewer=lead, at=clock.now())
    assert now_().dismissed
    topics.decide(now_().id, "undo", viewer=lead, at=clock.now())
    assert not now_().dismissed
    topics.decide(now_().id, "confirm", viewer=lead, at=clock.now())
    assert now_().confirmed
    assert TopicVerdict.objects.count() == 3
    assert Entry.objects.filter(target_kind="topic").count() == 3
    for viewer, verdict in ((office.viewer("alice"), "confirm"), (lead, "nonsense")):
        with pytest.raises(Refused):
            topics.decide(now_().id, verdict, viewer=viewer, at=clock.now())


def test_the_erased_count_but_say_nothing(office: "Town") -> None:
    from linli.indicators import topics
    from linli.matters.models import Statement

    matters = tell(*GRILL, at=clock.now() - timedelta(minutes=20))
    grouped(clock.now())
    for matter in matters:
        Statement.objects.filter(pk=matter.id).update(text="", part="", contact_phone="", erased_at=clock.now())
    found = topics.hot(office.viewer("lead"), "", 30, clock.now())
    assert all("幸福里" not in str(one.as_dict()) for one in found)


def test_a_group_keeps_its_name() -> None:
    from uuid import UUID

    from linli.indicators.topics_follow import named

    a, b, c, d, e = (UUID(int=n) for n in range(1, 6))
    first = named([[b, c]], {})
    assert first == {b: b, c: b}
    assert named([[a, b, c]], first) == {a: b, b: b, c: b}, "an earlier matter joins, the name stays"
    split = named([[a, c, d], [b, e]], {a: b, b: b, c: b, d: b, e: b})
    assert split[a] == b
    assert split[b] == split[e] != b


def test_over_rest(office: "Town", client: Any) -> None:
    from linli.parties import tokens
    from linli.parties.models import Token

    tell(*GRILL, at=clock.now() - timedelta(minutes=20))
    grouped(clock.now())
    for scopes, status, count in (
        (["indicators:read", "matters:read"], 200, 1),
        (["indicators:read"], 200, 0),
        (["matters:read"], 403, 0),
    ):
        secret = tokens.new_secret()
        Token.objects.create(
            name=str(scopes), digest=tokens.digest_of(secret), scopes=scopes, area="9901", created_at=clock.now()
        )
        got = client.get("/api/v1/topics", headers={"Authorization": f"Bearer {secret}"})
        assert got.status_code == status, got.content
        if status == 200:
            assert len(got.json()) == count
    assert client.get("/api/v1/topics?days=500", headers={"Authorization": f"Bearer {secret}"}).status_code in (
        403,
        422,
    )


def test_the_page_its_list_and_one_click(office: "Town") -> None:
    client = enter(office, "lead")
    assert client.get("/topics").status_code == 200, "an empty page is a page"
    matters = tell(*GRILL, at=clock.now() - timedelta(minutes=20))
    grouped(clock.now())
    page = client.get("/topics", {"days": "7"})
    hot = page.context["cards"][0].hot
    assert "幸福里" in page.content.decode()
    listed = client.get(f"/topics/{hot.id}")
    assert {card.matter.pk for card in listed.context["cards"]} == {m.id for m in matters}
    assert client.get("/topics?xlsx").content[:2] == b"PK"
    done = client.post(f"/topics/{hot.id}/decide?days=7", {"verdict": "dismiss"})
    assert done.status_code == 302
    after = client.get(done.headers["Location"])
    assert (after.context["cards"], len(after.context["aside"])) == ([], 1)
    assert client.post(f"/topics/{hot.id}/decide", {"verdict": "burn"}).status_code == 404
    assert client.get("/topics/00000000-0000-0000-0000-000000000000").status_code == 404
    assert client.get(f"/topics/{hot.id}/decide").status_code == 405
    for odd in ("area=9999", "area=x", "days=9999999", "days=x", "after=-1"):
        assert client.get(f"/topics?{odd}").status_code in (200, 404), odd
    assert enter(office, "vera").get("/topics", {"area": "9901"}).status_code == 404
    assert enter(office, "alice").get("/topics").status_code == 403


def test_the_page_costs_a_fixed_number_of_queries(office: "Town", django_assert_max_num_queries: Any) -> None:
    from linli.indicators import topics

    tell(*GRILL, *GRILL, at=clock.now() - timedelta(minutes=20))
    grouped(clock.now())
    viewer = office.viewer("lead")
    with django_assert_max_num_queries(4):
        assert topics.hot(viewer, "", 30, clock.now())
