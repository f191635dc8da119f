"""Indicators as declarations: ``data/*.toml`` → ``Indicator``. What may be counted is a small closed vocabulary."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Final

from linli.core.words import Words
from linli.procedures.reader import Reader

# What counts as a case, and what may be asked of one; each name is one SQL expression in cases.py.
BASES: Final = frozenset({"clock", "word"})
RULES: Final = frozenset({"respond", "complete"})
WORDS_SAID: Final = frozenset({"solved", "not_solved", "silence"})
PREDICATES: Final = frozenset({"decided", "in_time", "answered", "said_solved", "rated", "rating_at_least"})
REASONS: Final = frozenset({"merged", "withdrawn", "test", "set_aside", "undone", "silent", "unrated"})
ORDER: Final = ("response", "completion", "resolution", "satisfaction")
_TOP = (
    *("id", "version", "labels", "formula", "source", "of", "rule", "steps"),
    *("denominator", "numerator", "least", "exclusions"),
)


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Why a case is left out; the first that fits counts."""

    id: str
    labels: Words


@dataclass(frozen=True, slots=True)
class Indicator:
    """A versioned formula. *of*: ``clock`` (cycles of the clock *rule*) or ``word`` (a resident's word: *steps*)."""

    id: str
    version: int
    labels: Words
    formula: Words
    source: str
    of: str
    rule: str
    steps: tuple[str, ...]
    denominator: tuple[str, ...]
    numerator: tuple[str, ...]
    least: int
    exclusions: tuple[Exclusion, ...]

    def exclusion(self, ident: str) -> Exclusion | None:
        return next((e for e in self.exclusions if e.id == ident), None)


def load(body: str, where: str) -> Indicator:
    """Read one declaration. DeclarationError, with every problem, when anything is wrong."""
    read = Reader(body, where)
    data = read.data
    read.only(data, "", _TOP)
    of = read.one(data, "", "of", BASES)
    rule = read.one(data, "", "rule", RULES) if of == "clock" else ""
    steps = read.strings(data, "", "steps", WORDS_SAID, required=True) if of == "word" else ()
    denominator = read.strings(data, "", "denominator", PREDICATES, required=True)
    numerator = read.strings(data, "", "numerator", PREDICATES, required=True)
    given = data.get("exclusions", [])
    if not isinstance(given, list) or not all(isinstance(e, dict) for e in given):
        read.wrong("exclusions", "写作 [[exclusions]]", "write [[exclusions]]")
        given = []
    exclusions = []
    for n, entry in enumerate(given):
        path = f"exclusions.{n}"
        read.only(entry, path, ("id", "labels"))
        exclusions.append(Exclusion(read.one(entry, path, "id", REASONS), read.words(entry, path, "labels")))
    if len({e.id for e in exclusions}) < len(exclusions):
        read.wrong("exclusions", "同一种排除情形写了两次", "an exclusion stands twice")
    made = Indicator(
        read.ident(read.text(data, "", "id", required=True), "id"),
        read.whole(data, "", "version", 1, 1_000_000),
        read.words(data, "", "labels"),
        read.words(data, "", "formula"),
        read.text(data, "", "source", required=True),
        of,
        rule,
        steps,
        denominator,
        numerator,
        read.whole(data, "", "least", 1, 5, 4),
        tuple(exclusions),
    )
    read.done()
    return made


@cache
def indicators() -> Mapping[str, Indicator]:
    """The indicators that come with Linli, by id, in the order in which they are shown; read once per process."""
    folder = resources.files("linli.indicators") / "data"
    files = [entry for entry in folder.iterdir() if entry.name.endswith(".toml")]
    found = {made.id: made for made in (load(entry.read_text("utf-8"), entry.name) for entry in files)}
    ranked = sorted(found, key=lambda ident: (ORDER.index(ident) if ident in ORDER else len(ORDER), ident))
    return MappingProxyType({ident: found[ident] for ident in ranked})
