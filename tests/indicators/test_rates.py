"""Invariant 24: the rates equal a recomputation from the event log; every figure leads to its matters."""

import random
from datetime import timedelta

import pytest

from linli.core.refusals import Refused
from linli.indicators import public, queries
from linli.indicators.declared import indicators, load
from linli.matters import actions
from linli.matters import queries as matters
from linli.matters.apply import File
from linli.matters.models import Event, Matter
from linli.matters.sweep import sweep_once
from linli.parties.access import SYSTEM, Viewer
from linli.procedures.reader import DeclarationError
from tests.indicators import slow
from tests.matters.town import CITY, GRID, GRID2, T0, VILLAGE

pytestmark = pytest.mark.django_db
PHOTO = File("photo", "0" * 64, "image/jpeg", 100, 10, 10)
FORMS = {
    "complete": {"note": "已清运"}, "set_aside": {"note": "说明"}, "object": {"note": "请再看"},
    "hand_back": {"reason": "不在辖区"},
}  # fmt: skip
STEPS = (
    "claim",
    "complete",
    "solved",
    "not_solved",
    "withdraw",
    "set_aside",
    "object",
    "merge",
    "unmerge",
    "hand_back",
    "ask_person",
)
STAFF = ("alice", "vera", "bob", "carl", "dora")


def live(town, say, rng, count):  # type: ignore[no-untyped-def]
    """Random histories: every matter takes random steps at random times, whatever is allowed at that moment."""
    at = T0
    ids = [say(area=rng.choice((GRID, GRID2)), at=at + timedelta(minutes=n)).id for n in range(count)]
    at += timedelta(minutes=count)
    for _ in range(count * 7):
        at += timedelta(seconds=rng.randrange(5, 200))
        ident = rng.choice(ids)
        step = rng.choice(STEPS)
        form = dict(FORMS.get(step, {}))
        if step == "set_aside":
            form["reason"] = rng.choice(("test", "advertisement", "elsewhere"))
        if step in ("solved", "not_solved") and rng.random() < 0.7:
            form["rating"] = rng.randrange(1, 6)
        if step == "merge":
            open_ones = Matter.objects.filter(closed_at=None, merged_into=None).exclude(pk=ident)
            if Matter.objects.filter(merged_into=ident).exists() or not open_ones:
                continue
            form["into"] = rng.choice(list(open_ones.order_by("id"))).code
        for viewer in (matters.resident(Matter.objects.get(pk=ident)), *(town.viewer(name) for name in STAFF)):
            files = [PHOTO] if step == "complete" else ()
            try:
                actions.take(ident, step, viewer=viewer, form=form, files=files, at=at)
                break
            except Refused:
                continue
    return ids, at


def stories():  # type: ignore[no-untyped-def]
    found = {}
    for event in Event.objects.order_by("matter_id", "seq"):
        found.setdefault(event.matter_id, []).append(event)
    return [slow.told(events) for events in found.values()]


def plain(result):  # type: ignore[no-untyped-def]
    return result.numerator, result.denominator, {k: v for k, v in result.excluded.items() if v}


@pytest.mark.parametrize("seed", range(3))
def test_rates_equal_the_event_log(town, say, seed):  # type: ignore[no-untyped-def]
    rng = random.Random(seed)
    _, end = live(town, say, rng, 12)
    if seed % 2:
        end += timedelta(days=4)
        while sweep_once(end).fired:
            pass
    told = stories()
    for since, until in ((T0, end + timedelta(days=1)), (T0 + timedelta(minutes=20), T0 + timedelta(minutes=75))):
        got = queries.rates(CITY, since, until, now=end)
        assert plain(got["response"]) == slow.response(told, since, until, end)
        assert plain(got["resolution"]) == slow.words(told, since, until, rated=False)
        assert plain(got["satisfaction"]) == slow.words(told, since, until, rated=True)
    assert sum(len(story.cycles) for story in told) >= 12


def test_the_parts_add_up_and_lead_to_their_matters(town, say):  # type: ignore[no-untyped-def]
    _, end = live(town, say, random.Random(11), 14)
    since, until, dora = T0, end + timedelta(hours=1), town.viewer("dora")
    whole = queries.rates(CITY, since, until, now=end)
    grids = queries.by_area(VILLAGE, 15, since, until, now=end)
    for ident, one in whole.items():
        parts = queries.total(grids[ident], one.indicator)
        assert plain(parts) == plain(one)
        cases = [queries.matters_of(dora, ident, part, CITY, since, until, now=end) for part in queries.PARTS]
        counted, reached, missed = [set(rows.values_list("pk", flat=True)) for rows in cases]
        assert counted == reached | missed
        if ident in ("resolution", "satisfaction"):
            assert (len(counted), len(reached)) == (one.denominator, one.numerator)
        for exclusion in one.indicator.exclusions:
            rows = queries.matters_of(dora, ident, exclusion.id, CITY, since, until, now=end)
            assert bool(rows.count()) == bool(one.excluded.get(exclusion.id))
    assert sum(sum(one.excluded.values()) for one in whole.values()) > 0


def test_an_ending_taken_back_is_no_answer(town, say):  # type: ignore[no-untyped-def]
    one, main, gone = say(), say(), say()
    vera, until = town.viewer("vera"), T0 + timedelta(hours=2)
    resident = matters.resident(Matter.objects.get(pk=gone.id))
    into = {"into": Matter.objects.get(pk=main.id).code}
    actions.take(one.id, "merge", viewer=town.viewer("dora"), form=into, at=T0 + timedelta(minutes=1))
    actions.take(gone.id, "withdraw", viewer=resident, form={}, at=T0 + timedelta(minutes=1))
    actions.take(one.id, "unmerge", viewer=town.viewer("dora"), form={}, at=T0 + timedelta(minutes=2))
    actions.take(gone.id, "object", viewer=resident, form=FORMS["object"], at=T0 + timedelta(minutes=2))
    for ident in (one.id, gone.id):
        actions.take(ident, "claim", viewer=vera, form={}, at=T0 + timedelta(minutes=3))
    got = queries.rates(CITY, T0, until, now=T0 + timedelta(minutes=4))["response"]
    assert plain(got) == (2, 2, {"undone": 2})
    behind = queries.matters_of(town.viewer("dora"), "response", "undone", CITY, T0, until, now=until)
    assert {m.pk for m in behind} == {one.id, gone.id}


def test_days_add_up_for_clocks(town, say):  # type: ignore[no-untyped-def]
    _, end = live(town, say, random.Random(5), 6)
    until = end + timedelta(hours=1)
    days = queries.by_day(CITY, T0 - timedelta(days=2), until, now=end, only=["response"])["response"]
    assert len(days) >= 3
    whole = queries.rates(CITY, T0 - timedelta(days=2), until, now=end, only=["response"])["response"]
    assert sum(d.denominator for d in days.values()) == whole.denominator > 0
    assert next(iter(days.values())).value is None


def test_figures_cost_one_query_each(town, say, django_assert_num_queries):  # type: ignore[no-untyped-def]
    for _ in range(3):
        say()
    with django_assert_num_queries(4):
        queries.rates(CITY, T0, T0 + timedelta(days=1), now=T0 + timedelta(hours=1))
    with django_assert_num_queries(3):
        only = ["response", "resolution", "satisfaction"]
        queries.by_area(CITY, 6, T0, T0 + timedelta(days=1), now=T0 + timedelta(hours=1), only=only)


def test_who_may_ask_for_which_area(town):  # type: ignore[no-untyped-def]
    assert queries.area_for(town.viewer("dora")) == CITY
    assert queries.area_for(town.viewer("vera")) == VILLAGE
    assert queries.area_for(town.viewer("bob"), GRID) == GRID
    assert queries.area_for(SYSTEM) == ""
    token = Viewer("token", "1", "", scopes=frozenset({queries.SCOPE}), area=VILLAGE)
    assert queries.area_for(token) == VILLAGE
    for viewer, area in (
        (town.viewer("vera"), CITY), (town.viewer("sys"), ""), (town.viewer("alice"), ""), (token, CITY),
        (Viewer("token", "1", "", area=VILLAGE), ""), (town.viewer("charlie"), ""),
    ):  # fmt: skip
        with pytest.raises(Refused):
            queries.area_for(viewer, area)


def test_the_list_behind_a_figure_is_the_viewers_own(town, say):  # type: ignore[no-untyped-def]
    got = say()
    now = T0 + timedelta(hours=1)
    wide = queries.matters_of(town.viewer("dora"), "response", "missed", CITY, T0, now, now=now)
    assert [m.pk for m in wide] == [got.id]
    assert not queries.matters_of(town.viewer("sys"), "response", "missed", CITY, T0, now, now=now).exists()
    assert not queries.matters_of(town.viewer("amy"), "response", "missed", CITY, T0, now, now=now).exists()
    with pytest.raises(Refused):
        queries.matters_of(town.viewer("dora"), "response", "unheard_of", CITY, T0, now, now=now)


def test_small_public_cells_are_hidden_and_not_derivable():  # type: ignore[no-untyped-def]
    one = indicators()["resolution"]
    rate = lambda n, d: queries.RateResult(one, n, d)  # noqa: E731
    cells = public.cells({"a": rate(40, 60), "b": rate(6, 12), "c": rate(3, 20)})
    assert cells["c"].hidden
    assert cells["b"].hidden  # else the total minus a and b would give c
    assert (cells["a"].value, cells["a"].denominator) == (pytest.approx(2 / 3), 60)
    assert public.cells({"a": rate(17, 20)})["a"].hidden  # three residents were not content
    assert public.cells({"a": rate(0, 0)})["a"].value is None
    shown = public.cells({"a": rate(5, 10), "b": rate(0, 9)})
    assert not any(cell.hidden for cell in shown.values())


def test_declarations_are_read_strictly():  # type: ignore[no-untyped-def]
    assert list(indicators()) == ["response", "completion", "resolution", "satisfaction"]
    for one in indicators().values():
        assert all((one.formula.zh, one.formula.en, one.source, one.exclusions))
    body = """id = "x"\nversion = 1\nlabels = { zh = "一", en = "one" }\nformula = { zh = "一", en = "one" }
source = "here"\nof = "word"\nsteps = ["solved"]\ndenominator = ["answered"]\nnumerator = ["praised"]\n"""
    with pytest.raises(DeclarationError) as error:
        load(body, "x.toml")
    assert "x.toml:9" in str(error.value)
    assert "praised" in str(error.value)
