"""Spans: what may be written, how it is said."""

import pytest

from linli.core.spans import Span, Unit


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("5 min", Span(5, Unit.MINUTE)),
        ("1 h", Span(1, Unit.HOUR)),
        ("2 working_h", Span(2, Unit.WORKING_HOUR)),
        ("90 working_min", Span(90, Unit.WORKING_MINUTE)),
        ("30 d", Span(30, Unit.DAY)),
        ("15 working_d", Span(15, Unit.WORKING_DAY)),
        ("2 months", Span(2, Unit.MONTH)),
        ("1 year", Span(1, Unit.YEAR)),
        (" 5min ", Span(5, Unit.MINUTE)),
    ],
)
def test_parse(text: str, span: Span) -> None:
    assert Span.parse(text) == span
    assert Span.parse(str(span)) == span


@pytest.mark.parametrize("unit", list(Unit))
def test_every_unit_is_written_and_said(unit: Unit) -> None:
    span = Span(3, unit)
    assert Span.parse(str(span)) == span
    assert span.said("en").startswith("3 ")
    assert span.said("en").endswith("s")
    assert span.said("zh-hans").startswith("3")


def test_said() -> None:
    assert Span.parse("15 working_d").said("zh") == "15个工作日"
    assert Span.parse("15 working_d").said("en") == "15 working days"
    assert Span.parse("1 working_d").said("en") == "1 working day"
    assert Span.parse("5 min").said("zh-hans") == "5分钟"


@pytest.mark.parametrize(
    "text",
    ["", "5", "min", "0 min", "-5 min", "1.5 h", "5 fortnights", "５ min x", "1e3 d", "5 MIN", "9999999 d", None, 5],
)
def test_refused(text: object) -> None:
    with pytest.raises(ValueError, match=r"span|units? long"):
        Span.parse(text)  # type: ignore[arg-type]


def test_the_refusal_lists_what_may_be_written() -> None:
    with pytest.raises(ValueError, match="5 min, 5 h, 5 working_min, 5 working_h, 5 d, 5 working_d, 5 month, 5 year"):
        Span.parse("5 fortnights")


@pytest.mark.parametrize("text", ["101 years", "1201 months", "100001 d"])
def test_slips_of_the_pen(text: str) -> None:
    with pytest.raises(ValueError, match="long"):
        Span.parse(text)
