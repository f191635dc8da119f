"""Every refusal Linli gives, in words that say what to do next.

A refusal is a value: pages show its words, the API turns it into problem details, Open311 into its own error format.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from linli.core.refusal_words import WORDS
from linli.core.words import Words


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something may not be done: a code from the table, its parameters, and the form field it is about, if any."""

    code: str
    params: Mapping[str, object] = field(default_factory=dict)
    about: str = ""
    said_by: Words | None = None

    def __post_init__(self) -> None:
        if self.code not in WORDS and self.said_by is None:
            raise KeyError(f"no words for refusal {self.code!r}: add them to core/refusals.toml")
        object.__setattr__(self, "params", MappingProxyType(dict(self.params)))

    @property
    def status(self) -> int:
        """The HTTP status that fits."""
        return WORDS[self.code][0] if self.code in WORDS else 409

    @property
    def words(self) -> Words:
        """The message in both languages, filled in."""
        text = self.said_by or WORDS[self.code][1]
        return text.filled(self.params)


class Refused(Exception):
    """Raised by verbs; carries the refusal to whoever must show it."""

    def __init__(self, code: str | Refusal, /, *, about: str = "", **params: object) -> None:
        self.refusal = code if isinstance(code, Refusal) else Refusal(code, params, about)
        super().__init__(self.refusal.words.en)
