"""What a decision sees and what it answers with. Rooms above fill the first and apply the second."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from linli.core.calendars import Calendar
from linli.core.clocks import Clock
from linli.core.language import UNKNOWN, Change, Known
from linli.core.procedure import Procedure, Terms
from linli.core.routing import Roster

NOTHING: Mapping[str, object] = MappingProxyType({})
NO_TEXTS: Mapping[str, str] = MappingProxyType({})


def _nothing() -> Mapping[str, object]:
    return NOTHING


def _no_texts() -> Mapping[str, str]:
    return NO_TEXTS


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. *kind*: person, resident, token, clock or system; *roles*: roles and relations held for this matter."""

    kind: str
    id: str
    name: str
    roles: frozenset[str]
    post: UUID | None = None
    unit: UUID | None = None


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose hands the matter is in: a post, or only a unit while nobody is on duty."""

    post: UUID | None
    unit: UUID | None
    name: str = ""
    unit_name: str = ""


NOBODY = Holder(None, None)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One matter as it stands, with the declarations and the roster that apply to it."""

    matter: UUID
    procedure: Procedure
    terms: Terms
    stage: str
    category: str
    area: str
    level: str
    kind: str
    urgent: bool
    opened_at: datetime
    holder: Holder
    reopened: int
    clocks: tuple[Clock, ...]
    calendars: Mapping[str, Calendar]
    roster: Roster
    catalogue: Mapping[str, Terms] = field(default_factory=dict)
    tried: frozenset[UUID] = frozenset()
    open_children: int = 0
    sure: bool = True
    by_hand: bool = False  # a person named the present holder
    known: Known = UNKNOWN


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the history to be written. *texts* are free text: kept apart, the line holds only their digest."""

    step: str
    data: Mapping[str, object] = field(default_factory=_nothing)
    texts: Mapping[str, str] = field(default_factory=_no_texts)


@dataclass(frozen=True, slots=True)
class Assigned:
    """A new holder, and why this one."""

    holder: Holder
    role: str
    reason: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Notice:
    """Somebody has to be told: *to* is holder, previous, level or resident."""

    to: str
    kind: str
    data: Mapping[str, object] = field(default_factory=_nothing)


@dataclass(frozen=True, slots=True)
class Decision:
    """What happens: written in one transaction, or not at all. *changes* are the matter's own columns."""

    stage: str
    entries: tuple[Entry, ...]
    clocks: tuple[Clock, ...] = ()
    assigned: Assigned | None = None
    changes: Mapping[str, object] = field(default_factory=_nothing)
    notices: tuple[Notice, ...] = ()
    fired: tuple[UUID, str, bool] | None = None
    also: tuple[Change, ...] = ()
