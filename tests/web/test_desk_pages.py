"""Board, list, matter, intake and map: what they show, how many queries they make, what they refuse."""

import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from linli.kernel import clock
from linli.matters.models import Matter, Notice, SavedFilter, Statement
from tests.matters.town import CITY, GRID, GRID2, TOWNSHIP, VILLAGE, Town
from tests.web.desk_world import act, client_of, say

pytestmark = pytest.mark.django_db


def queries(client: Any, address: str) -> int:
    """How many queries the page makes; looks at the stamps, twice a second at most, are left out."""
    client.get(address)  # what is held in memory is read first
    with CaptureQueriesContext(connection) as caught:
        answer = client.get(address)
    assert answer.status_code == 200
    return len([q for q in caught if "kernel_stamp" not in q["sql"] and "GROUP BY 1" not in q["sql"][-20:]])


@pytest.mark.parametrize(("address", "most"), [("/desk", 13), ("/desk/list", 12), ("/desk?part=1", 12), ("/field", 10)])
def test_lists_make_as_many_queries_for_a_hundred_rows_as_for_two(town: Town, address: str, most: int) -> None:
    client = client_of(town, "vera" if address.startswith("/desk") else "alice")
    for _ in range(2):
        say()
    few = queries(client, address)
    for n in range(98):
        say(f"第{n}件：柳荫社区路灯不亮", area=GRID if n % 2 else GRID2)
    Matter.objects.exclude(pk=Matter.objects.first().pk).filter(area=GRID2).update(holder_post=town.posts["vera"])
    many = queries(client, address)
    assert many == few
    assert many <= most


def test_the_matter_page_makes_no_query_per_line(town: Town) -> None:
    matter = act(town, say(), "alice", "claim")
    client = client_of(town, "vera")
    few = queries(client, f"/desk/m/{matter.code}")
    for n in range(30):
        act(town, matter, "alice", "progress", note=f"第{n}次上门")
    for _ in range(4):
        say()
    many = queries(client, f"/desk/m/{matter.code}")
    assert many == few
    assert many <= 22
    assert "第29次上门" in client.get(f"/desk/m/{matter.code}").content.decode()


def test_the_board_sorts_by_colour_and_what_is_urgent_first(town: Town) -> None:
    at = clock.now()
    red, yellow, green, urgent, grey = (say(f"第{n}件楼道堆放杂物") for n in range(5))
    for one, warn, due in ((red, -9, -5), (yellow, -1, 5), (green, 30, 60), (urgent, -8, -1)):
        Matter.objects.filter(pk=one.pk).update(
            warn_at=at + timedelta(minutes=warn), due_at=at + timedelta(minutes=due)
        )
    Matter.objects.filter(pk=urgent.pk).update(urgent=True)
    Matter.objects.filter(pk=grey.pk).update(warn_at=None, due_at=None)
    page = client_of(town, "vera").get("/desk").content.decode()
    columns = dict(re.findall(r'data-column="(\w+)">(.*?)</section>', page, re.DOTALL))
    found = {colour: re.findall(r'data-key="([^"]+)"', text) for colour, text in columns.items()}
    assert found == {
        "red": [urgent.code, red.code],
        "yellow": [yellow.code],
        "green": [green.code],
        "grey": [grey.code],
    }
    counts = {colour: re.search(r"data-count>(\d+)<", text).group(1) for colour, text in columns.items()}  # type: ignore[union-attr]
    assert counts == {"red": "2", "yellow": "1", "green": "1", "grey": "1"}


def codes(client: Any, query: str) -> list[str]:
    answer = client.get(f"/desk/list?{query}")
    assert answer.status_code == 200
    return re.findall(r'data-matter="([^"]+)"', answer.content.decode())


def test_filters_narrow_and_nothing_in_the_address_breaks_them(town: Town) -> None:
    one, two = say("柳荫社区楼道堆放杂物"), say("柳荫社区路灯不亮", area=GRID2)
    three = act(town, say("柳荫社区噪音扰民"), "alice", "claim")
    Matter.objects.filter(pk=two.pk).update(reopened=1)
    vera = client_of(town, "vera")
    assert set(codes(vera, "")) == {one.code, two.code, three.code}
    assert codes(vera, f"area={GRID2}") == [two.code]
    assert codes(vera, "stage=working") == [three.code]
    assert codes(vera, "reopened=1") == [two.code]
    assert codes(vera, "q=路灯") == [two.code]
    assert codes(vera, f"q={one.code}") == [one.code]
    assert set(codes(vera, "q=139 1234 5678")) == {one.code, two.code, three.code}
    assert codes(vera, "since=2099-01-01") == []
    assert codes(vera, "category=" + two.category) == [two.code]
    assert codes(vera, "state=done") == []
    for bad in (
        "area=%27OR1=1",
        "unit=x",
        "since=2026-02-31",
        "until=99999-01-01",
        "after=~~",
        "after=1~x~y",
        "sort=zz",
        "q=%00%ff",
        "level=moon",
        "colour=blue",
        "category=%25",
        "q=" + "长" * 3000,
        "after=" + "9" * 300,
        "since=0001-01-01",
        "stage=%F0%9F%98%80",
    ):
        assert vera.get(f"/desk/list?{bad}").status_code == 200, bad


@pytest.mark.parametrize("sort", ["due", "new", "old"])
def test_pages_follow_each_other_without_gap_or_repeat(town: Town, sort: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from linli.web.desk import listing

    monkeypatch.setattr(listing, "ROWS", 4)
    made = [say(f"第{n}件") for n in range(11)]
    Matter.objects.filter(pk__in=[m.pk for m in made[:3]]).update(urgent=True)
    Matter.objects.filter(pk__in=[m.pk for m in made[5:8]]).update(due_at=None, warn_at=None)
    Matter.objects.filter(pk__in=[m.pk for m in made[8:]]).update(due_at=made[8].due_at)
    vera, seen, query = client_of(town, "vera"), [], f"sort={sort}"
    for _ in range(5):
        page = vera.get(f"/desk/list?{query}").content.decode()
        seen += re.findall(r'data-matter="([^"]+)"', page)
        following = re.search(r'href="\?([^"]+)" rel="next"', page)
        if following is None:
            break
        query = following.group(1).replace("&amp;", "&")
    assert len(seen) == 11
    assert set(seen) == {m.code for m in made}
    if sort == "due":
        assert set(seen[:3]) == {m.code for m in made[:3]}
        assert set(seen[-3:]) == {m.code for m in made[5:8]}


def test_a_filter_is_kept_for_its_owner_only(town: Town) -> None:
    vera, bob = client_of(town, "vera"), client_of(town, "bob")
    vera.post("/desk/filters", {"query": "colour=red&evil=1&sort=new", "name": "红的"})
    vera.post("/desk/filters", {"query": "colour=red", "name": "红的"})
    kept = SavedFilter.objects.get()
    assert kept.query == "colour=red"
    assert "红的" in vera.get("/desk/list").content.decode()
    assert "红的" not in bob.get("/desk/list").content.decode()
    bob.post(f"/desk/filters/{kept.pk}/drop")
    assert SavedFilter.objects.count() == 1
    vera.post(f"/desk/filters/{kept.pk}/drop")
    assert SavedFilter.objects.count() == 0


def cells(client: Any, query: str = "") -> list[list[Any]]:
    answer = client.get(f"/desk/list.xlsx?{query}")
    assert answer.status_code == 200
    return (
        CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content))).get_sheet_by_index(0).to_python()
    )


def test_the_export_holds_what_the_list_holds_and_no_formula(town: Town) -> None:
    evil = ["=1+1", "+cmd|' /C calc'!A0", "-2", "@SUM(A1)", "\t=1", "＝1+1", '=HYPERLINK("http://x","y")']
    for text in evil:
        Statement.objects.filter(pk=say().pk).update(text=text, part="", reading={})
    elsewhere = say("第二网格的事", area=GRID2)
    vera, alice_grid = cells(client_of(town, "vera")), cells(client_of(town, "vera"), f"area={GRID}")
    assert len(vera) == len(evil) + 2
    assert len(alice_grid) == len(evil) + 1
    assert elsewhere.code not in {row[0] for row in alice_grid}
    texts = {row[4] for row in alice_grid[1:]}
    assert texts == {"'" + text for text in evil}
    assert cells(client_of(town, "olga"))[1:] == []
    import zipfile

    answer = client_of(town, "vera").get("/desk/list.xlsx")
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet
    assert b"hyperlink" not in sheet


def test_an_export_begins_before_the_rows_are_read_and_is_the_same_as_csv(town: Town) -> None:
    import csv

    for n in range(3):
        say(f"第{n}件，“引号”,逗号 <b>&amp;")
    vera = client_of(town, "vera")
    rows = cells(vera)
    plain = b"".join(vera.get("/desk/list.csv").streaming_content)
    assert plain.startswith(b"\xef\xbb\xbf")
    read = list(csv.reader(io.StringIO(plain.decode("utf-8-sig"))))
    assert [row[:14] for row in read[1:]] == [row[:14] for row in rows[1:]]
    assert read[0] == rows[0][: len(read[0])]
    assert "<b>&amp;" in read[1][4]
    assert rows[1][14].replace(second=0, microsecond=0).strftime("%Y-%m-%d %H:%M") == read[1][14]
    for address in ("/desk/list.xlsx", "/desk/list.csv"):
        pieces = iter(vera.get(address).streaming_content)
        with CaptureQueriesContext(connection) as caught:
            assert len(next(pieces)) >= 3
        assert len(caught) == 0
        assert len(b"".join(pieces)) > 100
    english = vera.get("/desk/list.csv", headers={"accept-language": "en"})
    from django.utils import translation

    translation.activate("zh-hans")  # what a thread serves next
    assert ",Web page," in b"".join(english.streaming_content).decode()


def test_the_export_covers_numbers_and_is_on_the_record(town: Town) -> None:
    from linli.audit.models import Entry

    say()
    rows = cells(client_of(town, "vera"))
    assert "13912345678" not in str(rows)
    assert "楼道堆放杂物" in rows[1][4]
    assert Entry.objects.get(verb="export").data["rows"] == 1


def test_a_call_is_read_as_typed_taken_once_and_its_code_read_out(town: Town) -> None:
    vera = client_of(town, "vera")
    page = vera.get("/desk/new").content.decode()
    key = re.search(r'name="key" value="(\w+)"', page).group(1)  # type: ignore[union-attr]
    form = {
        "text": "柳荫社区第一网格的路灯不亮",
        "phone": "13900001111",
        "name": "李四",
        "channel": "hotline",
        "key": key,
    }
    seen = vera.post("/desk/new/reading", form).content.decode()
    assert "路灯" in seen
    assert "柳荫社区" in seen
    assert Matter.objects.count() == 0
    first, second = vera.post("/desk/new", form), vera.post("/desk/new", form)
    assert first.headers["Location"] == second.headers["Location"]
    matter = Matter.objects.get()
    assert (matter.channel, matter.area[:12]) == ("hotline", VILLAGE)
    from linli.matters.tracking import tracking_code

    told = vera.get(first.headers["Location"]).content.decode()
    assert tracking_code(matter.pk)[:4] + " " + tracking_code(matter.pk)[4:8] in told
    again = vera.post(
        "/desk/new/reading", form | {"text": "柳荫社区第一网格路灯又不亮了", "area": matter.area}
    ).content.decode()
    assert matter.code in again  # perhaps reported already


def test_a_preview_leaves_the_load_as_it_was(town: Town) -> None:
    from linli.matters import reference

    vera = client_of(town, "vera")
    vera.get("/desk/new")
    before = dict(reference.current().roster.load)
    vera.post("/desk/new/reading", {"text": "柳荫社区第一网格路灯不亮"})
    after = {post: n for post, n in reference.current().roster.load.items() if n}
    assert after == {post: n for post, n in before.items() if n}


def test_a_refused_call_keeps_what_was_typed(town: Town) -> None:
    vera = client_of(town, "vera")
    answer = vera.post("/desk/new", {"text": " ", "name": "李四", "phone": "139", "key": "k1"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="李四"' in page
    assert "请用一句话说说" in page
    answer = vera.post("/desk/new", {"text": "路灯坏了", "area": "999999", "key": "k2"})
    assert answer.status_code == 422
    assert "路灯坏了" in answer.content.decode()


def test_steps_from_the_page_refuse_at_the_field_and_keep_what_was_typed(town: Town) -> None:
    matter = say()
    vera = client_of(town, "vera")
    address = f"/desk/m/{matter.code}/step/assign"
    form = vera.get(address).content.decode()
    assert "Alice" in form
    assert "现承办人" in form
    post = str(town.posts["vera"].pk)
    answer = vera.post(address, {"seen": 1, "post": post, "reason": ""})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert f'value="{post}" checked' in page
    assert 'data-code="field_missing"' in page
    assert vera.post(address, {"seen": 1, "post": post, "reason": "网格员请假"}).status_code == 302
    matter.refresh_from_db()
    assert matter.holder_post_id == town.posts["vera"].pk
    stale = vera.post(f"/desk/m/{matter.code}/step/claim", {"seen": 1}, headers={"HX-Request": "true"})
    assert stale.status_code == 409
    assert 'data-code="changed_meanwhile"' in stale.content.decode()


def test_merging_with_one_press_and_undoing_it(town: Town) -> None:
    main, copy = say("第一网格楼道堆放杂物"), say("第一网格楼道堆放杂物，请来清理")
    Matter.objects.update(category=main.category)
    vera = client_of(town, "vera")
    page = vera.get(f"/desk/m/{copy.code}").content.decode()
    assert f'name="into" value="{main.code}"' in page
    assert vera.post(f"/desk/m/{copy.code}/step/merge", {"seen": copy.seq, "into": main.code}).status_code == 302
    copy.refresh_from_db()
    assert (copy.stage, copy.merged_into_id) == ("merged", main.pk)
    assert "并入 1 件" in vera.get("/desk").content.decode()
    assert copy.code in vera.get(f"/desk/m/{main.code}").content.decode()
    assert vera.post(f"/desk/m/{copy.code}/step/unmerge", {"seen": copy.seq}).status_code == 302
    copy.refresh_from_db()
    assert (copy.stage, copy.merged_into_id) == ("triage", None)


def test_a_clock_that_a_merge_stopped_is_not_called_done(town: Town) -> None:
    main, copy = say("第一网格楼道堆放杂物"), say("第一网格楼道堆放杂物，请来清理")
    Matter.objects.update(category=main.category)
    act(town, copy, "vera", "merge", into=main.code)
    vera = client_of(town, "vera")
    for step in ("", "unmerge"):
        if step:
            act(town, copy, "vera", step)
        page = vera.get(f"/desk/m/{copy.code}").content.decode()
        assert "已停止计时" in page
        assert "按时完成" not in page


def test_the_map_counts_in_one_query_and_its_shapes_are_cached(town: Town) -> None:
    say()
    say(area=GRID2)
    vera = client_of(town, "vera")
    found = vera.get(f"/desk/map/counts.json?level=grid&in={CITY}").json()["counts"]
    assert {row[0]: sum(row[1:]) for row in found} == {GRID: 1, GRID2: 1}
    assert sum(vera.get("/desk/map/counts.json?level=village").json()["counts"][0][1:]) == 2
    first = vera.get(f"/desk/map/shapes.json?in={TOWNSHIP}&level=grid")
    assert len(first.json()["features"]) == 2
    again = vera.get(
        f"/desk/map/shapes.json?in={TOWNSHIP}&level=grid", headers={"If-None-Match": first.headers["ETag"]}
    )
    assert again.status_code == 304
    assert len(vera.get(f"/desk/map/shapes.json?in={CITY}&below=1").json()["features"]) == 1
    assert vera.get("/desk/map/shapes.json?in=x&level=y").status_code == 200


def test_the_bell_rings_until_it_was_seen(town: Town) -> None:
    matter = say()
    row = Notice.objects.create(key="t:1", post=town.posts["vera"], matter=matter, kind="assigned", at=clock.now())
    vera, bob = client_of(town, "vera"), client_of(town, "bob")
    assert matter.code in vera.get("/desk/notices").content.decode()
    assert matter.code not in bob.get("/desk/notices").content.decode()
    bob.post("/desk/notices/seen", {"id": str(row.pk)})
    assert Notice.objects.filter(seen_at__isnull=True).count() == 1
    vera.post("/desk/notices/seen", {"id": [str(row.pk), "not-an-id"]})
    assert Notice.objects.filter(seen_at__isnull=True).count() == 0


def test_what_a_resident_writes_is_never_markup(town: Town) -> None:
    canary = '<img src=x onerror="struck()"><script>struck()</script>{{7*7}}'
    matter = say("柳荫社区" + canary)
    act(town, matter, "alice", "claim", note=canary)
    for who, address in (
        ("vera", "/desk"),
        ("vera", "/desk/list"),
        ("vera", f"/desk/m/{matter.code}"),
        ("alice", "/field"),
        ("alice", f"/field/t/{matter.code}"),
    ):
        page = client_of(town, who).get(address).content.decode()
        assert "<img src=x" not in page, address
        assert "<script>struck" not in page, address


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_stands_in_both_languages(town: Town, language: str) -> None:
    matter = say()
    for who in ("vera", "alice"):
        client = client_of(town, who)
        client.cookies["linli_language"] = language
        pages = ["/field", f"/field/t/{matter.code}", f"/field/t/{matter.code}/step/claim"]
        if who == "vera":
            pages += [
                "/desk",
                "/desk/list",
                f"/desk/m/{matter.code}",
                f"/desk/m/{matter.code}/step/classify",
                "/desk/new",
                "/desk/map",
            ]
        for address in pages:
            answer = client.get(address)
            assert answer.status_code == 200, address
            assert f'lang="{"en" if language == "en" else "zh-Hans"}"' in answer.content.decode()
