"""What was found, said to a person: full names, and the one question that would settle it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from linli.core.words import Words
from linli.understanding.gazetteer_mentions import Mention
from linli.understanding.reading import PlaceGuess

SURE: Final = 0.6
"""From here on a single place counts as known."""
_LENGTHS: Final = (4, 6, 9, 12, 15)


@dataclass(frozen=True, slots=True)
class Found:
    """Candidates, best first. ``question``: what to ask back, its choices are the candidates. ``outside``: why the
    place is not in this city."""

    guesses: tuple[PlaceGuess, ...] = ()
    question: Words | None = None
    outside: Words | None = None

    @property
    def sure(self) -> PlaceGuess | None:
        """The place, where there is exactly one and it is known well enough."""
        return self.guesses[0] if len(self.guesses) == 1 and self.guesses[0].confidence >= SURE else None


class Namer:
    """Names by area."""

    __slots__ = ("_names",)

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names

    def name(self, area: str) -> str:
        """The official name, or the code where none is known."""
        return self._names.get(area, area)

    def full(self, area: str) -> str:
        """The names from the county down, written together: 五通桥区金山镇红星村村委会."""
        parts = [self._names.get(area[:length], "") for length in _LENGTHS[1:] if length <= len(area)]
        lower = [*parts[1:], ""]
        text = "".join(part for part, below in zip(parts, lower, strict=True) if not (part and below.startswith(part)))
        return text or self.name(area)


def asked(guesses: tuple[PlaceGuess, ...], wanted: Sequence[Mention], namer: Namer) -> Found:
    """The candidates with a question, where one answer would settle it."""
    if not guesses or (len(guesses) == 1 and guesses[0].confidence >= SURE):
        return Found(guesses)
    if len(guesses) == 1:
        return Found(guesses, confirm(guesses[0], namer))
    words = list(dict.fromkeys(mention.word for mention in wanted))
    if len(words) == 1:
        question = Words(
            f"叫“{words[0]}”的地方有{len(guesses)}处，您说的是哪一处？",
            f'There are {len(guesses)} places called "{words[0]}". Which one do you mean?',
        )
    else:
        listed, english = "、".join(f"“{word}”" for word in words), ", ".join(f'"{word}"' for word in words)
        question = Words(f"您提到了{listed}，问题出在哪一处？", f"You mention {english}. Which one is this about?")
    return Found(guesses, question)


def confirm(guess: PlaceGuess, namer: Namer) -> Words:
    """The question whether a single place is meant."""
    name = namer.full(guess.area)
    return Words(f"您说的地方是{name}吗？", f"Do you mean {name}?")


def outside(mention: Mention) -> Found:
    """The text names a place of another city and none of this one."""
    name = mention.entries[0].name
    why = Words(
        f"文中提到的“{mention.word}”不在本市；如果事情发生在本市，请补充地点",
        f'"{mention.word}" ({name}) is not in this city; if it happened here, please say where',
    )
    return Found((), None, why)
