"""Spans of time as a declaration writes them: ``5 min``, ``2 working_h``, ``15 working_d``, ``1 month``."""

import re
from dataclasses import dataclass
from enum import StrEnum

from linli.core.words import Words


class Unit(StrEnum):
    """What a span is counted in: minutes and hours never stop, ``working_*`` follow a calendar."""

    MINUTE = "minute"
    HOUR = "hour"
    WORKING_MINUTE = "working_minute"
    WORKING_HOUR = "working_hour"
    DAY = "day"
    WORKING_DAY = "working_day"
    MONTH = "month"
    YEAR = "year"


SECONDS: dict[Unit, int] = {Unit.MINUTE: 60, Unit.HOUR: 3600, Unit.WORKING_MINUTE: 60, Unit.WORKING_HOUR: 3600}
"""Length in seconds of the units that are measured; the other units are counted in days."""

_WRITTEN: dict[Unit, tuple[str, ...]] = {
    Unit.MINUTE: ("min", "minute", "minutes"),
    Unit.HOUR: ("h", "hour", "hours"),
    Unit.WORKING_MINUTE: ("working_min", "working_minute", "working_minutes"),
    Unit.WORKING_HOUR: ("working_h", "working_hour", "working_hours"),
    Unit.DAY: ("d", "day", "days"),
    Unit.WORKING_DAY: ("working_d", "working_day", "working_days"),
    Unit.MONTH: ("month", "months"),
    Unit.YEAR: ("year", "years"),
}
_UNIT_OF = {word: unit for unit, words in _WRITTEN.items() for word in words}
_NAMES = {
    Unit.MINUTE: Words("分钟", "minute"),
    Unit.HOUR: Words("小时", "hour"),
    Unit.WORKING_MINUTE: Words("个工作分钟", "working minute"),
    Unit.WORKING_HOUR: Words("个工作小时", "working hour"),
    Unit.DAY: Words("日", "day"),
    Unit.WORKING_DAY: Words("个工作日", "working day"),
    Unit.MONTH: Words("个月", "month"),
    Unit.YEAR: Words("年", "year"),
}
CHOICES: tuple[tuple[str, Words], ...] = tuple(
    (_WRITTEN[unit][0], Words(name.zh.removeprefix("个"), name.en + "s")) for unit, name in _NAMES.items()
)
"""Units as a form offers them: (as written, in words)."""
_FORM = re.compile(r"([0-9]{1,6}) ?([a-z_]+)")
_LARGEST = {Unit.MONTH: 1_200, Unit.YEAR: 100}  # more is a slip of the pen
_LARGEST_OF_OTHERS = 100_000


@dataclass(frozen=True, slots=True)
class Span:
    """An amount of a unit: 1 to 100,000, at most 1,200 months and 100 years."""

    amount: int
    unit: Unit

    def __post_init__(self) -> None:
        largest = _LARGEST.get(self.unit, _LARGEST_OF_OTHERS)
        if not 1 <= self.amount <= largest:
            raise ValueError(f"{self.amount} {self.unit}: a span is 1 to {largest:,} of that unit long")

    @classmethod
    def parse(cls, text: str) -> "Span":
        """Read ``5 min``; ValueError names every form that may be written."""
        match = _FORM.fullmatch(text.strip()) if isinstance(text, str) else None
        unit = _UNIT_OF.get(match[2]) if match else None
        if match is None or unit is None:
            forms = ", ".join(f"5 {words[0]}" for words in _WRITTEN.values())
            raise ValueError(f"{text!r} is not a span of time; write a whole number and a unit: {forms}")
        return cls(int(match[1]), unit)

    def said(self, language: str) -> str:
        """For people: ``15个工作日`` or ``15 working days``."""
        name = _NAMES[self.unit].said(language)
        if not language.startswith("en"):
            return f"{self.amount}{name}"
        return f"{self.amount} {name}" if self.amount == 1 else f"{self.amount} {name}s"

    def __str__(self) -> str:
        """The shortest written form; ``Span.parse(str(span)) == span``."""
        return f"{self.amount} {_WRITTEN[self.unit][0]}"
