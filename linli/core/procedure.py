"""A procedure: the declaration of a type of matter, frozen. It names stages, steps and clocks; it decides nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from linli.core.conditions import Condition
from linli.core.language import Act, Extension, Move, Need, OpeningRule, Paper, Part, Retention
from linli.core.spans import Span, Unit
from linli.core.words import NO_WORDS, Words

HOURLY: Final = frozenset({Unit.MINUTE, Unit.HOUR, Unit.WORKING_MINUTE, Unit.WORKING_HOUR})

FIELD_TYPES: Final = frozenset(
    {"text", "long_text", "choice", "choices", "flag", "number", "money", "rating", "date", "instant"}
    | {"phone", "identity", "credit_code", "email", "signature"}
    | {"post", "unit", "area", "category", "matter", "participant"}
)

# What a step may do besides moving the stage: closed, so that a declaration can be read and drawn.
EFFECTS: Final = frozenset(
    {
        "claim",  # the actor becomes the holder
        "assign",  # the post named in the form becomes the holder
        "route",  # routing finds the holder for category, place and time; the form's `keep` leaves the present one
        "level_up",  # the level above becomes responsible and routing finds the holder there
        "set_category",
        "set_area",
        "set_kind",  # request, dispute, question…: routing may go by it; help in danger makes it urgent
        "set_urgent",
        "reopen",  # counts a reopening
        "rate",
        "close",  # the matter ends with the step's outcome
        "unclose",
        "pause",  # the clocks named by the pause reason stand still
        "resume",
        "restart_clocks",  # spans are taken anew from the category; what has run counts
    }
)

# What a clock's ladder may do when a deadline has passed.
RUNGS: Final = frozenset({"next_person", "level_up", "oversee_up", "remind"})

# Guards: what must be true of the matter; each has its unmet message among the refusals.
GUARDS: Final = frozenset({"no_open_children", "unclaimed"})

# Relations to a matter that are not posts.
RELATIONS: Final = frozenset({"resident", "holder", "holder_unit", "candidate", "clock", "system"})


@dataclass(frozen=True, slots=True)
class Field:
    """One thing a step asks for. *personal* names the class of personal data ("" when none).

    *when*: asked for only then. *keep*: the answer stays as the matter's value; otherwise only in the history.
    """

    id: str
    type: str
    labels: Words
    help: Words = NO_WORDS
    required: bool = False
    limit: int = 200
    choices: tuple[tuple[str, Words], ...] = ()
    personal: str = ""
    purpose: Words = NO_WORDS
    retention: str = ""
    basis: str = ""
    group: str = ""
    when: Condition | None = None
    keep: bool = True


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a matter can stand. *kind*: open, waiting (for the resident) or done."""

    id: str
    labels: Words
    kind: str = "open"


@dataclass(frozen=True, slots=True)
class Step:
    """What someone may do. *to* "" keeps the stage; *by* lists roles and relations; nobody else may."""

    id: str
    labels: Words
    from_: tuple[str, ...]
    to: str
    by: tuple[str, ...]
    fields: tuple[Field, ...] = ()
    guards: tuple[str, ...] = ()
    effects: tuple[str, ...] = ()
    evidence: bool = False
    outcome: str = ""
    notify: tuple[str, ...] = ()
    tells: Words = NO_WORDS  # the line the resident reads in the history; "" = not shown to the resident
    files: bool = False  # may carry photos or files without needing them
    needs: tuple[Need, ...] = ()
    does: tuple[Act, ...] = ()
    most: int = 0  # how often it may be taken; 0: as often as one likes

    def field(self, ident: str) -> Field | None:
        return next((f for f in self.fields if f.id == ident), None)


@dataclass(frozen=True, slots=True)
class ClockRule:
    """A clock of the procedure.

    *within* None: the category's own span of the same name (``respond``, ``complete``) counts.
    It starts on entering one of *starts* and stops on entering one of *stops*. *warn* is the share of the time
    after which it turns yellow. After the breach the *ladder* is climbed, one rung each *every*.
    *lapse*: the step that the clock takes at its end instead of turning red (silence closes).
    """

    id: str
    labels: Words
    starts: tuple[str, ...]
    stops: tuple[str, ...]
    within: Span | None
    calendar: str
    warn: float
    ladder: tuple[str, ...]
    every: Span | None
    source: str
    lapse: str = ""
    since_opening: bool = False
    public: bool = True
    since: str = ""  # the field from whose day or instant it counts
    until: str = ""  # the field whose instant is its end, whatever the span
    warn_before: Span | None = None
    verified: bool = True
    extensions: Mapping[str, Extension] = field(default_factory=lambda: MappingProxyType({}))
    urgent: Span | None = None  # what it is at most while the matter is urgent, round the clock


@dataclass(frozen=True, slots=True)
class PauseReason:
    """A declared reason for which clocks may stand still. *source*: the article that lets them."""

    id: str
    labels: Words
    clocks: tuple[str, ...]
    source: str = ""


@dataclass(frozen=True, slots=True)
class Procedure:
    """The whole declaration; a matter is pinned to *id* and *version*."""

    id: str
    version: int
    labels: Words
    source: str
    first: str
    unsure: str
    stages: Mapping[str, Stage]
    steps: Mapping[str, Step]
    clocks: Mapping[str, ClockRule]
    pauses: Mapping[str, PauseReason] = field(default_factory=lambda: MappingProxyType({}))
    opening: OpeningRule | None = None
    opening_step: Step | None = None  # the opening's form, as a step nobody can take twice
    parts: Mapping[str, Part] = field(default_factory=lambda: MappingProxyType({}))
    groups: Mapping[str, Words] = field(default_factory=lambda: MappingProxyType({}))
    papers: Mapping[str, Paper] = field(default_factory=lambda: MappingProxyType({}))
    retention: Retention | None = None
    publicity: str = "none"
    seal: str = ""
    moves: Mapping[int, Move] = field(default_factory=lambda: MappingProxyType({}))
    systems: tuple[str, ...] = ()

    @property
    def fields(self) -> Mapping[str, Field]:
        """Every field of the procedure by id; the opening's and the first step's declaration of it count."""
        steps = ([self.opening_step] if self.opening_step else []) + list(self.steps.values())
        return {f.id: f for step in reversed(steps) for f in reversed(step.fields)}

    def starting(self, stage: str) -> tuple[ClockRule, ...]:
        """Clocks that begin when *stage* is entered."""
        return tuple(c for c in self.clocks.values() if stage in c.starts)

    def steps_from(self, stage: str) -> tuple[Step, ...]:
        """Steps that may be taken at *stage*."""
        return tuple(s for s in self.steps.values() if stage in s.from_)


@dataclass(frozen=True, slots=True)
class Term:
    """A category's own deadline: how long, on which calendar, and where that is written."""

    span: Span
    calendar: str
    source: str


@dataclass(frozen=True, slots=True)
class Terms:
    """What a category asks of the procedure: its deadlines by clock name, and the evidence of completion."""

    category: str
    labels: Words
    deadlines: Mapping[str, Term]
    evidence: tuple[str, ...]
    duty: str
    urgent: bool = False

    @property
    def quick(self) -> bool:
        """Whether it is a matter of hours, not days: what a grid worker does first."""
        term = self.deadlines.get("complete")
        return term is not None and term.span.unit in HOURLY
