"""What people decide beside the machine's word: kept with the step, said in the history, gone with the words."""

from datetime import timedelta

import pytest

from linli.matters import actions, corrections, erasure, queries
from linli.matters.models import Correction, Event, Matter, Statement
from tests.matters.test_erasure import CANARY, closed_matter
from tests.matters.town import GRID, GRID2, T0


def classify(town, got, **form):  # type: ignore[no-untyped-def]
    form.setdefault("area", GRID)
    return actions.take(got.id, "classify", viewer=town.viewer("bob"), form=form, at=T0 + timedelta(minutes=1))


def machine(got):  # type: ignore[no-untyped-def]
    return Statement.objects.get(matter=got.id).reading["part"]["category"]


def test_overruling_is_a_training_row_and_on_the_record(town, say):  # type: ignore[no-untyped-def]
    got = say("第一网格路灯不亮，我叫王小明，电话13812345678", contact_name="王小明")
    guess = machine(got)
    other = next(code for code in corrections_catalogue() if code != guess["code"])
    classify(town, got, category=other, area=GRID2)
    rows = {row.field: row for row in Correction.objects.filter(matter=got.id)}
    row = rows["category"]
    assert (row.said, row.chosen, row.agreed) == (guess["code"], other, False)
    assert row.confidence == pytest.approx(guess["confidence"])
    assert row.version == Statement.objects.get(matter=got.id).reading["version"]
    assert row.post_id == town.posts["bob"].pk
    assert row.at == T0 + timedelta(minutes=1)
    assert (rows["area"].said, rows["area"].chosen, rows["area"].agreed) == (GRID, GRID2, False)
    assert "路灯不亮" in row.text
    assert "13812345678" not in row.text
    assert "小明" not in row.text
    event = Event.objects.get(matter=got.id, seq=row.seq)
    told = event.data["suggested"]
    assert told["category"] == guess["code"]
    assert told["agreed"] is False
    assert told["version"] == row.version
    assert (event.actor_kind, event.step) == ("person", "classify")


def corrections_catalogue():  # type: ignore[no-untyped-def]
    from linli.matters import reference

    return [code for code, terms in reference.current().terms.items() if not terms.urgent]


def test_taking_the_suggestion_is_kept_as_agreement(town, say):  # type: ignore[no-untyped-def]
    got = say()
    classify(town, got, category=machine(got)["code"])
    row = Correction.objects.get(matter=got.id, field="category")
    assert row.agreed
    assert Event.objects.get(matter=got.id, seq=row.seq).data["suggested"]["agreed"] is True


def test_a_resident_who_says_it_is_wrong_leaves_a_row_without_an_answer(town, say):  # type: ignore[no-untyped-def]
    got = say()
    resident = queries.resident(Matter.objects.get(pk=got.id))
    actions.take(got.id, "correct", viewer=resident, form={"note": "不是路灯"}, at=T0 + timedelta(minutes=1))
    row = Correction.objects.get(matter=got.id)
    assert (row.source, row.chosen, row.agreed, row.post_id) == ("resident", "", False, None)
    assert row.actor == "resident"


def test_advertising_set_aside_corrects_the_kind(town, say):  # type: ignore[no-untyped-def]
    got = say()
    form = {"reason": "advertisement", "note": "是广告"}
    actions.take(got.id, "set_aside", viewer=town.viewer("bob"), form=form, at=T0)
    row = Correction.objects.get(matter=got.id)
    assert (row.field, row.said, row.chosen) == ("kind", "request", "advertisement")


def test_other_steps_teach_nothing(town, say, django_assert_num_queries):  # type: ignore[no-untyped-def]
    got = say()
    actions.take(got.id, "claim", viewer=town.viewer("alice"), at=T0)
    assert not Correction.objects.exists()


def test_erased_words_leave_the_training_rows(town, say):  # type: ignore[no-untyped-def]
    matter, _photo = closed_matter(town, say)
    Correction.objects.create(
        matter_id=matter, seq=99, at=T0, source="desk", actor="person:x", field="category", said="a", chosen="b",
        agreed=False, version="v", text=f"路灯不亮{CANARY}",
    )  # fmt: skip
    erasure.erase(matter, viewer=town.viewer("bob"), reason="本人申请", at=T0 + timedelta(days=1))
    row = Correction.objects.get(matter=matter, seq=99)
    assert row.text == ""
    assert row.erased_at is not None
    assert (row.said, row.chosen) == ("a", "b")


def test_a_refused_step_teaches_nothing(town, say, monkeypatch):  # type: ignore[no-untyped-def]
    got = say()
    monkeypatch.setattr(corrections, "keep", lambda rows: 1 / 0)
    before = Matter.objects.get(pk=got.id).seq
    with pytest.raises(ZeroDivisionError):
        classify(town, got, category=machine(got)["code"])
    assert Matter.objects.get(pk=got.id).seq == before


def test_what_an_operator_chose_at_intake_stands_beside_the_reading(town, db):  # type: ignore[no-untyped-def]
    from linli.core.snapshot import Actor
    from linli.matters import reference
    from linli.matters.intake import Request, receive

    ref, actor = reference.current(), Actor("person", "x", "X", frozenset({"operator"}))
    plain = ref.read("第一网格路灯不亮").parts[0].category
    assert plain is not None
    other = next(code for code in corrections_catalogue() if code != plain.code)
    for chosen, agreed in ((plain.code, True), (other, False)):
        asked = Request("第一网格路灯不亮", "hotline", area=GRID, category=chosen)
        receipt = receive(asked, at=T0, actor=actor)
        corrections.keep(corrections.at_intake(receipt.items, asked, ref, actor, "person:x", T0))
        row = Correction.objects.get(matter=receipt.items[0].id, field="category")
        assert (row.source, row.said, row.chosen, row.agreed, row.seq) == ("intake", plain.code, chosen, agreed, 1)
        assert row.confidence == pytest.approx(plain.confidence)
    silent = Request("第一网格路灯不亮", "hotline")
    assert corrections.at_intake((), silent, ref, actor, "person:x", T0) == ()


def test_the_export_is_a_training_file_of_last_words(town, say, tmp_path):  # type: ignore[no-untyped-def]
    import csv

    from click.testing import CliRunner

    from linli.matters.corrections_export import COLUMNS, command

    got = say("第一网格路灯不亮，我电话13812345678")
    first, second = [c for c in corrections_catalogue() if c != machine(got)["code"]][:2]
    classify(town, got, category=first)
    classify(town, got, category=second)
    resident = queries.resident(Matter.objects.get(pk=got.id))
    actions.take(got.id, "correct", viewer=resident, form={"note": "不对"}, at=T0 + timedelta(minutes=2))
    erased = say("第二件事，树倒了")
    classify(town, erased, category=first)
    corrections.wipe(erased.id, T0)
    out = tmp_path / "c.csv"
    said = CliRunner().invoke(command, ["--out", str(out)])
    assert said.exit_code == 0, said.output
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == list(COLUMNS)
    assert len(rows) == 1
    assert rows[0]["code"] == second
    assert rows[0]["agreed"] == "0"
    assert rows[0]["subject"].startswith("第一网格路灯不亮")
    assert "12345678" not in rows[0]["subject"]
    from linli.matters import reference

    top = next(n for n in reference.current().catalogue.tree if n.code == second.split(".")[0])
    assert rows[0]["label"] == top.names.zh


def test_no_cell_of_the_export_is_a_formula():  # type: ignore[no-untyped-def]
    from linli.matters.corrections_export import letter

    assert letter("=HYPERLINK(1)路灯不亮") == ("HYPERLINK(1)路灯不亮", "")
    subject, detail = letter("＝" + "路灯坏了很久没有人修。" * 20)
    assert subject == "路灯坏了很久没有人修。"
    assert detail.startswith("路灯坏了")


def test_training_reads_the_export(town, say, tmp_path):  # type: ignore[no-untyped-def]
    from click.testing import CliRunner

    from linli.matters.corrections_export import command
    from linli.understanding.model import letters

    got = say("第一网格路灯不亮，晚上看不见，\n已经三天了，请派人来修。" + "路灯坏了。" * 20)
    chosen = machine(got)["code"]
    classify(town, got, category=chosen)
    out = tmp_path / "c.csv"
    assert CliRunner().invoke(command, ["--out", str(out), "--json"]).exit_code == 0
    read, problems = letters.read(out)
    assert problems == []
    assert [one.code for one in read] == [chosen]
    assert read[0].label
    assert read[0].detail.startswith(read[0].subject[:8])
