"""The administration: each administrator sees their own part, nobody the content; what is published moves deadlines."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from linli.kernel import clock

if TYPE_CHECKING:
    from tests.matters.town import Town

pytestmark = pytest.mark.django_db
LAMP = "urban.lighting.streetlamp"
PAGES = {
    "sys": [
        "/admin/places", "/admin/places/at/9901", "/admin/places/import", "/admin/places/spots", "/admin/units",
        "/admin/categories", f"/admin/categories/{LAMP}", "/admin/routing", "/admin/routing/rule",
        "/admin/routing/rule/danger", "/admin/understanding", "/admin/understanding/corrections",
        "/admin/calendars", "/admin/calendars/cn-workdays", "/admin/procedures", "/admin/procedures/request",
        "/admin/procedures/request/drawing.svg",
    ],
    "sec": ["/admin/people", "/admin/tokens"],
    "aud": ["/admin/audit"],
}  # fmt: skip
NOTICE = {
    "year": "2027", "off": "2027-01-01 – 2027-01-03\n2027-02-06 – 2027-02-12", "worked": "2027-02-14",
    "source": "测试用的通知", "also": ["cn-statutory", "cn-custody"],
}  # fmt: skip


@pytest.fixture
def now() -> "Iterator[Any]":
    """An hour into the town's Monday."""
    from tests.matters.town import T0

    with clock.at(T0 + timedelta(hours=1)):
        yield T0 + timedelta(hours=1)


@pytest.fixture
def office(town: "Town", now: Any) -> "Town":
    """The town with its security and its audit administrator."""
    from linli.parties.models import Person, Post
    from tests.matters.town import CITY, T0

    for name, role in (("sec", "security_admin"), ("aud", "audit_admin"), ("lead", "centre_lead")):
        town.people[name] = Person.objects.create(username=name, name=name.title(), created_at=T0)
        town.posts[name] = Post.objects.create(
            person=town.people[name], unit=town.units["city"], role=role, area=CITY, valid_from=T0
        )
    return town


def enter(town: "Town", name: str) -> Client:
    from tests.parties.people import sign_in

    return sign_in(Client(), town.people[name])


def say(text: str = "柳荫社区第一网格路灯不亮", **extra: Any) -> Any:
    from linli.matters.intake import Request, receive
    from tests.matters.town import GRID

    return receive(Request(text, "page", area=GRID), at=extra.get("at") or clock.now()).items[0]


def form_of(html: str) -> dict[str, str]:
    """The values of the page's long form."""
    from html import unescape

    found = dict(re.findall(r'<textarea[^>]* name="(\w+)"[^>]*>(.*?)</textarea>', html, re.S))
    found |= dict(re.findall(r'<input class="form-control[^"]*" id="f-\w+" name="(\w+)" value="([^"]*)"', html))
    for name, body in re.findall(r'<select[^>]* name="(\w+)"[^>]*>(.*?)</select>', html, re.S):
        chosen = re.search(r'value="([^"]*)" selected', body)
        found[name] = chosen[1] if chosen else ""
    return {name: unescape(value) for name, value in found.items()}


def deliver() -> None:
    from linli.channels.notify import send_once

    while send_once(clock.now() + timedelta(seconds=1)):
        pass


# Rights


@pytest.mark.parametrize("who", ["sys", "sec", "aud", "lead", "dora", "alice", "oscar", "charlie", ""])
def test_each_administrator_enters_their_own_part_only(office: "Town", who: str) -> None:
    client = enter(office, who) if who else Client()
    for owner, pages in PAGES.items():
        for page in pages:
            got = client.get(page).status_code
            assert got == (200 if owner == who else 403 if who else 302), (who, page)
    home = client.get("/admin")
    assert home.status_code == (200 if who in PAGES else 403 if who else 302)
    if who in PAGES:
        links = set(re.findall(r'href="(/admin/\w+)"', home.content.decode()))
        assert links <= set(PAGES[who])
        assert links


@pytest.mark.parametrize("who", ["sys", "sec", "aud"])
def test_no_administrator_sees_what_residents_said(office: "Town", who: str) -> None:
    got = say("柳荫社区第一网格路灯不亮 CANARY-7731")
    from linli.matters.models import Matter

    code = Matter.objects.get(pk=got.id).code
    client = enter(office, who)
    for page in ["/admin", *PAGES[who]]:
        assert "CANARY-7731" not in client.get(page).content.decode()
    for page in ("/city", f"/desk/m/{code}", "/desk/list", "/city/behind/response/counted", "/city.xlsx"):
        assert client.get(page).status_code in (403, 404), page


def test_a_county_administrator_reads_but_does_not_publish(office: "Town") -> None:
    from linli.parties.models import Post
    from tests.matters.town import COUNTY

    Post.objects.filter(pk=office.posts["sys"].pk).update(area=COUNTY)
    client = enter(office, "sys")
    page = f"/admin/categories/{LAMP}"
    values = form_of(client.get(page).content.decode())
    answer = client.post(page, values | {"complete": "8", "complete_unit": "working_h", "publish": "1"})
    assert answer.status_code == 403
    from linli.kernel import declarations

    assert declarations.history("category", LAMP) == []


# Categories


def test_a_changed_category_holds_for_the_next_and_moves_the_open_ones(office: "Town") -> None:
    from linli.core import chain
    from linli.kernel import declarations
    from linli.matters.models import Clock, Event, Matter

    first = say()
    before = Clock.objects.get(matter=first.id, rule="complete")
    assert Matter.objects.get(pk=first.id).category == LAMP
    client = enter(office, "sys")
    page = f"/admin/categories/{LAMP}"
    values = form_of(client.get(page).content.decode())
    changed = values | {"complete": "8", "complete_unit": "working_h", "source": "市城管局 2026 年第 3 号文"}
    preview = client.post(page, changed | {"check": "1"}).content.decode()
    assert "8个工作小时" in preview
    assert "1 件事项的 1 个期限会调整" in preview
    assert declarations.history("category", LAMP) == []
    assert client.post(page, changed | {"publish": "1"}).status_code == 302
    assert [d.version for d in declarations.history("category", LAMP)] == [2, 1]
    second = say("柳荫社区第一网格路灯坏了，晚上很黑")
    assert Clock.objects.get(matter=second.id, rule="complete").span == "8 working_h"
    assert Clock.objects.get(pk=before.pk).due_at == before.due_at
    deliver()
    after = Clock.objects.get(pk=before.pk)
    assert after.span == "8 working_h"
    assert after.due_at > before.due_at
    moved = Event.objects.filter(matter=first.id, step="clock.moved")
    assert [e.actor for e in moved] == [str(office.people["sys"].pk)]
    rows = Event.objects.filter(matter=first.id).order_by("seq")
    told = [
        chain.Event(r.matter_id, r.seq, r.at, r.actor_kind, r.actor, r.step, r.data, bytes(r.prev), bytes(r.hash))
        for r in rows
    ]  # fmt: skip
    matter = Matter.objects.get(pk=first.id)
    assert chain.verify(told, chain.Head(matter.seq, bytes(matter.head))) == []
    # and back again: an older version is published as a new one
    assert client.post(f"/admin/back/category/{LAMP}/1").status_code == 302
    assert declarations.version("category", LAMP).version == 3  # type: ignore[union-attr]
    deliver()
    assert Clock.objects.get(pk=before.pk).due_at == before.due_at


def test_sources_and_spans_are_read_in_the_readers_language(office: "Town") -> None:
    client = enter(office, "sys")
    page = client.get(f"/admin/categories/{LAMP}").content.decode()
    assert "working_h、" not in page
    assert '<option value="working_h" selected>工作小时</option>' in page
    english = client.get(f"/admin/categories/{LAMP}", headers={"accept-language": "en"}).content.decode()
    assert '<option value="working_h" selected>working hours</option>' in english
    for address in ("/admin/calendars", "/admin/categories", "/admin/procedures/request"):
        chinese = client.get(address).content.decode()
        assert "unverified" not in chinese, address
        assert "未核实" in chinese, address
        assert " art " not in chinese
        english = client.get(address, headers={"accept-language": "en"}).content.decode()
        assert "unverified default" in english, address


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("complete", "soon"), ("respond", "5 minuten"), ("respond_unit", "minuten"),
        ("en", ""), ("keywords", "灯"), ("description_zh", ""),
        ("source", ""),
    ],
)  # fmt: skip
def test_a_broken_category_is_refused_at_its_field_and_nothing_is_lost(office: "Town", field: str, value: str) -> None:
    from linli.kernel import declarations
    from linli.matters import reference

    client = enter(office, "sys")
    page = f"/admin/categories/{LAMP}"
    values = form_of(client.get(page).content.decode()) | {"silence": "48"}
    answer = client.post(page, values | {field: value, "publish": "1"})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert f'id="e-{field.removesuffix("_unit")}"' in html
    assert 'name="silence" value="48"' in html
    assert '<option value="h" selected>' in html
    assert declarations.history("category", LAMP) == []
    assert str(reference.current(fresh=True).catalogue.by_code[LAMP].complete) == "4 working_h"


def test_every_category_survives_its_own_form() -> None:
    """The form's text of a category reads back as the same category: nothing falls away by opening and publishing."""
    from linli.matters import declared
    from linli.procedures import categories
    from linli.web.admin.categories import values_of
    from linli.web.admin.toml import category_body

    catalogue = declared.load_all().catalogue
    base = categories.shipped_bodies()
    bodies = [categories.Body(c.code, category_body(c, values_of(c))) for c in list(catalogue.by_code.values())[::6]]
    again = categories.load([*base, *bodies])
    for body in bodies:
        assert again.by_code[body.name] == catalogue.by_code[body.name]
    assert len(bodies) > 10


# Calendars


def test_next_years_notice_starts_the_waiting_deadlines_on_the_record(office: "Town") -> None:
    from datetime import UTC, datetime

    from linli.matters.models import Clock, Event

    late = datetime(2026, 12, 31, 8, 59, tzinfo=UTC)  # a minute before closing: four working hours reach 2027
    with clock.at(late):
        got = say(at=late)
        assert not Clock.objects.filter(matter=got.id, rule="complete").exists()
        client = enter(office, "sys")
        assert "1 件事项的期限在等待" in client.get("/admin").content.decode()
        assert "缺2027年" in client.get("/admin/calendars").content.decode()
        page = "/admin/calendars/cn-workdays"
        preview = client.post(page, NOTICE | {"check": "1"})
        assert preview.status_code == 200
        assert "1 个等待中的期限会开始计算" in preview.content.decode()
        assert client.post(page, NOTICE | {"publish": "1"}).status_code == 302
        deliver()
        started = Clock.objects.get(matter=got.id, rule="complete")
        assert started.due_at > datetime(2027, 1, 3, 16, 0, tzinfo=UTC)  # not on the holidays
        assert Event.objects.filter(matter=got.id, step="clock.moved").count() == 1
        assert "缺2027年" not in client.get("/admin/calendars").content.decode()


def test_a_changed_day_moves_a_running_deadline(office: "Town") -> None:
    """Monday's four working hours end on Monday; with Monday declared a holiday they end on Tuesday."""
    from linli.matters.models import Clock, Event

    got = say()
    before = Clock.objects.get(matter=got.id, rule="complete")
    client = enter(office, "sys")
    page = "/admin/calendars/cn-workdays?year=2026"
    html = client.get(page).content.decode()
    values = form_of(html) | {"year": "2026"}
    assert "2026-10-01 – 2026-10-07" in values["off"]
    answer = client.post(page, values | {"off": values["off"] + "\n2026-11-23", "publish": "1"})
    assert answer.status_code == 302
    deliver()
    after = Clock.objects.get(pk=before.pk)
    assert after.due_at.date() == before.due_at.date() + timedelta(days=1)
    assert Event.objects.filter(matter=got.id, step="clock.moved").count() == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"off": "元旦放三天"}, "off"), ({"worked": "2027-02-15"}, "worked"), ({"source": ""}, "source"),
        ({"off": "2027-02-30"}, "off"),
    ],
)  # fmt: skip
def test_a_broken_year_is_refused_and_kept_on_the_page(office: "Town", wrong: dict[str, str], field: str) -> None:
    from linli.kernel import declarations

    client = enter(office, "sys")
    answer = client.post("/admin/calendars/cn-workdays", NOTICE | wrong | {"publish": "1"})
    assert answer.status_code == 422
    html = answer.content.decode()
    assert f'id="e-{field.removesuffix("_unit")}"' in html
    kept = form_of(html)
    assert kept["off"] == (wrong | NOTICE | wrong)["off"]
    assert declarations.history("calendar", "cn-workdays") == []


# Routing


def test_broken_rules_stay_a_draft_with_line_and_reason_and_the_last_good_ones_rule(office: "Town") -> None:
    from linli.kernel import declarations
    from linli.matters import reference

    client = enter(office, "sys")
    good = client.get("/admin/routing").context["body"]
    broken = good.replace('level = "grid"', 'level = "street"', 1)
    line = broken[: broken.index('level = "street"')].count("\n") + 1
    client.post("/admin/routing", {"text": broken})
    html = client.get("/admin/routing").content.decode()
    assert f"第{line}行" in html
    assert "street" in html
    client.post("/admin/routing", {"publish": "1"})
    assert declarations.history("routing", "default") == []
    assert len(reference.current(fresh=True).declared.routing.rules) == 11
    # a rule that can never win is refused as well
    first, second = good.index("[[rules]]"), good.index("[[rules]]", good.index("[[rules]]") + 5)
    double = good + "\n" + good[first:second].replace('id = "danger"', 'id = "danger_again"')
    client.post("/admin/routing", {"text": double})
    client.post("/admin/routing", {"publish": "1"})
    assert declarations.history("routing", "default") == []
    assert "danger_again" in client.get("/admin/routing").context["body"]


def test_a_rule_by_form_moved_up_tried_and_published(office: "Town") -> None:
    from linli.matters.models import Matter
    from tests.matters.town import GRID

    client = enter(office, "sys")
    rule = {
        "id": "lamps", "zh": "路灯直派市级", "en": "Lamps go to the city", "roles": ["dispatcher"], "level": "city",
        "categories": "urban.lighting", "sure": "true",
    }  # fmt: skip
    assert client.post("/admin/routing/rule", rule).status_code == 302
    for _ in range(6):
        client.post("/admin/routing", {"up": "lamps"})
    order = [r.id for r in client.get("/admin/routing").context["rules"]]
    assert order.index("lamps") < order.index("grid")
    tried = client.get("/admin/routing", {"category": LAMP, "area": GRID})
    assert tried.context["choice"].seat.name == "Dora"
    assert tried.context["choice"].rule == "lamps"
    before = say()
    assert Matter.objects.get(pk=before.id).holder_post_id == office.posts["alice"].pk  # a draft routes nothing
    assert client.post("/admin/routing", {"publish": "1", "why": "试点"}).status_code == 302
    after = say("柳荫社区第一网格路灯坏了")
    assert Matter.objects.get(pk=after.id).holder_post_id == office.posts["dora"].pk
    wrong = client.post("/admin/routing/rule", rule | {"id": "Lamps!", "roles": [], "hours": "25:00"})
    assert wrong.status_code == 422
    assert {"id", "roles", "hours"} <= wrong.context["wrong"].keys()


@pytest.mark.parametrize(
    ("who", "page", "most"),
    [
        ("sys", "/admin", 9), ("sys", "/admin/categories", 9), ("sys", "/admin/routing", 13),
        ("sys", "/admin/calendars", 9), ("sys", "/admin/units", 9), ("sys", "/admin/places/at/990102", 10),
        ("sec", "/admin/people", 10), ("aud", "/admin/audit", 7), ("lead", "/city", 22),
    ],
)  # fmt: skip
def test_pages_cost_a_fixed_number_of_queries(
    office: "Town", who: str, page: str, most: int, django_assert_max_num_queries: Any
) -> None:
    for n in range(5):
        say(at=clock.now() - timedelta(minutes=10 + n))
    client = enter(office, who)
    client.get(page)
    with django_assert_max_num_queries(most):
        assert client.get(page).status_code == 200
