"""The catalogue of categories on three levels, frozen: what a message can be about, and what each asks of the city."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from linli.core.procedure import Term, Terms
from linli.core.spans import Span
from linli.core.words import Words

UNVERIFIED: Final = "unverified default"
"""What a declaration writes as the source of a deadline that no text states."""


@dataclass(frozen=True, slots=True)
class Keyword:
    """A word that speaks for a category. ``en`` words match whole words, case-folded; ``weight`` 0.2 to 6."""

    word: str
    weight: float
    language: str


@dataclass(frozen=True, slots=True)
class Category:
    """One leaf. ``names`` are the labels of levels 1 to 3; spans as in ``core.spans``."""

    code: str
    names: tuple[Words, Words, Words]
    description: Words
    keywords: tuple[Keyword, ...]
    examples_zh: tuple[str, ...]
    examples_en: tuple[str, ...]
    kind: str
    respond: Span
    complete: Span
    silence: Span
    calendar: str
    source: str
    evidence: str
    duty: str
    urgent: bool
    danger: str
    aka: tuple[str, ...]
    catch_all: bool
    untranslated: bool

    @property
    def label(self) -> Words:
        """The name of the leaf itself."""
        return self.names[2]

    @property
    def path(self) -> Words:
        """The three names in one line, for lists and selections."""
        return Words(" › ".join(name.zh for name in self.names), " › ".join(name.en for name in self.names))

    def terms(self) -> Terms:
        """What the procedure needs to know: deadlines by clock name, evidence, duty."""
        promise = "“红色邻里圈”承诺：五分钟响应"
        deadlines = {
            "respond": Term(self.respond, "always", promise),
            "complete": Term(self.complete, self.calendar, self.source),
            "silence": Term(self.silence, "always", UNVERIFIED),
        }
        evidence = () if self.evidence == "none" else (self.evidence,)
        return Terms(self.code, self.label, deadlines, evidence, self.duty, self.urgent)


@dataclass(frozen=True, slots=True)
class Node:
    """A label of level 1 or 2 with its children, in the order of declaration."""

    code: str
    names: Words
    children: tuple["Node | Category", ...]


@dataclass(frozen=True, eq=False)
class Catalogue:
    """All categories. Compared and hashed by identity, so that an index can be kept beside it."""

    by_code: Mapping[str, Category]
    tree: tuple[Node, ...]
    version: str

    def get(self, code: str) -> Category | None:
        """The leaf with this code, or None."""
        return self.by_code.get(code)

    def children(self, code: str = "") -> tuple["Node | Category", ...]:
        """What stands directly below a label; the top level for ""."""
        if not code:
            return self.tree
        level: tuple[Node | Category, ...] = self.tree
        for node in level:
            if isinstance(node, Node) and (code == node.code or code.startswith(node.code + ".")):
                if code == node.code:
                    return node.children
                inner = next((n for n in node.children if n.code == code), None)
                return inner.children if isinstance(inner, Node) else ()
        return ()

    def keywords(self) -> Iterable[tuple[Keyword, Category]]:
        """Every keyword with its category: what the reader's index is built from."""
        for category in self.by_code.values():
            for keyword in category.keywords:
                yield keyword, category

    def by_label(self, level1: str, level2: str, level3: str) -> Category | None:
        """The category a foreign catalogue's label means: by its own names, or by a declared ``aka``."""
        wanted = f"{level1}/{level2}/{level3}"
        for category in self.by_code.values():
            if wanted in category.aka or wanted == "/".join(name.zh for name in category.names):
                return category
        return None
