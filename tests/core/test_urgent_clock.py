"""A danger in a category of days has the urgent deadline that the procedure declares; a shorter one stays."""

from linli.core.beginning import term_of
from linli.procedures.categories import shipped
from linli.procedures.load import procedure
from linli.procedures.load import shipped as bodies

REQUEST = procedure(bodies("procedures")["request"], "request")


def test_an_urgent_matter_is_finished_within_what_is_declared() -> None:
    rule = REQUEST.clocks["complete"]
    assert rule.urgent is not None
    for category in shipped().by_code.values():
        usual = term_of(rule, category.terms())
        urgent = term_of(rule, category.terms(), urgent=True)
        assert usual is not None
        assert urgent is not None
        assert str(urgent.span) in {"1 h", str(usual.span)}
        assert urgent.span.unit.value in ("minute", "hour")


def test_other_clocks_stay() -> None:
    terms = shipped().by_code["civil.relief.minimum"].terms()
    for name in ("respond", "silence"):
        rule = REQUEST.clocks[name]
        assert term_of(rule, terms, urgent=True) == term_of(rule, terms)
