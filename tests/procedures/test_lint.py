"""The linter finds what is odd: each planted oddity, and nothing in what is shipped. And the commands that show it."""

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

from linli.core.routing import RouteRule
from linli.core.words import Words
from linli.procedures.commands import check, kind_of, procedures
from linli.procedures.drawing import svg, told
from linli.procedures.lint import lint
from linli.procedures.lint_routing import covers, lint_routing
from linli.procedures.load import procedure, shipped
from linli.procedures.reader import Problem
from linli.procedures.routing import load_routing

REQUEST = shipped("procedures")["request"]
ROUTING = shipped("routing")["default"]


def findings(body: str) -> list[Problem]:
    return lint(procedure(body, "x.toml"), body, "x.toml")


def test_what_is_shipped_has_no_errors() -> None:
    assert [p.said("en") for p in findings(REQUEST) if p.level == "error"] == []
    assert lint_routing(load_routing(ROUTING, "r"), ROUTING, "r") == []


@pytest.mark.parametrize(
    ("was", "becomes", "path", "said"),
    [
        ('answered = { zh', 'lost = { zh = "丢", en = "Lost" }\nanswered = { zh', "stages.lost", "no step leads"),
        ('to = "set_aside"', 'to = "closed"', "stages.set_aside", "no step leads"),
        ('kind = "waiting" }', 'kind = "waiting" }\npit = { zh = "坑", en = "Pit" }', "stages.pit", "no way leads"),
        ('lapse = "silence"', "", "steps.silence.by", "no clock lapses"),
        ('stops = ["closed", "received"', 'stops = ["received"', "clocks.silence.stops", "still runs"),
        ('every = "5 min"', "", "clocks.respond.ladder", "pace"),
        ('by = ["clock"]', 'by = ["resident"]', "clocks.silence.lapse", "may not be taken by a clock"),
        ('outcome = "solved"', "", "steps.solved.outcome", "must name its outcome"),
        ('effects = ["rate", "close"]', 'effects = ["rate"]', "steps.solved.effects", "should have"),
        ('effects = ["claim"]', 'effects = ["claim", "close"]', "steps.claim.effects", "does not lead"),
        ('effects = ["unclose", "route"]', 'effects = ["route"]', "steps.unmerge.effects", "unclose"),
        ('effects = ["claim"]', 'effects = []', "steps.claim.guards", "unclaimed"),
        ('limit = 1000\n', "", "steps.classify.fields.note", "limit"),
        ('effects = ["resume"]', "", "steps.pause", "cannot be resumed"),
        ('clocks = ["complete"]', 'clocks = ["silence"]', "pauses.resident_absent", "lapses"),
        ("limit = 500", 'limit = 500\npersonal = "health"', "steps.claim.fields.note", "purpose"),
        ("[pauses]\n", '[pauses]\nx = { zh = "甲", en = "X", clocks = ["complete"] }\n', "pauses.x", "no step offers"),
    ],
)  # fmt: skip
def test_each_oddity_is_found(was: str, becomes: str, path: str, said: str) -> None:
    assert was in REQUEST
    body = REQUEST.replace(was, becomes, 1)
    found = [p for p in findings(body) if p.path == path]
    assert any(said in p.why.en for p in found), findings(body)
    assert all(p.why.zh and p.where.startswith("x.toml:") for p in found)


def test_a_machine_may_not_have_the_last_word() -> None:
    body = REQUEST.replace('from = ["answered", "closed"]', 'from = ["answered"]', 1)
    assert any(p.path == "steps.silence" and "objection" in p.why.en for p in findings(body))


BASE = RouteRule("a", Words("甲", "A"), ("officer",), "county")


@pytest.mark.parametrize(
    ("wide", "narrow", "shadows"),
    [
        ({}, {}, True),
        ({}, {"categories": ("x",)}, True),
        ({"categories": ("x",)}, {}, False),
        ({"categories": ("x",)}, {"categories": ("x.y",)}, True),
        ({"categories": ("x.y",)}, {"categories": ("x",)}, False),
        ({"categories": ("x",)}, {"categories": ("xy",)}, False),
        ({"areas": ("5111",)}, {"areas": ("511102",)}, True),
        ({"areas": ("511102",)}, {"areas": ("5111",)}, False),
        ({"urgent": True}, {"urgent": True}, True),
        ({"urgent": True}, {}, False),
        ({"sure": True}, {"sure": False}, False),
        ({"quick": True}, {"quick": True, "urgent": True}, True),
        ({"weekdays": (1, 2)}, {"weekdays": (1,)}, True),
        ({"weekdays": (1,)}, {}, False),
        ({"by_duty": True}, {}, False),
        ({}, {"by_duty": True}, True),
        ({}, {"below": True}, False),
        ({"below": True}, {}, True),
        ({"level": "city"}, {}, False),
        ({"roles": ("officer", "unit_lead")}, {"roles": ("unit_lead",)}, True),
        ({"roles": ("unit_lead",)}, {}, False),
    ],
)
def test_shadowing(wide: dict[str, object], narrow: dict[str, object], shadows: bool) -> None:
    assert covers(replace(BASE, **wide), replace(BASE, **narrow)) is shadows  # type: ignore[arg-type]


def test_a_rule_that_cannot_win_and_an_unknown_duty_or_category_are_named() -> None:
    again = ROUTING + ROUTING[ROUTING.index("[[rules]]") :].split("\n\n")[0].replace('id = "danger"', 'id = "again"')
    routing = load_routing(again, "r")
    assert [routing.rules[int(p.path.split(".")[1])].id == "again" for p in lint_routing(routing, again, "r")] == [True]
    odd = replace(routing, rules=(replace(BASE, duties=("魔法",), categories=("no.such",)),))
    assert [p.path for p in lint_routing(odd, categories=("road.lamp",))] == ["rules.0.duties", "rules.0.categories"]
    assert lint_routing(replace(odd, rules=(replace(BASE, categories=("road",)),)), categories=("road.lamp",)) == []


# The commands


def test_lint_says_what_is_wrong_with_a_file_and_fails(tmp_path: Path) -> None:
    file = tmp_path / "bad.toml"
    file.write_text(REQUEST.replace('to = "working"', 'to = "wrking"'), "utf-8")
    result = CliRunner().invoke(procedures, ["lint", "--json", str(file)])
    assert result.exit_code == 1
    told_of = json.loads(result.output)
    assert told_of["checked"] == 1
    assert [(p["path"], p["level"]) for p in told_of["problems"]] == [("steps.claim.to", "error")]
    plain = CliRunner().invoke(procedures, ["lint", str(tmp_path)])
    assert plain.exit_code == 1
    assert "1个错误" in plain.output
    file.write_bytes(b"\xff\xfe\x00")
    assert CliRunner().invoke(procedures, ["lint", str(file)]).exit_code == 1


def test_lint_without_a_path_checks_what_is_shipped() -> None:
    result = CliRunner().invoke(procedures, ["lint", "--json"])
    assert result.exit_code == 0
    assert json.loads(result.output)["checked"] == sum(len(shipped(k)) for k in ("procedures", "routing", "calendars"))


def test_a_clock_on_a_calendar_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text(REQUEST.replace('calendar = "always"', 'calendar = "our-days"', 1), "utf-8")
    missing = json.loads(CliRunner().invoke(procedures, ["lint", "--json", str(tmp_path)]).output)["problems"]
    assert [p["path"] for p in missing if p["level"] == "error"] == ["clocks.respond.calendar"]
    own = shipped("calendars")["always"].replace('id = "always"', 'id = "our-days"')
    (tmp_path / "c.toml").write_text(own, "utf-8")
    assert CliRunner().invoke(procedures, ["lint", str(tmp_path)]).exit_code == 0


def test_kinds_are_told_apart() -> None:
    assert kind_of(REQUEST) == "procedures"
    assert kind_of(ROUTING) == "routing"
    assert {kind_of(body) for body in shipped("calendars").values()} == {"calendars"}
    assert check("calendars", "id = 1", "c.toml")[0].where.startswith("c.toml:")


def test_the_picture_has_every_stage_and_step_in_both_languages() -> None:
    found = procedure(REQUEST, "x")
    drawn = svg(found)
    ET.fromstring(drawn)
    for stage in found.stages.values():
        assert stage.labels.zh in drawn
        assert stage.labels.en in drawn
    for step in found.steps.values():
        if step.to and set(step.from_) != {step.to}:
            assert step.labels.zh in drawn
    odd = svg(replace(found, labels=Words("<script>", "&")))
    assert "<script>" not in odd
    ET.fromstring(odd)


def test_the_text_says_who_does_what_by_when() -> None:
    text = told(procedure(REQUEST, "x"))
    assert "接单响应（承办人" in text
    assert "72小时" in text
    assert "72 hours" in text


def test_draw_by_name_and_by_file_and_an_unknown_name(tmp_path: Path) -> None:
    out = tmp_path / "r.svg"
    assert CliRunner().invoke(procedures, ["draw", "request", "-o", str(out)]).exit_code == 0
    assert out.read_text("utf-8").startswith("<svg")
    unknown = CliRunner().invoke(procedures, ["draw", "nothing"])
    assert unknown.exit_code == 1
    assert "request" in unknown.output
