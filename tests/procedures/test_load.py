"""Declarations are read strictly: all problems at once, with file and line, in both languages."""

import tomllib
from datetime import time
from pathlib import Path

import pytest

from linli.core.procedure import RELATIONS, Procedure
from linli.core.role_words import ROLES
from linli.core.spans import Span
from linli.procedures import load
from linli.procedures.load import DeclarationError, Problem, overrides, procedure, procedures, shipped
from linli.procedures.reader import lines_of
from linli.procedures.routing import load_routing

REQUEST = shipped("procedures")["request"]
ROUTING = shipped("routing")["default"]


def problems(body: str, where: str = "x.toml") -> tuple[Problem, ...]:
    with pytest.raises(DeclarationError) as caught:
        procedure(body, where)
    for problem in caught.value.problems:
        assert problem.why.zh
        assert problem.why.en
        assert problem.where.startswith(where)
        assert problem.said("zh").startswith(where)
    return caught.value.problems


def test_the_shipped_procedure_reads_as_it_stands() -> None:
    found = procedure(REQUEST, "request.toml")
    data = tomllib.loads(REQUEST)
    assert isinstance(found, Procedure)
    assert set(found.steps) == set(data["steps"])
    assert set(found.stages) == set(data["stages"])
    assert found.steps["progress"].to == ""
    assert found.clocks["respond"].within is None
    assert found.clocks["silence"].within == Span.parse("72 h")
    assert found.clocks["complete"].since_opening
    assert found.steps["pause"].field("reason").choices[0][0] == "resident_absent"  # type: ignore[union-attr]
    assert {role for step in found.steps.values() for role in step.by} <= set(ROLES) | RELATIONS


@pytest.mark.parametrize(
    ("was", "becomes", "path", "said"),
    [
        ('to = "working"', 'to = "wrking"', "steps.claim.to", "wrking"),
        ('by = ["holder"]', 'by = ["boss"]', "steps.hand_back.by", "boss"),
        ('effects = ["claim"]', 'effects = ["clam"]', "steps.claim.effects", "clam"),
        ('guards = ["unclaimed"]', 'guards = ["x"]', "steps.claim.guards", "x"),
        ('type = "rating"', 'type = "stars"', "steps.solved.fields.rating.type", "stars"),
        ('ladder = ["next_person"', 'ladder = ["next"', "clocks.respond.ladder", "next"),
        ('starts = ["answered"]', 'starts = ["answred"]', "clocks.silence.starts", "answred"),
        ('lapse = "silence"', 'lapse = "quiet"', "clocks.silence.lapse", "quiet"),
        ('first = "received"', 'first = "closed"', "first", "done"),
        ('unsure = "triage"\n', "", "unsure", "None"),
        ("version = 1", 'version = "1"', "version", "whole number"),
        ('within = "72 h"', 'within = "72 hrs"', "clocks.silence.within", "72 hrs"),
        ('within = "72 h"\n', "", "clocks.silence", "missing"),
        ('every = "5 min"', 'every = "5 working_min"', "clocks.respond.every", "minutes, hours or days"),
        ("warn = 0.6\n", "warn = 1.6\n", "clocks.respond.warn", "from 0 to 1"),
        (', en = "Claim and answer"', "", "steps.claim.labels", "English"),
        ('zh = "接单响应", ', "", "steps.claim.labels", "Chinese"),
        ('id = "weather", zh', 'id = "wether", zh', "steps.pause.fields.reason", "wether"),
        ('id = "weather", zh', 'id = "parts", zh', "steps.pause.fields.reason.choices", "twice"),
        ('clocks = ["complete"]', 'clocks = ["finish"]', "pauses.resident_absent.clocks", "finish"),
        ("limit = 500", "limit = 0", "steps.claim.fields.note.limit", "from 1"),
        ("evidence = true", 'evidence = "yes"', "steps.complete.evidence", "true or false"),
        ('outcome = "solved"', 'outcome = "Solved!"', "steps.solved.outcome", "identifier"),
        ('[steps.claim]\n', '[steps.claim]\nwhen = "now"\n', "steps.claim.when", "unknown key"),
        ('source = "乐山市“红色邻里圈”：一句话诉求、五分钟响应、一小时办结"\n', "", "source", "missing"),
        ('notify = ["previous"]', 'notify = ["everyone"]', "steps.assign.notify", "everyone"),
        ('type = "post"\nrequired = true', 'type = "post"', "steps.assign", "required field"),
        ('stops = ["closed", "received"', 'stops = ["answered", "received"', "clocks.silence", "both starts and stops"),
    ],
)  # fmt: skip
def test_each_mistake_is_named_with_its_line(was: str, becomes: str, path: str, said: str) -> None:
    assert was in REQUEST
    body = REQUEST.replace(was, becomes, 1)
    found = [p for p in problems(body) if p.path == path]
    assert found, problems(body)
    assert said in found[0].why.en
    line = int(found[0].where.rpartition(":")[2])
    table = path.split(".")[0]
    assert line == 1 or table in "\n".join(body.splitlines()[:line])


def test_all_problems_are_told_at_once_and_lines_are_exact() -> None:
    body = REQUEST.replace('to = "working"', 'to = "wrking"').replace('within = "72 h"', 'within = "72"')
    found = {p.path: p.where for p in problems(body, "a.toml")}
    lines = body.splitlines()
    assert set(found) == {"steps.claim.to", "clocks.silence.within"}
    for where, text in ((found["steps.claim.to"], 'to = "wrking"'), (found["clocks.silence.within"], 'within = "72"')):
        assert lines[int(where.rpartition(":")[2]) - 1] == text


@pytest.mark.parametrize(
    "body", ["", "x", "a = [", "[stages]\n[stages]\n", "id = 1", "stages = 3\nsteps = []", "[" * 5000, "\x00"]
)
def test_rubbish_is_refused_and_never_raises_anything_else(body: str) -> None:
    assert problems(body)


def test_broken_toml_names_its_line() -> None:
    assert problems('id = "a"\nversion = \n')[0].where == "x.toml:2"


KINDS = ("3", '"text"', "[]", "{}", "true", "[1]", "[{}]", "1.5", "2026-01-01", "{ zh = 1 }", '["x", 1]')


@pytest.mark.parametrize("first", range(3))
def test_any_value_of_the_wrong_kind_is_a_problem_and_nothing_else(first: int) -> None:
    """Every line of the shipped procedure in turn is given a value of another kind."""
    for number, line in enumerate(REQUEST.splitlines()):
        key, value = line.split(" = ")[0], KINDS[(number + first * 4) % len(KINDS)]
        if number % 3 == first and " = " in line and not line.startswith((" ", "#")) and "choices" not in line:
            lines = REQUEST.splitlines()
            lines[number] = f"{key} = {value}"
            try:
                procedure("\n".join(lines), "x")
            except DeclarationError as error:
                assert error.problems  # noqa: PT017


def test_lines_of_tables_arrays_and_comments() -> None:
    body = '# c\nid = 1\n[a.b]\nc = 2 # x\n[[rules]]\nid = 3\n\n[[ rules ]]\n"id" = 4\n'
    assert lines_of(body) == {
        "id": 2,
        "a.b": 3,
        "a.b.c": 4,
        "rules.0": 5,
        "rules.0.id": 6,
        "rules.1": 8,
        "rules.1.id": 9,
    }


def test_a_citys_own_declarations_win_and_a_broken_one_is_left_out(tmp_path: Path) -> None:
    folder = tmp_path / "procedures"
    folder.mkdir()
    (folder / "request.toml").write_text("\ufeff" + REQUEST.replace("version = 1", "version = 2"), "utf-8")
    (folder / "broken.toml").write_text("id =", "utf-8")
    found, wrong = procedures(tmp_path)
    assert found["request"].version == 2
    assert [p.where for p in wrong] == ["procedures/broken.toml:1"]
    (folder / "gbk.toml").write_bytes("id = '请求'".encode("gb18030"))
    with pytest.raises(DeclarationError):
        overrides(tmp_path, "procedures")
    found, wrong = procedures(tmp_path)
    assert found["request"].version == 1
    assert wrong[0].where.startswith("procedures/gbk.toml")
    assert procedures(tmp_path / "nowhere")[1] == ()


def test_what_is_shipped() -> None:
    assert "request" in shipped("procedures")
    assert "always" in shipped("calendars")
    assert set(shipped("routing")) == {"default"}
    assert load.procedures()[0]["request"].id == "request"


def test_routing_reads_as_it_stands() -> None:
    found = load_routing(ROUTING, "default.toml")
    assert [r.id for r in found.rules] == [r["id"] for r in tomllib.loads(ROUTING)["rules"]]
    assert str(found.zone) == "Asia/Shanghai"


RULE = '[[rules]]\nid = "a"\nlabels = { zh = "甲", en = "A" }\nroles = ["operator"]\nlevel = "city"\n'
HEAD = 'id = "r"\nversion = 1\nzone = "Asia/Shanghai"\nlabels = { zh = "规", en = "R" }\n'


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ('hours = "22-6"', "rules.0.hours"),
        ('hours = "08:00-08:00"', "rules.0.hours"),
        ("weekdays = [0]", "rules.0.weekdays"),
        ("weekdays = [true]", "rules.0.weekdays"),
        ("urgent = 1", "rules.0.urgent"),
        ('areas = ["here"]', "rules.0.areas"),
        ('person = "x"', "rules.0.person"),
        (RULE, "rules.1.id"),
    ],
)
def test_routing_problems(more: str, path: str) -> None:
    with pytest.raises(DeclarationError) as caught:
        load_routing(f"{HEAD}{RULE}{more}\n", "r.toml")
    assert [p.path for p in caught.value.problems] == [path]


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ('"operator"', '"boss"'),
        ('"operator"', '"system_admin"'),
        ('"city"', '"planet"'),
        ("Asia/Shanghai", "Mars/Base"),
    ],
)
def test_routing_with_unknown_names(was: str, becomes: str) -> None:
    with pytest.raises(DeclarationError):
        load_routing((HEAD + RULE).replace(was, becomes), "r.toml")


def test_routing_hours() -> None:
    rule = load_routing(f'{HEAD}{RULE}hours = "22:00-06:30"\nweekdays = [1, 7]\nquick = true\n', "r.toml").rules[0]
    assert (rule.hours, rule.weekdays, rule.quick, rule.sure) == ((time(22), time(6, 30)), (1, 7), True, None)
