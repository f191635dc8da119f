"""The catalogue of categories on three levels: what a message can be about, and what each asks of the city.

Bodies are TOML, one per top-level label; the shipped ones stand in ``catalogue/``. A city adds bodies of its own or
replaces single categories (``replaces = true``). Nothing is guessed: a body with any problem is refused as a whole.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType
from typing import Final

from linli.core.procedure import Term, Terms
from linli.core.spans import Span
from linli.core.words import Words
from linli.procedures.reader import Problem

DUTIES: Final[Mapping[str, Words]] = MappingProxyType(
    {
        "城管": Words("城市管理", "Urban management"),
        "住建": Words("住房和城乡建设", "Housing and construction"),
        "交通": Words("交通运输", "Transport"),
        "环保": Words("生态环境", "Ecology and environment"),
        "公安": Words("公安", "Police"),
        "民政": Words("民政", "Civil affairs"),
        "人社": Words("人力资源和社会保障", "Labour and social security"),
        "卫健": Words("卫生健康", "Health"),
        "教育": Words("教育和体育", "Education and sports"),
        "市场监管": Words("市场监督管理", "Market supervision"),
        "农业农村": Words("农业农村", "Agriculture and rural affairs"),
        "水务": Words("水务", "Water"),
        "应急": Words("应急管理", "Emergency management"),
        "司法": Words("司法行政", "Justice administration"),
        "文旅": Words("文化和旅游", "Culture and tourism"),
        "信访": Words("信访", "Letters and visits"),
        "自然资源": Words("自然资源和规划", "Natural resources and planning"),
        "医保": Words("医疗保障", "Medical insurance"),
        "经信": Words("经济和信息化", "Economy and information technology"),
        "纪检": Words("纪检监察", "Discipline inspection"),
        "社区": Words("社区和网格", "Community and grid"),
    }
)
"""The fields of duty a unit may declare (``duty`` of a category)."""

CALENDARS: Final = frozenset({"always", "cn-workdays"})
EVIDENCE: Final = frozenset({"photo", "note", "none"})
UNVERIFIED: Final = "unverified default"


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
        promise = "红色邻里圈: respond in 5 minutes"
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


@dataclass(frozen=True, slots=True)
class Body:
    """One TOML text and where it comes from (a file name or a declaration's ident)."""

    name: str
    text: str


class CatalogueError(ValueError):
    """The bodies can't be loaded; ``problems`` says all that is wrong with them."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(problem.said("en") for problem in problems))
        self.problems = problems


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


def load(bodies: Iterable[Body]) -> Catalogue:
    """Read all bodies into one catalogue; CatalogueError with every problem found when any body is wrong."""
    from linli.procedures import categories_check  # it needs the types above

    bodies = tuple(bodies)
    categories, problems = categories_check.read(bodies)
    if problems:
        raise CatalogueError(problems)
    digest = hashlib.sha256()
    for body in bodies:
        digest.update(body.text.encode("utf-8", "surrogatepass") + b"\0")
    return Catalogue(MappingProxyType(categories), _tree(categories), digest.hexdigest()[:12])


def check(bodies: Iterable[Body]) -> tuple[Problem, ...]:
    """Everything that is wrong with the bodies; empty when they can be loaded."""
    from linli.procedures import categories_check

    return categories_check.read(tuple(bodies))[1]


def shipped_bodies() -> tuple[Body, ...]:
    """The catalogue that comes with Linli, in the order of the file names."""
    folder = resources.files("linli.procedures").joinpath("catalogue")
    files = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".toml")), key=lambda entry: entry.name)
    return tuple(Body(entry.name, entry.read_text("utf-8")) for entry in files)


_SHIPPED: list[Catalogue] = []


def shipped() -> Catalogue:
    """The shipped catalogue, loaded once per process."""
    if not _SHIPPED:
        _SHIPPED.append(load(shipped_bodies()))
    return _SHIPPED[0]


def _tree(categories: Mapping[str, Category]) -> tuple[Node, ...]:
    tops: dict[str, dict[str, list[Category]]] = {}
    for category in categories.values():
        top, group = _above(category.code)
        tops.setdefault(top, {}).setdefault(group, []).append(category)
    return tuple(
        Node(
            top,
            next(iter(groups.values()))[0].names[0],
            tuple(Node(group, leaves[0].names[1], tuple(leaves)) for group, leaves in groups.items()),
        )
        for top, groups in tops.items()
    )


def _above(code: str) -> tuple[str, str]:
    top, group, _ = code.split(".", 2)
    return top, f"{top}.{group}"
