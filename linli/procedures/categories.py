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

from linli.core.catalogue import UNVERIFIED, Catalogue, Category, Keyword, Node
from linli.core.words import Words
from linli.procedures.reader import Problem

__all__ = ["UNVERIFIED", "Catalogue", "Category", "Keyword", "Node"]

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
