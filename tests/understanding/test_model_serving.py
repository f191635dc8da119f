"""Serving gives what training computed; files come back as they were written and never run code."""

import json
import math
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from linli.understanding.model import corpus, features, fitting, store, training, validation
from linli.understanding.model.linear import Model
from tests.understanding.model_letters import invented

AT = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
ODD = ("", "。。。", "🙂🙂", "\ud800坏", "a" * 5000, "１２３路灯", "路灯\u200b坏了", "\n\n", "的" * 3000)


@pytest.fixture(scope="module")
def trained() -> training.Trained:
    return training.train(invented(240), at=AT)


@pytest.fixture
def model(trained: training.Trained) -> Model:
    return trained.model


def test_serving_equals_training() -> None:
    letters = invented(150)
    cut = corpus.build(letters)
    numbers = np.array([["交通", "教育", "环境"].index(one.label) for one in letters])
    data = validation.Labelled(cut, numbers, np.ones(150), 3, 150)
    every = np.arange(150)
    fitted = fitting.fit(cut, every, data.targets(every), data.weights, fitting.Recipe())
    known = fitted.scores(cut.full)
    model = training.train(letters, at=AT).model
    bare = Model(
        version="x",
        labels=model.labels,
        hashes=fitting.hashes_of(cut, fitted),
        rows=fitted.rows(),
        split=fitted.split,
        bias=fitted.bias,
        calibrations=model.calibrations,
        figures={},
    )
    served = np.array([bare.scores(one.subject, one.detail) for one in letters])
    assert len(bare.hashes) > 100
    assert np.ptp(known) > 0.5
    np.testing.assert_allclose(served, known, atol=2e-5)
    short = np.array([bare.scores(one.subject) for one in letters])
    np.testing.assert_allclose(short, fitted.scores(cut.short), atol=2e-5)


@pytest.mark.parametrize("text", ODD)
def test_any_text_gives_a_distribution(model: Model, text: str) -> None:
    for subject, detail in ((text, ""), ("", text), (text, text)):
        found = model.probabilities(subject, detail)
        assert tuple(found) == model.labels
        assert math.isclose(sum(found.values()), 1.0, abs_tol=1e-9)
        assert all(math.isfinite(share) and share >= 0 for share in found.values())
        model.speaks(subject, detail, model.labels[0])


def test_unseen_words_leave_it_unsure(model: Model) -> None:
    known = model.probabilities("公交车站台堵车", "司机和班次")
    strange = model.probabilities("鹦鹉螺", "")
    assert max(known, key=lambda label: known[label]) == "交通"
    assert max(strange.values()) < max(known.values())


def test_width_and_case_do_not_matter(model: Model) -> None:
    assert model.probabilities("Ａ３区堵车", "") == model.probabilities("a8区堵车", "")


def test_it_says_which_words_spoke(model: Model) -> None:
    said = model.speaks("我们小区附近污水多次反映", "臭味一直很大", "环境", 3)
    assert {"污水", "臭味"} & set(said)
    assert len(said) <= 3
    assert model.speaks("污水", "", "没有的标签") == ()


def test_pieces_do_not_cross_punctuation() -> None:
    joined, parted = features.pieces("路灯坏了"), features.pieces("路，灯，坏，了")
    assert set(parted.whole.tolist()) < set(joined.whole.tolist()) | set(features.pieces("灯").whole.tolist()) | set(
        features.pieces("路 坏 了").whole.tolist()
    )
    assert len(np.unique(parted.whole)) == 8  # four characters, each also a word
    traced = features.traced("A3区路灯", "坏了")
    assert {traced.text[a:b] for a, b in zip(traced.starts, traced.ends, strict=True)} >= {"路灯", "坏了", "3区路"}


def test_a_file_comes_back_as_it_was(trained: training.Trained, tmp_path: Path) -> None:
    assert store.load(tmp_path) is None
    store.save(trained.model, tmp_path, trained.about)
    found = store.load(tmp_path)
    assert found is not None
    assert found.version == trained.model.version
    assert found.figures["macro_f1"] == trained.model.figures["macro_f1"]
    one = invented(1, seed=3)[0]
    assert found.probabilities(one.subject, one.detail) == trained.model.probabilities(one.subject, one.detail)


@pytest.mark.parametrize("harm", ["cut", "words", "labels", "format"])
def test_a_damaged_file_is_told(trained: training.Trained, tmp_path: Path, harm: str) -> None:
    path = store.save(trained.model, tmp_path, trained.about)
    said = json.loads(path.read_text("utf-8"))
    if harm == "cut":
        path.with_suffix(".npz").write_bytes(path.with_suffix(".npz").read_bytes()[:1000])
    elif harm == "words":
        path.write_text("{", "utf-8")
    elif harm == "labels":
        path.write_text(json.dumps(said | {"labels": ["一"]}), "utf-8")
    else:
        path.write_text(json.dumps(said | {"format": 99}), "utf-8")
    with pytest.raises(store.BadModel, match=trained.model.version):
        store.load(tmp_path)


def test_serving_loads_neither_scikit_learn_nor_scipy() -> None:
    code = (
        "import sys; from linli.understanding.model import store; "
        "print(sorted({name.split('.')[0] for name in sys.modules} & {'sklearn', 'scipy', 'django'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
