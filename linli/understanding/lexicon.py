"""Looking up many words in one pass: a dictionary of the first two characters, longest word first."""

from collections.abc import Iterable
from operator import add
from typing import Generic, NamedTuple, TypeVar

Payload = TypeVar("Payload")
_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


class Hit(NamedTuple, Generic[Payload]):
    """A word found at ``start:end`` with everything that was declared for it."""

    start: int
    end: int
    word: str
    payloads: tuple[Payload, ...]


class Lexicon(Generic[Payload]):
    """Words of two characters or more, each with one or more payloads. ASCII words match whole words only."""

    __slots__ = ("_index", "size")

    def __init__(self, entries: Iterable[tuple[str, Payload]]) -> None:
        words: dict[str, list[Payload]] = {}
        for word, payload in entries:
            if len(word) < 2:
                raise ValueError(f"a word of a lexicon has two characters or more, not {word!r}")
            words.setdefault(word, []).append(payload)
        index: dict[str, list[tuple[str, int, bool, tuple[Payload, ...]]]] = {}
        for word in sorted(words, key=len, reverse=True):
            index.setdefault(word[:2], []).append((word, len(word), word.isascii(), tuple(words[word])))
        self._index = {key: tuple(bucket) for key, bucket in index.items()}
        self.size = len(words)

    def scan(self, text: str) -> list[Hit[Payload]]:
        """The longest word at each position, without those inside an earlier one. *text* is folded (``folded``)."""
        hits: list[Hit[Payload]] = []
        last = 0
        starts = text.startswith
        for at, bucket in enumerate(map(self._index.get, map(add, text, text[1:]))):
            if bucket is None:
                continue
            for word, length, whole, payloads in bucket:
                if starts(word, at):
                    if whole and not is_whole(text, at, at + length):
                        continue
                    if at + length > last:
                        last = at + length
                        hits.append(Hit(at, last, word, payloads))
                    break
        return hits


def is_whole(text: str, start: int, end: int) -> bool:
    """Whether an ASCII stretch is a word of its own; a plural's s or es may follow."""
    if start and text[start - 1].isascii() and text[start - 1].isalnum():
        return False
    for ending in ("es", "s", ""):
        if text.startswith(ending, end):
            after = text[end + len(ending) : end + len(ending) + 1]
            if not (after.isascii() and after.isalnum()):
                return True
    return False


def folded(text: str) -> str:
    """Lower case for matching, of the same length."""
    lowered = text.lower()
    return lowered if len(lowered) == len(text) else text.translate(_LOWER)
