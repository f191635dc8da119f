"""The parts of a declaration beyond stages and steps: who takes part, what is needed and done, papers, extensions.

Every vocabulary is closed: a declaration can be read, drawn, checked and trusted. Deciding is done elsewhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from linli.core.conditions import Condition
from linli.core.spans import Span
from linli.core.words import NO_WORDS, Words

# What must be true besides stage and role. The value says of what.
NEEDS: Final = frozenset(
    {
        "consent",  # everybody in these roles has agreed, at least one in each
        "present",  # as many as declared take part in these roles
        "when",  # a condition over what is known and what is being filled in
        "clock",  # this clock still runs, in time
        "past",  # this clock's time is over
        "issued",  # this document was issued
        "child",  # a sub-matter of this procedure ended with one of these outcomes
        "no_child",  # no sub-matter of this procedure was opened
        "taken",  # this step was taken before
        "other",  # somebody else took this step: four eyes
    }
)

# What a step does to people, papers, clocks and other matters.
ACTS: Final = frozenset(
    {
        "join",  # somebody takes part in a role
        "leave",  # the named or the acting participant leaves
        "bar",  # recusal: leaves, and neither handles nor sees it from now on
        "ask",  # people in these roles are asked for their consent
        "consent",  # the acting participant agrees
        "withdraw",  # the acting participant takes their consent back
        "open",  # a sub-matter begins
        "link",  # another matter is named as belonging to it
        "transfer",  # the nearest unit of a kind takes over
        "appoint",  # a session at an instant and place
        "issue",  # a document gets its number
        "start",  # a clock begins
        "stop",  # a clock ends
        "extend",  # a clock gets more time, as declared
        "set",  # a field gets a value
        "seal",  # only holder and participants see it from now on
        "unseal",
    }
)

KINDS: Final = frozenset({"contact", "post", "unit"})
SEALS: Final = frozenset({"", "case", "minors", "counselling", "care", "parties"})
PUBLICITY: Final = frozenset({"none", "outline", "result"})
HOLDERS: Final = frozenset({"opener", "route", "nearest", "named"})  # named: the unit that a field names
COUNTED: Final = frozenset({"city", "county", "township", "unit"})


def _empty() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Need:
    """One need of a step. *of*: roles, a step, a clock, a document or a procedure; *says*: the unmet message."""

    kind: str
    of: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    when: Condition | None = None
    says: Words = NO_WORDS


@dataclass(frozen=True, slots=True)
class Act:
    """One thing a step does. *of*: what it is done to; *with_*: which field gives what; *when*: only then."""

    kind: str
    of: tuple[str, ...] = ()
    with_: Mapping[str, str] = field(default_factory=_empty)
    when: Condition | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A role that people have in a matter. *kind*: contact (a link of their own), post or unit.

    *consents*: they are asked, and may withdraw at any time. *barred*: who is complained about; they neither hold nor
    see it.
    """

    id: str
    labels: Words
    kind: str
    least: int = 0
    most: int = 1
    consents: bool = False
    barred: bool = False


@dataclass(frozen=True, slots=True)
class Extension:
    """More time for a clock: *adds* each time, *most* times, only after the extension *after*."""

    id: str
    labels: Words
    adds: Span
    most: int
    source: str
    after: str = ""


@dataclass(frozen=True, slots=True)
class Paper:
    """A document of the procedure. *number* is a form such as ``（{year}）{short}人调字第{n}号``, by county."""

    id: str
    labels: Words
    template: str
    number: str = ""
    per: str = "county"
    signed: tuple[str, ...] = ()
    public: bool = False


@dataclass(frozen=True, slots=True)
class OpeningRule:
    """How a matter begins by hand. *by*: who may; *from_*: procedures whose steps open it; *as_*: the opener's role."""

    by: tuple[str, ...]
    from_: tuple[str, ...]
    holder: str
    unit: str
    roles: tuple[str, ...]
    as_: str
    statement: str
    labels: Words
    help: Words = NO_WORDS


@dataclass(frozen=True, slots=True)
class Retention:
    """How long personal values are kept once the matter is closed, and where that is written."""

    keep: Span
    source: str


@dataclass(frozen=True, slots=True)
class Move:
    """How matters of an earlier version come to this one: old stage or clock → new."""

    stages: Mapping[str, str]
    clocks: Mapping[str, str]


# what stands of a matter


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody who takes part now. *consent*: "", asked, given or withdrawn. *opener*: they opened it."""

    id: str
    role: str
    kind: str
    name: str = ""
    post: str = ""
    unit: str = ""
    consent: str = ""
    barred: bool = False
    opener: bool = False


@dataclass(frozen=True, slots=True)
class Child:
    """A sub-matter as its parent sees it."""

    procedure: str
    outcome: str
    closed: bool


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a matter beyond its columns: values, people, children, papers, steps taken."""

    values: Mapping[str, object] = field(default_factory=_empty)
    people: tuple[Participant, ...] = ()
    children: tuple[Child, ...] = ()
    papers: frozenset[str] = frozenset()
    taken: Mapping[str, tuple[str, ...]] = field(default_factory=_empty)  # step → actors, in order
    extended: Mapping[str, int] = field(default_factory=_empty)  # "clock.extension" → how often in this cycle
    sealed: str = ""

    def of(self, role: str) -> tuple[Participant, ...]:
        """Who takes part in a role."""
        return tuple(p for p in self.people if p.role == role and not p.barred)


UNKNOWN = Known()


@dataclass(frozen=True, slots=True)
class Change:
    """Something to be written beside stage and clocks: *kind* is join, leave, bar, consent, child, link, session,
    paper, extension or seal."""

    kind: str
    data: Mapping[str, Any]
