# ruff: noqa: E501  (planted lines)
"""The declaration language: conditions, references and the linter, each with a planted defect it must find."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.core.conditions import ConditionError, parse
from linli.procedures import load
from linli.procedures.lint import lint
from linli.procedures.lint_language import together
from linli.procedures.reader import DeclarationError

BODIES = load.shipped("procedures")
MEDIATION, APPLICATION, WHISTLE = BODIES["mediation"], BODIES["application"], BODIES["whistle"]


def errors(body: str) -> str:
    made = load.procedure(body, "p.toml")
    return "\n".join(p.said("en") for p in lint(made, body, "p.toml") if p.level != "warning" or "lapses" in p.why.en)


@pytest.mark.parametrize("ident", sorted(BODIES))
def test_what_is_shipped_has_no_errors(ident: str) -> None:
    assert errors(BODIES[ident]) == ""


def test_sub_matters_fit_together() -> None:
    found = {p.id: p for p in (load.procedure(body, name) for name, body in BODIES.items())}
    assert list(together(found)) == []
    without = {ident: one for ident, one in found.items() if ident != "judicial_confirmation"}
    assert [f[3] for _, f in together(without)] == ["there is no procedure 'judicial_confirmation' to open"]


CONSENT = 'does = [{ consent = ["applicant", "respondent"] }]'
PLANTED = {
    "nobody becomes": (WHISTLE, ', { join = "lead", unit = "lead_unit" }]', "]", "makes anybody this participant"),
    "cannot leave": (MEDIATION, 'does = [{ withdraw = ["applicant", "respondent"] }]\n', "", "take it back"),
    "undeclared personal data": (
        APPLICATION,
        'group = "who"\npersonal = "identity"\n',
        'group = "who"\n',
        "looks like personal data",
    ),
    "no legal basis": (APPLICATION, 'basis = "行政许可法 art 29"\n', "", "legal basis"),
    "no retention": (
        APPLICATION,
        '[retention]\nkeep = "10 year"\nsource = "政务服务电子档案（unverified default）"\n',
        "",
        "how long values are kept",
    ),
    "forbidden data": (APPLICATION, "[opening.fields.service]", "[opening.fields.religion]", "may not be collected"),
    "no article": (MEDIATION, 'source = "司法部令第75号 art 33"', 'source = "惯例"', "name the article"),
    "extension not granted": (
        MEDIATION,
        'does = [{ extend = "finish.by_consent" }]\n',
        "",
        "no step grants this extension",
    ),
    "until and within": (
        MEDIATION,
        'until = "perform_by"\n',
        'until = "perform_by"\nwithin = "3 d"\n',
        "with 'until' there is no within",
    ),
    "two beginnings": (
        MEDIATION,
        'since = "effective_on"\n',
        'since = "effective_on"\nsince_opening = true\n',
        "contradict",
    ),
    "a clock that cannot be due": (
        APPLICATION,
        '[clocks.decide]\n',
        ('[clocks.never]\nlabels = { zh = "甲", en = "a" }\nstarts = ["supplement"]\nstops = ["submitted", "withdrawn", "lapsed"]\n'
        'within = "40 d"\ncalendar = "cn-statutory"\nwarn = 0.5\nladder = []\nsource = "unverified"\n[clocks.decide]\n'),
        "can never be due",
    ),
    "a need that is never met": (MEDIATION, 'does = [{ open = "judicial_confirmation"', 'does = [{ open = "whistle_task"', "brings about"),
    "a step that needs itself": (WHISTLE, 'most = 1\nnotify', 'most = 1\nneeds = [{ taken = "refuse" }]\nnotify', "needs itself"),
    "nobody at all": (WHISTLE, 'by = ["caller"]', 'by = ["clock"]', "only a clock"),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(PLANTED))
def test_each_planted_defect_is_found(name: str) -> None:
    body, before, after, said = PLANTED[name]
    assert before in body
    assert said in errors(body.replace(before, after, 1))


BROKEN = {
    "field": ('phone = "other_phone"', 'phone = "their_phone"', "there is no field 'their_phone'"),
    "role": ('consent = ["applicant", "respondent"], says', 'consent = ["applicant", "nobody"], says', "not declared"),
    "office": ('"officer@station"', '"officer@moon"', "kinds of unit"),
    "condition": ("minor == true", "minor == open('/etc')", "not part of the language"),
    "clock": ('{ clock = "confirm_window"', '{ clock = "window"', "not declared"),
    "paper": ('issue = "agreement"', 'issue = "treaty"', "not declared"),
    "extension": ('extend = "finish.by_consent"', 'extend = "finish.for_ever"', "not declared"),
    "since": ('since = "effective_on"', 'since = "topic"', "must be a kept, not personal field"),
    "group": ('group = "facts"', 'group = "fancy"', "no group"),
    "need": ('{ present = ["mediator"] }', '{ luck = ["mediator"] }', "exactly one of"),
    "number": ("人调字第{n}号", "人调字第{m}号", "must contain {n}"),
}


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_each_name_that_leads_nowhere_is_refused_with_its_line(name: str) -> None:
    before, after, said = BROKEN[name]
    assert before in MEDIATION
    with pytest.raises(DeclarationError) as caught:
        load.procedure(MEDIATION.replace(before, after), "mediation.toml")
    lines = [p.said("en") for p in caught.value.problems]
    assert any(said in line and line.startswith("mediation.toml:") for line in lines), lines


values = st.dictionaries(
    st.sampled_from("abc"), st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.text(max_size=3))
)


@given(values)
def test_conditions_never_fail_and_agree_with_python(held: dict[str, object]) -> None:
    assert parse("a == b").holds(held) == (held.get("a") == held.get("b"))
    assert parse("not a == b").holds(held) == (held.get("a") != held.get("b"))
    assert parse("a in ('x', 1) or b == true").holds(held) in (True, False)
    one, other = held.get("a"), held.get("b")
    if type(one) is int and type(other) is int:
        assert parse("a < b").holds(held) == (one < other)
        assert parse("a >= b").holds(held) == (one >= other)


@pytest.mark.parametrize(
    "text",
    [
        "a.b == 1",
        "f(a)",
        "a[0]",
        "lambda: 1",
        "a if b else c",
        "a == 1; b",
        "__import__('os')",
        "a + 1 == 2",
        "a < b < c",
        "",
        "'x' * 9",
    ],
)
def test_what_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(ConditionError):
        parse(text)
