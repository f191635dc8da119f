"""Every refusal has words in both languages, and whoever gives one gives all that its words need."""

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

import linli
from linli.core.refusal_words import WORDS
from linli.core.refusals import Refusal, Refused
from linli.core.role_words import EVIDENCE, RELATIONS, ROLES
from linli.core.words import Words

HOUSE = Path(linli.__file__).parent


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("code", sorted(WORDS))
def test_both_languages_say_the_same_with_a_fitting_status(code: str) -> None:
    status, words = WORDS[code]
    assert 400 <= status < 600
    assert words.zh.strip()
    assert words.en.strip()
    assert any("一" <= character <= "鿿" for character in words.zh)
    assert places(words.zh) == places(words.en)


def usages(folder: Path) -> Iterator[tuple[str, str, set[str]]]:
    """Each ``Refusal("code", {…})`` and ``Refused("code", name=…)`` with its parameters: place, code, names."""
    for file in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
                continue
            name, code = getattr(node.func, "id", ""), node.args[0].value
            if name not in ("Refusal", "Refused") or not isinstance(code, str):
                continue
            if any(k.arg is None for k in node.keywords):
                continue  # **params: seen when it is made
            given = {str(k.arg) for k in node.keywords} - {"about"}
            if name == "Refusal":
                params = [*node.args[1:2], *(k.value for k in node.keywords if k.arg == "params")]
                if params and not isinstance(params[0], ast.Dict):
                    continue
                keys = [key for table in params if isinstance(table, ast.Dict) for key in table.keys]
                given = {str(key.value) for key in keys if isinstance(key, ast.Constant)}
                if any(k.arg == "said_by" for k in node.keywords):
                    continue
            yield f"{file.relative_to(folder.parent)}:{node.lineno}", code, given


def wrong(folder: Path) -> list[str]:
    found = []
    for place, code, given in usages(folder):
        if code not in WORDS:
            found.append(f"{place}: no words for {code}")
        elif missing := places(WORDS[code][1].zh) - given:
            found.append(f"{place}: {code} needs {sorted(missing)}")
    return found


def test_whoever_refuses_gives_all_that_the_words_need() -> None:
    assert len(list(usages(HOUSE))) > 25
    assert wrong(HOUSE) == []


def test_planted_a_parameter_is_forgotten(tmp_path: Path) -> None:
    room = tmp_path / "room"
    room.mkdir()
    (room / "a.py").write_text('Refusal("field_missing", {})\nRefused("no_such")\nRefused("too_many", seconds=3)\n')
    assert wrong(room) == ["room/a.py:1: field_missing needs ['field']", "room/a.py:2: no words for no_such"]


def test_words_go_in_by_language_and_values_are_not_read_as_templates() -> None:
    refusal = Refusal("field_missing", {"field": Words("原因", "Reason")})
    assert (refusal.words.zh, refusal.words.en) == ("请填写“原因”。", "Please fill in “Reason”.")
    odd = Refusal("field_unknown", {"field": "{x}{0.__class__}", "fields": "–"})
    assert "{x}{0.__class__}" in odd.words.zh
    assert str(Refused("too_many", seconds=3)).startswith("Too many requests; try again in 3")


def test_a_code_without_words_cannot_be_made() -> None:
    with pytest.raises(KeyError, match="no words"):
        Refusal("no_such_code")
    assert Refusal("own", said_by=Words("自定义", "own words")).words.en == "own words"


@pytest.mark.parametrize("table", [ROLES, RELATIONS, EVIDENCE])
def test_names_have_both_languages(table: dict[str, Words]) -> None:
    assert all(words.zh and words.en for words in table.values())
