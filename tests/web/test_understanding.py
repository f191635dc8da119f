"""The page about understanding: figures, thresholds, models on file, corrections; nobody's words for administrators."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from linli.audit.models import Entry
from linli.kernel import declarations
from linli.matters import learning, reference, steering, trained
from linli.matters.models import Correction
from linli.understanding.reading import Limits
from linli.web.admin import model_view
from tests.matters.town import CITY, T0, Town
from tests.web.desk_world import act, client_of, say

WORDS = "柳荫社区第一网格路灯不亮，金丝雀七八九，电话13812345678"
FIGURES = {
    "macro_f1": 0.9468,
    "accuracy": 0.951,
    "ece": 0.012,
    "ms_per_message": {"median": 0.12, "p95": 0.3},
    "per_class": {"城乡建设": {"precision": 0.95, "recall": 0.9, "f1": 0.92, "support": 400}},
    "confusion": {"城乡建设": {"城乡建设": 380, "环境保护": 20}, "环境保护": {"城乡建设": 5, "环境保护": 95}},
    "examples": {"城乡建设": {"环境保护": ["m-17", "m-42"]}},
    "reliability": [
        {"confidence": 0.55, "accuracy": 0.5, "count": 100},
        {"confidence": 0.92, "accuracy": 0.95, "count": 300},
    ],
}


@pytest.fixture
def sys(town: Town) -> Client:
    return client_of(town, "sys")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(trained, "folder", lambda: tmp_path)
    monkeypatch.setattr(trained, "_held", None)
    return tmp_path


def put_model(folder: Path, version: str, **figures: Any) -> None:
    """A tiny but real model of the two labels."""
    import numpy as np

    from linli.understanding.model.linear import Calibration, Model
    from linli.understanding.model.store import save

    made = Model(
        version=version,
        labels=("城乡建设", "环境保护"),
        hashes=np.array([1, 2], np.uint64),
        rows=np.ones((2, 3), np.float32),
        split=1,
        bias=np.zeros(2),
        calibrations=(Calibration(1.0, (0.0, 0.0)), Calibration(1.0, (0.0, 0.0))),
        figures={**FIGURES, **figures},
    )
    save(made, folder, {"made_at": "2026-11-20T08:00:00+00:00", "rows": 6573})


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_without_a_model_the_page_teaches_how_to_make_one(town: Town, sys: Client, folder: Path) -> None:
    html = text(sys.get("/admin/understanding"))
    assert "还没有训练过的模型" in html
    assert "linli understand train" in html
    assert "linli understand corrections" in html


def test_the_model_in_force_is_shown_with_its_figures(town: Town, sys: Client, folder: Path) -> None:
    put_model(folder, "2026-11-20-a")
    html = text(sys.get("/admin/understanding"))
    for shown in ("2026-11-20-a", "94.7 %", "1.2 %", "6573", "m-17", "ll-reliable-dot", "<polyline"):
        assert shown in html, shown
    assert 'style="' not in html, "the content policy forbids inline style"


def test_a_threshold_is_published_with_history_and_audit(town: Town, sys: Client, folder: Path) -> None:
    answer = sys.post("/admin/understanding/limits", {"category": "0.91", "place": "0.66", "why": "研判人手够"})
    assert answer.status_code == 302
    assert reference.current(fresh=True).steering.of(CITY) == Limits(0.91, 0.66)
    rows = declarations.history(steering.KIND, CITY)
    assert [row.version for row in rows] == [2, 1], "what stood before can be restored"
    line = Entry.objects.filter(verb="publish", target_kind="understanding").order_by("-at", "-id").first()
    assert line is not None
    assert line.reason == "研判人手够"
    html = text(sys.get("/admin/understanding"))
    assert 'value="0.91"' in html
    back = sys.post(f"/admin/back/understanding/{CITY}/1")
    assert (back.status_code, back.headers["Location"]) == (302, "/admin/understanding")
    assert reference.current(fresh=True).steering.of(CITY) == Limits(0.8, 0.6)


@pytest.mark.parametrize(
    "form",
    [
        {"category": "1.5", "place": "0.6"},
        {"category": "x", "place": "0.6"},
        {},
        {"category": "0.9\nplace = 0.9", "place": ""},
    ],
)
def test_a_bad_threshold_changes_nothing(town: Town, sys: Client, folder: Path, form: dict[str, str]) -> None:
    answer = sys.post("/admin/understanding/limits", form)
    assert answer.status_code == 422
    assert "原来的门槛继续有效" in text(answer)
    assert not declarations.history(steering.KIND, CITY)


def test_an_earlier_model_is_taken_back_and_the_newest_again(town: Town, sys: Client, folder: Path) -> None:
    put_model(folder, "2026-11-20-a")
    put_model(folder, "2026-11-21-b")

    def in_force() -> str:
        held = reference.current(fresh=True).model
        return held.version if held else ""

    assert in_force() == "2026-11-21-b"
    for version, then in (("2026-11-20-a", "2026-11-20-a"), ("none", ""), ("", "2026-11-21-b")):
        assert sys.post("/admin/understanding/model", {"version": version}).status_code == 302
        assert in_force() == then
    (folder / "2026-11-20-a.npz").write_bytes(b"broken")
    for bad in ("2026-11-20-a", "../secret", "2026-01-01-z"):
        answer = sys.post("/admin/understanding/model", {"version": bad}, follow=True)
        assert "没有更换" in text(answer)
        assert in_force() == "2026-11-21-b"
    assert Entry.objects.filter(target_kind="understanding", target="model").count() == 3
    (folder / "2026-11-20-a.json").write_text("{", "utf-8")
    assert "文件损坏" in text(sys.get("/admin/understanding"))


def test_a_chosen_model_that_is_gone_gives_way_to_the_newest(town: Town, sys: Client, folder: Path) -> None:
    put_model(folder, "2026-11-20-a")
    put_model(folder, "2026-11-21-b")
    sys.post("/admin/understanding/model", {"version": "2026-11-20-a"})
    for path in folder.glob("2026-11-20-a.*"):
        path.unlink()
    held = reference.current(fresh=True).model
    assert held is not None
    assert held.version == "2026-11-21-b"


def corrected(town: Town) -> Any:
    matter = say(WORDS)
    other = next(c for c, terms in reference.current().terms.items() if c != matter.category and not terms.urgent)
    act(town, matter, "bob", "classify", category=other)
    return matter


def test_administrators_see_who_and_what_but_no_words(town: Town, sys: Client) -> None:
    matter = corrected(town)
    html = text(sys.get("/admin/understanding/corrections"))
    assert "Bob" in html
    for private in ("金丝雀", "13812345678", matter.code, str(matter.pk)):
        assert private not in html
    book = sys.get("/admin/understanding/corrections?xlsx")
    assert book.headers["Content-Type"].endswith("spreadsheetml.sheet")
    assert cells(book.content) & {"Bob · 望江街道综治中心"}
    assert not any("金丝雀" in cell for cell in cells(book.content))
    assert Entry.objects.filter(verb="export", target="corrections").count() == 1


def cells(data: bytes) -> set[str]:
    import io

    from python_calamine import CalamineWorkbook

    rows = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    return {str(cell) for row in rows for cell in row}


def test_the_centre_sees_masked_words_of_its_own_area(town: Town) -> None:
    matter = corrected(town)
    html = text(client_of(town, "bob").get("/desk/corrections"))
    assert matter.code in html
    assert "金丝雀" in html
    assert "13812345678" not in html
    from linli.parties.models import Person, Post

    town.people["far"] = Person.objects.create(username="far", name="Far", created_at=T0)
    Post.objects.create(
        person=town.people["far"], unit=town.units["city"], role="dispatcher", area="880101", valid_from=T0
    )
    assert matter.code not in text(client_of(town, "far").get("/desk/corrections"))
    assert client_of(town, "alice").get("/desk/corrections").status_code == 403


def test_filters_narrow_and_bad_ones_are_dropped(town: Town, sys: Client) -> None:
    corrected(town)
    assert "Bob" in text(sys.get("/admin/understanding/corrections?verdict=overruled&field=category&source=desk"))
    assert "没有符合条件的更正" in text(sys.get("/admin/understanding/corrections?verdict=agreed"))
    assert "没有符合条件的更正" in text(sys.get("/admin/understanding/corrections?since=2999-01-01"))
    for odd in ("field=x'", "since=9999-99-99", "area=88", "after=-1", "after=99999999999", "top=\x00"):
        assert sys.get(f"/admin/understanding/corrections?{odd}").status_code == 200


def test_the_table_of_thresholds_is_counted_rightly(town: Town) -> None:
    pairs = [(0.95, True), (0.9, False), (0.7, True), (0.4, False)]
    rows = {row.threshold: row for row in learning.table(pairs, (0.5, 0.8, 0.99))}
    assert (rows[0.5].to_person, rows[0.5].right, rows[0.5].count) == (0.25, pytest.approx(2 / 3), 3)
    assert (rows[0.8].to_person, rows[0.8].right) == (0.5, 0.5)
    assert (rows[0.99].to_person, rows[0.99].right) == (1.0, None)
    bins = ((0.55, 0.5, 100), (0.92, 0.95, 300))
    (at,) = model_view.at_thresholds(bins, (0.8,))
    assert (at.to_person, at.right) == (0.25, pytest.approx(0.95))


def test_the_city_s_own_matters_count_what_was_put_right(town: Town) -> None:
    corrected(town)
    say("柳荫社区第一网格路灯不亮")
    pairs = learning.of_city(CITY)
    assert sorted(right for _sure, right in pairs) == [False, True]
    Correction.objects.update(source="intake")
    assert len(learning.of_city(CITY)) == 1, "what an operator chose was not the machine's to decide"


@pytest.mark.parametrize(
    "figures",
    [{}, {"macro_f1": "x", "per_class": [], "confusion": 3, "reliability": [1, {"count": 0}]},
     {"macro_f1": float("nan"), "confusion": {"a": 3}, "ms_per_message": 0.2}],
)  # fmt: skip
def test_odd_figures_are_left_out(figures: dict[str, Any]) -> None:
    view = model_view.of(figures)
    assert view.macro_f1 is None
    assert view.dots == ()
    assert view.confusion == ()


def test_others_may_not_enter(town: Town) -> None:
    for name in ("bob", "oscar", "alice"):
        client = client_of(town, name)
        for address in ("/admin/understanding", "/admin/understanding/corrections"):
            assert client.get(address).status_code == 403
        assert client.post("/admin/understanding/limits", {"category": "0.5", "place": "0.5"}).status_code == 403
        assert client.post("/admin/understanding/model", {"version": "none"}).status_code == 403
    assert declarations.newest(steering.KIND) == {}
