"""``linli understand train`` and ``evaluate`` as somebody types them."""

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from linli.site.understand_model import evaluate, train
from linli.understanding.model import letters, store, training
from tests.understanding.model_letters import invented, written

FIELD = Path(os.environ.get("LINLI_FIELD_DATA") or Path(__file__).parents[3] / "shared" / "field-data")


def test_train_then_evaluate(tmp_path: Path) -> None:
    run, city = CliRunner(), str(tmp_path / "city")
    known = written(tmp_path / "a.csv", invented(200))
    done = run.invoke(train, [str(known), "--city", city, "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["kept"]
    assert said["compared"] is None
    unseen = written(tmp_path / "b.csv", invented(60, seed=5), "label,detail,subject")
    done = run.invoke(evaluate, [str(unseen), "--city", city, "--beside", str(known)], catch_exceptions=False)
    found = json.loads(done.stdout)
    assert done.exit_code == 0
    assert found["model"] == said["version"]
    assert found["macro_f1"] > 0.85
    assert found["messages"] == 60
    assert 0 < found["ms_per_message"]["median"] <= found["ms_per_message"]["p95"]
    assert {"accuracy", "abstained", "accuracy_not_abstained", "ece", "per_class", "confusion"} <= set(found)
    assert found["plain_pipeline"]["times_as_slow"] > 0
    short = written(tmp_path / "c.csv", invented(60, seed=5), "subject,label")
    alone = json.loads(run.invoke(evaluate, [str(short), "--city", city]).stdout)
    same = json.loads(run.invoke(evaluate, [str(unseen), "--city", city, "--subject-alone"]).stdout)
    assert alone["macro_f1"] == same["macro_f1"] <= found["macro_f1"]


def test_a_worse_model_is_refused_unless_forced(tmp_path: Path) -> None:
    run, city = CliRunner(), str(tmp_path / "city")
    good = written(tmp_path / "a.csv", invented(200))
    assert run.invoke(train, [str(good), "--city", city]).exit_code == 0
    first = store.listed(tmp_path / "city" / "understanding")
    turned = [letters.Letter(o.subject, o.detail, ("交通", "环境", "教育")[o.line % 3]) for o in invented(200)]
    bad = str(written(tmp_path / "b.csv", turned))
    done = run.invoke(train, [bad, "--city", city, "--held-out", str(good)])
    assert done.exit_code == 1
    assert "--force" in done.stderr
    assert store.listed(tmp_path / "city" / "understanding") == first
    done = run.invoke(train, [bad, "--city", city, "--held-out", str(good), "--force", "--json"])
    assert done.exit_code == 0
    assert json.loads(done.stdout)["compared"]["spoiled"] > 20
    assert len(store.listed(tmp_path / "city" / "understanding")) == 2


@pytest.mark.parametrize("command", [train, evaluate])
def test_wrong_files_are_told(tmp_path: Path, command: object) -> None:
    path = tmp_path / "a.csv"
    path.write_text("x,y\n1,2\n", "utf-8")
    done = CliRunner().invoke(command, [str(path), "--city", str(tmp_path)])  # type: ignore[arg-type]
    assert done.exit_code == 2
    assert "subject" in done.stderr


def test_without_a_model_it_says_what_to_do(tmp_path: Path) -> None:
    known = str(written(tmp_path / "a.csv", invented(10)))
    done = CliRunner().invoke(evaluate, [known, "--city", str(tmp_path)])
    assert done.exit_code == 2
    assert "linli understand train" in done.stderr


def test_bad_rows_of_an_evaluation_are_listed(tmp_path: Path) -> None:
    said = {"交通": "交通运输", "环境": "环境保护", "教育": "教育文体"}
    made = [letters.Letter(one.subject, one.detail, said[one.label]) for one in invented(30)]
    path = written(tmp_path / "a.csv", made)
    path.write_text(path.read_text("utf-8-sig") + "只有一列\n", "utf-8")
    done = CliRunner().invoke(evaluate, [str(path), "--cold"], catch_exceptions=False)
    found = json.loads(done.stdout)
    assert found["messages"] == 30
    assert found["macro_f1"] > 0.5
    assert "32" in found["skipped"][0]
    assert "第 32 行" in done.stderr


def test_real_letters_when_they_are_here(tmp_path: Path) -> None:
    path = FIELD / "tipdm-c" / "train.csv"
    if not path.exists():
        pytest.skip(f"no field data in {FIELD}")
    found, problems = letters.read(path)
    assert problems == []
    from datetime import UTC, datetime

    made = training.train(found[:900], at=datetime(2026, 1, 1, tzinfo=UTC))
    assert float(str(made.model.figures["macro_f1"])) > 0.8
