"""Who gets a matter: declared rules over category, place, time and kind; explainable, aware of load and absence."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from linli.core.words import Words

LEVELS: tuple[tuple[str, int, Words], ...] = (
    ("grid", 15, Words("网格", "grid")),
    ("village", 12, Words("村（社区）", "village or community")),
    ("township", 9, Words("乡镇（街道）", "township")),
    ("county", 6, Words("县（市、区）", "county")),
    ("city", 4, Words("市", "city")),
)
_LENGTH = {name: length for name, length, _ in LEVELS}
_WORDS = {name: words for name, _, words in LEVELS}
_ORDER = [name for name, _, _ in LEVELS]

CENTRE = ("centre_lead", "dispatcher", "operator")
# Roles that handle matters: nothing is given to an administrator.
HANDLERS = frozenset({"grid_worker", "operator", "dispatcher", "centre_lead", "officer", "unit_lead"})


def level_words(level: str) -> Words:
    return _WORDS[level]


def level_of_area(area: str) -> str:
    """The level of an area by its length; an unknown place ("") counts as the city."""
    return next((name for name, length, _ in LEVELS if len(area) >= length), "city")


def above(level: str) -> str | None:
    """The next level up, or None at the top."""
    at = _ORDER.index(level) + 1
    return _ORDER[at] if at < len(_ORDER) else None


def higher(level: str, than: str) -> bool:
    """Whether *level* lies above *than*."""
    return _ORDER.index(level) > _ORDER.index(than)


def at_level(area: str, level: str) -> str:
    """The area that contains *area* at *level* (or *area* itself when it is wider than that)."""
    return area[: _LENGTH[level]]


@dataclass(frozen=True, slots=True)
class Seat:
    """A post as routing sees it. *away* lists (from, to) absences; *load* is the number of open matters held."""

    post: UUID
    person: UUID
    name: str
    unit: UUID
    unit_name: str
    unit_level: str
    tag: str
    role: str
    area: str
    duties: tuple[str, ...] = ()
    away: tuple[tuple[datetime, datetime], ...] = ()
    unit_kind: str = ""

    def absent(self, at: datetime) -> bool:
        return any(start <= at < end for start, end in self.away)

    def serves(self, category: str, duty: str) -> bool:
        """Whether the unit's duties cover the category, by declared prefix or by its field of duty."""
        return (duty != "" and self.tag == duty) or any(
            category == d or category.startswith(d + ".") for d in self.duties
        )


@dataclass(frozen=True, slots=True)
class RouteRule:
    """One declared rule; the first whose conditions hold and that finds somebody wins."""

    id: str
    labels: Words
    roles: tuple[str, ...]
    level: str
    categories: tuple[str, ...] = ()
    duties: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    urgent: bool | None = None
    sure: bool | None = None
    quick: bool | None = None
    hours: tuple[time, time] | None = None
    weekdays: tuple[int, ...] = ()
    by_duty: bool = False
    below: bool = False  # seats anywhere under the area at *level*, not only at it


@dataclass(frozen=True, slots=True)
class Ask:
    """What routing is asked: a matter's category, its field of duty, place, level, kind and the instant."""

    category: str
    duty: str
    area: str
    at: datetime
    kind: str = "request"
    urgent: bool = False
    sure: bool = True
    level: str = ""
    avoid: frozenset[UUID] = frozenset()
    quick: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """Who was found (or nobody) and why, in words a person can read."""

    seat: Seat | None
    rule: str
    reasons: tuple[Words, ...]

    def level(self, ask: Ask) -> str:
        """The level that is responsible now: that of who was found, else the one that was asked for."""
        return level_of_area(self.seat.area) if self.seat is not None else ask.level or level_of_area(ask.area)


@dataclass(slots=True)
class Roster:
    """All current posts, indexed by role and area, with the rules in order. *load* may be refreshed in place.

    *home* is the area that all posts lie in: a matter whose place is not known counts as lying there.
    """

    rules: Sequence[RouteRule]
    zone: ZoneInfo
    seats: Mapping[UUID, Seat] = field(default_factory=dict)
    load: dict[UUID, int] = field(default_factory=dict)
    home: str = ""
    _index: dict[tuple[str, str], list[Seat]] = field(default_factory=dict)
    _below: dict[tuple[str, str], list[Seat]] = field(default_factory=dict)

    @classmethod
    def build(
        cls, seats: Iterable[Seat], rules: Sequence[RouteRule], zone: ZoneInfo, load: Mapping[UUID, int]
    ) -> "Roster":
        roster = cls(rules=rules, zone=zone, load=dict(load))
        roster.seats = {seat.post: seat for seat in seats}
        for seat in roster.seats.values():
            roster._index.setdefault((seat.role, seat.area), []).append(seat)
            for length in _LENGTH.values():
                if len(seat.area) >= length:
                    roster._below.setdefault((seat.role, seat.area[:length]), []).append(seat)
        areas = [seat.area for seat in roster.seats.values() if seat.area]
        first, last = min(areas, default=""), max(areas, default="")
        roster.home = next((first[:n] for n in _LENGTH.values() if len(first) >= n and last.startswith(first[:n])), "")
        return roster

    def at(self, role: str, area: str) -> list[Seat]:
        return self._index.get((role, area), [])

    def listeners(self, area: str, level: str, at: datetime) -> tuple[list[Seat], str]:
        """Who at the centres hears of a matter that hangs at *level*, and the level at which they sit.

        Those present at the level itself, else at the next one up that has anybody present. With nobody present
        anywhere: the nearest who are away (it waits for their return), and "" as the level.
        """
        away: list[Seat] = []
        place = area if len(area) >= len(self.home) else self.home
        upper: str | None = level
        while upper is not None:
            inside = at_level(place, upper)
            seats = [s for r in CENTRE for s in self.at(r, inside)] if len(inside) == _LENGTH[upper] else []
            present = [s for s in seats if not s.absent(at)]
            if present:
                return present, upper
            away = away or seats
            upper = above(upper)
        return away, ""

    def route(self, ask: Ask) -> Choice:
        """The first rule that fits and finds somebody; else the centres from the place upwards; else nobody."""
        for rule in self.rules:
            if _fits(rule, ask, self.zone):
                choice = self._by_rule(rule, ask)
                if choice is not None:
                    return choice
        return self.at_centre(ask, ask.level or level_of_area(self._place(ask)))

    def _place(self, ask: Ask) -> str:
        return ask.area if len(ask.area) >= len(self.home) else self.home

    def at_centre(self, ask: Ask, level: str | None) -> Choice:
        """Somebody in the governance centre of *level*, or of the next level up that has anybody."""
        while level is not None:
            area = at_level(self._place(ask), level)
            if len(area) == _LENGTH[level]:
                for roles in (("dispatcher", "operator"), ("centre_lead",)):
                    seat, count = self._lightest([s for r in roles for s in self.at(r, area)], ask)
                    if seat is not None:
                        return Choice(
                            seat,
                            f"centre:{level}",
                            _why(Words("由本级综治中心受理", "taken by the governance centre"), seat, count, level),
                        )
            level = above(level)
        return Choice(
            None, "nobody", (Words("没有在岗人员，请调度员安排", "nobody is on duty; a dispatcher must arrange it"),)
        )

    def nearest(self, kind: str, roles: Sequence[str], ask: Ask) -> Choice:
        """Somebody in one of *roles* at the nearest unit of *kind* from the place upwards, with the fewest matters."""
        place = self._place(ask)
        for length in _LENGTH.values():
            if len(place) < length:
                continue
            there = [s for r in roles for s in self.at(r, place[:length]) if s.unit_kind == kind]
            seat, count = self._lightest(there, ask)
            if seat is not None:
                words = Words("由最近的同类单位承办", "taken by the nearest unit of its kind")
                return Choice(seat, f"nearest:{kind}", _why(words, seat, count, level_of_area(seat.area)))
        none = Words(
            "附近没有可承办的单位在岗，请调度员安排", "no unit of this kind is on duty; a dispatcher must arrange it"
        )
        return Choice(None, "nobody", (none,))

    def at_unit(self, unit: UUID, roles: Sequence[str], ask: Ask) -> Choice:
        """Somebody in one of *roles* at one unit, with the fewest matters."""
        seat, count = self._lightest([s for s in self.seats.values() if s.unit == unit and s.role in roles], ask)
        if seat is None:
            return Choice(None, "nobody", (Words("该单位没有人在岗", "nobody of that unit is on duty"),))
        return Choice(
            seat, "named", _why(Words("点名的单位", "the unit that was named"), seat, count, level_of_area(seat.area))
        )

    def _by_rule(self, rule: RouteRule, ask: Ask) -> Choice | None:
        area = at_level(self._place(ask), rule.level)
        if len(area) != _LENGTH[rule.level]:
            return None
        index = self._below if rule.below else self._index
        found = [s for role in rule.roles for s in index.get((role, area), ())]
        if rule.by_duty:
            found = [s for s in found if s.serves(ask.category, ask.duty)]
        seat, count = self._lightest(found, ask)
        return None if seat is None else Choice(seat, rule.id, _why(rule.labels, seat, count, rule.level))

    def _lightest(self, seats: Sequence[Seat], ask: Ask) -> tuple[Seat | None, int]:
        free = [s for s in seats if s.post not in ask.avoid and not s.absent(ask.at)]
        if not free:
            return None, 0
        return min(free, key=lambda s: (self.load.get(s.post, 0), s.post)), len(free)


def _fits(rule: RouteRule, ask: Ask, zone: ZoneInfo) -> bool:
    flags = ((rule.urgent, ask.urgent), (rule.sure, ask.sure), (rule.quick, ask.quick))
    if any(wanted not in (None, given) for wanted, given in flags):
        return False
    if (rule.kinds and ask.kind not in rule.kinds) or (rule.duties and ask.duty not in rule.duties):
        return False
    if rule.categories and not any(ask.category == c or ask.category.startswith(c + ".") for c in rule.categories):
        return False
    if rule.areas and not ask.area.startswith(rule.areas):
        return False
    return _in_time(rule, ask.at, zone)


def _in_time(rule: RouteRule, at: datetime, zone: ZoneInfo) -> bool:
    if not rule.hours and not rule.weekdays:
        return True
    local = at.astimezone(zone)
    if rule.weekdays and local.isoweekday() not in rule.weekdays:
        return False
    if rule.hours:
        start, end = rule.hours
        clock = local.time()
        return start <= clock < end if start < end else clock >= start or clock < end
    return True


def _why(rule: Words, seat: Seat, count: int, level: str) -> tuple[Words, ...]:
    where = _WORDS[level]
    named = f"{seat.unit_name} {seat.name}".strip()
    found = Words(f"{where.zh}一级只有{named}可派", f"{named} is the only one to ask at {where.en} level")
    if count > 1:
        found = Words(
            f"{where.zh}一级有{count}人可派，{named}手头事项最少",
            f"{count} could be asked at {where.en} level; {named} holds the fewest matters",
        )
    return Words(f"规则：{rule.zh}", f"Rule: {rule.en}"), found
