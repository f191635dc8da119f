"""Training from files: what is read, what is refused, what is learnt, and honest figures."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from linli.understanding.model import calibration, corpus, letters, measures, training, validation
from linli.understanding.model.letters import BadFile, Letter
from linli.understanding.model.linear import Calibration
from tests.understanding.model_letters import invented, written

AT = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize("columns", ["subject,detail,label", "label,subject,detail", "detail,line,label,subject"])
def test_columns_in_any_order(tmp_path: Path, columns: str) -> None:
    made = invented(12)
    found, problems = letters.read(written(tmp_path / "a.csv", made, columns))
    assert problems == []
    assert [(one.subject, one.detail, one.label, one.line) for one in found] == [
        (one.subject, one.detail, one.label, one.line) for one in made
    ]


def test_detail_may_be_missing_and_gbk_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("留言主题,一级标签\n路灯不亮,交通\n".encode("gb18030"))
    assert letters.read(path) == ([Letter("路灯不亮", "", "交通", 2)], [])


def test_bad_rows_are_named_by_line_and_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('subject,detail,label\n好,"两\n行",交通\n,,交通\n少,一列\n无,标签,\n\n末,尾,环境\n', "utf-8")
    found, problems = letters.read(path)
    assert [(one.subject, one.line) for one in found] == [("好", 2), ("末", 8)]
    assert [problem.line for problem in problems] == [4, 5, 6]
    assert "第 5 行" in str(problems[1])
    assert "Line 5" in str(problems[1])


@pytest.mark.parametrize("text", ["", "\n", "subject,detail\na,b\n", "a;b;c\n1;2;3\n"])
def test_a_file_that_cannot_be_used_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(BadFile, match=r"a\.csv"):
        letters.read(path)


def test_it_learns_and_its_figures_are_of_letters_it_had_not_seen() -> None:
    made = training.train(invented(240), at=AT)
    new = invented(120, seed=99)
    right = np.mean([training.guess(made.model, one) == one.label for one in new])
    assert right > 0.9
    assert abs(float(str(made.model.figures["accuracy"])) - right) < 0.08
    assert made.model.version.startswith("20261123-083000-")


def test_labels_without_pattern_are_not_learnt() -> None:
    """Cross-validation would shine here if a letter were judged by a model that had seen it."""
    luck = np.random.default_rng(3)
    mixed = [Letter(one.subject, one.detail, str(luck.choice(["甲", "乙"]))) for one in invented(160)]
    figures = training.train(mixed, at=AT).model.figures
    assert float(str(figures["macro_f1"])) < 0.65


def test_near_duplicates_stay_in_one_fold() -> None:
    made = invented(60)
    copies = [Letter(f"{one.subject}！", one.detail.replace("。", "，急。"), one.label) for one in made[:30]]
    cut = corpus.build([*made, *copies])
    assert (cut.groups[:30] == cut.groups[60:]).mean() > 0.9
    assert len(np.unique(cut.groups[:60])) > 50
    labels = np.array([sorted({o.label for o in made}).index(one.label) for one in [*made, *copies]])
    folds = validation.folds_of(labels, cut.groups)
    for group in np.unique(cut.groups):
        assert len(np.unique(folds[cut.groups == group])) == 1


def test_letters_all_alike_do_not_become_one_group() -> None:
    forms = [Letter(f"申请{n}", f"本人申请办理居住证明，编号{'甲乙丙丁'[n % 4]}，请批准。", "证明") for n in range(40)]
    groups = corpus.build(forms).groups
    assert np.bincount(groups).max() <= 10


def test_rare_labels_are_left_out_and_one_label_is_refused() -> None:
    made = invented(100)
    found = training.train([*made, Letter("火星移民", "", "太空")], at=AT)
    assert found.left_out == {"太空": 1}
    assert "太空" not in found.model.labels
    with pytest.raises(BadFile, match="两个标签"):
        training.train([one for one in made if one.label == "交通"], at=AT)


def test_corrections_teach_a_new_word() -> None:
    base = invented(200)
    new = [Letter(f"共享单车乱放{n}", f"共享单车占道第{n}次", "交通") for n in range(12)]
    asked = ("共享单车乱放在门口", "")
    before = training.train(base, at=AT).model.probabilities(*asked)
    made = training.train(base, new, at=AT)
    assert made.model.probabilities(*asked)["交通"] > max(0.6, before["交通"])
    assert made.about["corrections"] == 12
    assert made.about["letters"] == 200


def test_a_worse_model_is_seen_as_worse() -> None:
    good = training.train(invented(200), at=AT)
    luck = np.random.default_rng(5)
    spoilt = [
        Letter(one.subject, one.detail, str(luck.choice(["交通", "环境", "教育"])), one.line) for one in invented(200)
    ]
    bad = training.train(spoilt, at=AT)
    said = {**good.about, "labels": list(good.model.labels), "figures": good.model.figures}
    compared = training.compared(said, bad, invented(200))
    assert compared.worse
    assert compared.letters == 200
    assert {change.line for change in compared.changes} <= {one.line for one in invented(200)}
    assert not training.compared(said, good, invented(200)).worse
    on_file = training.on_file(good.model, bad.model, invented(80, seed=42))
    assert on_file.worse
    assert on_file.before > 0.8 > on_file.after


def test_calibration_makes_confidence_mean_what_it_says() -> None:
    luck = np.random.default_rng(11)
    labels = luck.integers(0, 3, 4000)
    scores = luck.normal(0, 0.3, (4000, 3))
    scores[np.arange(4000), labels] += 0.4
    raw = Calibration(20.0, (0.0, 0.0, 0.0)).probabilities(scores)
    fair = calibration.crossed(scores, labels, np.arange(4000) % 5)
    right = scores.argmax(axis=1) == labels
    assert calibration.ece(raw.max(axis=1), right) > 0.1
    assert calibration.ece(fair.max(axis=1), fair.argmax(axis=1) == labels) < 0.03
    np.testing.assert_allclose(fair.sum(axis=1), 1)


def test_figures_against_a_table_worked_by_hand() -> None:
    said = [{"甲": 0.9, "乙": 0.1}, {"甲": 0.8, "乙": 0.2}, {"甲": 0.45, "乙": 0.55}, {"甲": 0.3, "乙": 0.7}]
    found = measures.figures(["甲", "乙", "乙", "乙"], said, threshold=0.6)
    assert found["accuracy"] == 0.75
    assert found["macro_f1"] == round((2 / 3 + 4 / 5) / 2, 4)
    assert found["abstained"] == 0.25
    assert found["accuracy_not_abstained"] == round(2 / 3, 4)
    assert found["confusion"] == {"甲": {"甲": 1}, "乙": {"乙": 2, "甲": 1}}
