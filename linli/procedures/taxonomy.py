"""A foreign catalogue of labels (level1, level2, level3) becomes declarations.

Labels that the shipped catalogue knows, by its own names or by a declared ``aka``, map onto its categories. The
others get a code made of their names and inherit the defaults of their level-1 label, so that duties declared for it
still hold.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from linli.core.words import Words
from linli.procedures.categories import UNVERIFIED, Body, Catalogue, Category
from linli.procedures.reader import Problem

Labels = tuple[str, str, str]
_NOT_IN_CODE = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """What came of the rows. ``codes``: labels to category code, for every good row; ``bodies``: what is new."""

    bodies: tuple[Body, ...]
    codes: Mapping[Labels, str]
    mapped: int
    new: int
    problems: tuple[Problem, ...]


def from_taxonomy_csv(rows: Iterable[Mapping[str, str]], known: Catalogue, name: str = "taxonomy") -> Taxonomy:
    """Declaration bodies for rows with the columns level1, level2, level3.

    A row with an empty label is refused by number; the others still count. The same row twice counts once.
    """
    labelled = {_label(category): category for category in known.by_code.values()}
    labelled.update({alias: category for category in known.by_code.values() for alias in category.aka})
    codes: dict[Labels, str] = {}
    fresh: dict[str, dict[str, Labels]] = {}
    problems: list[Problem] = []
    for number, row in enumerate(rows, 2):
        labels = _labels(row)
        if labels is None:
            reason = Words("三级分类名称不能为空；请补全三列", "a label is empty; fill level1, level2 and level3")
            problems.append(Problem(f"{name}:{number}", "row", reason))
        elif labels not in codes:
            found = labelled.get("/".join(labels))
            code = found.code if found is not None else _code(labels, known)
            taken = fresh.setdefault(labels[0], {})
            if found is None and (code in known.by_code or code in taken):
                reason = Words(
                    f"编码“{code}”与另一分类相同；请改名", f'another category has the code "{code}"; rename it'
                )
                problems.append(Problem(f"{name}:{number}", "row", reason))
                continue
            codes[labels] = code
            if found is None:
                taken[code] = labels
    fresh = {top: leaves for top, leaves in fresh.items() if leaves}
    bodies = tuple(_body(name, top, leaves, known) for top, leaves in fresh.items())
    new = sum(map(len, fresh.values()))
    return Taxonomy(bodies, codes, len(codes) - new, new, tuple(problems))


def _labels(row: Mapping[str, str]) -> Labels | None:
    level1, level2, level3 = ((row.get(f"level{level}") or "").strip() for level in (1, 2, 3))
    labels = (level1, level2, level3)
    return labels if all(_NOT_IN_CODE.sub("", label) for label in labels) else None


def _label(category: Category) -> str:
    return "/".join(words.zh for words in category.names)


def _shipped_top(name: str, known: Catalogue) -> Category | None:
    return next((category for category in known.by_code.values() if category.names[0].zh == name), None)


def _code(labels: Labels, known: Catalogue) -> str:
    """Names joined with dots; pieces the catalogue knows keep its code."""
    pieces = [_NOT_IN_CODE.sub("-", label).strip("-") for label in labels]
    for category in known.by_code.values():
        if category.names[0].zh == labels[0]:
            own = category.code.split(".")
            pieces[0] = own[0]
            if category.names[1].zh == labels[1]:
                pieces[1] = own[1]
                break
    return ".".join(pieces)


def _body(name: str, top: str, leaves: Mapping[str, Labels], known: Catalogue) -> Body:
    """One TOML body for what is new under a level-1 label."""
    shipped = _shipped_top(top, known)
    lines = [f"code = {_quoted(next(iter(leaves)).split('.')[0])}", f"zh = {_quoted(top)}"]
    lines += [f"en = {_quoted(shipped.names[0].en)}"] if shipped else [f"en = {_quoted(top)}", "untranslated = true"]
    lines += ["", "[defaults]", *_defaults(top, known)]
    groups: set[str] = set()
    for code, labels in leaves.items():
        group = code.split(".")[1]
        if group not in groups:
            groups.add(group)
            above = ".".join(code.split(".")[:2]) + "."
            same = next((c.names[1].en for c in known.by_code.values() if c.code.startswith(above)), None)
            lines += ["", f"[groups.{_quoted(group)}]", f"zh = {_quoted(labels[1])}"]
            lines += [f"en = {_quoted(same)}"] if same else [f"en = {_quoted(labels[1])}", "untranslated = true"]
    for code, labels in leaves.items():
        said = _quoted(labels[2])
        lines += ["", "[[category]]", f"code = {_quoted(code)}", f"zh = {said}", f"en = {said}", "untranslated = true"]
        path = _quoted(" › ".join(labels))
        lines += [f"description_zh = {path}", f"description_en = {path}"]
    return Body(f"{name}:{top}", "\n".join(lines) + "\n")


def _defaults(top: str, known: Catalogue) -> list[str]:
    """The defaults of the level-1 label, read off its catch-all category; declared ones where it is not known."""
    under = [category for category in known.by_code.values() if category.names[0].zh == top]
    model = next((category for category in under if category.catch_all), None)
    if model is None:
        values = {"complete": "15 d", "source": UNVERIFIED, "duty": "信访", "calendar": "cn-workdays"}
    else:
        values = {
            "respond": str(model.respond),
            "complete": str(model.complete),
            "silence": str(model.silence),
            "calendar": model.calendar,
            "source": model.source,
            "duty": model.duty,
        }
    return [f"{key} = {_quoted(value)}" for key, value in values.items()]


def _quoted(text: str) -> str:
    """A TOML basic string (JSON's escapes are a part of TOML's)."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
