"""Conditions in declarations: ``form == 'written' and amount > 10000``. Read once into a tree, walked, never executed.

The tree is plain lists and values, so that the browser evaluates the very same one.
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

Tree = list[object]
LONGEST: Final = 300
_COMPARE: Final[dict[type[ast.cmpop], str]] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.In: "in",
}


class ConditionError(ValueError):
    """What is written is no condition; says why."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition over named values. *tree*: ``["and", …]``, ``["or", …]``, ``["not", x]``, ``[op, a, b]``,
    ``["name", id]``, ``["value", v]``."""

    text: str
    tree: Tree
    names: frozenset[str]

    def holds(self, values: Mapping[str, object]) -> bool:
        """Whether it is true of *values*; a name without a value is None, and nothing is smaller or larger than it."""
        return bool(_walk(self.tree, values))


def parse(text: str) -> Condition:
    """Read a condition. Raises ConditionError for everything outside the small language."""
    if len(text) > LONGEST:
        raise ConditionError(f"longer than {LONGEST} characters")
    try:
        node = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ConditionError("write it as: field == 'value' and other > 3") from error
    names: set[str] = set()
    return Condition(text.strip(), _tree(node, names), frozenset(names))


def _tree(node: ast.expr, names: set[str]) -> Tree:
    if isinstance(node, ast.BoolOp):
        word = "and" if isinstance(node.op, ast.And) else "or"
        return [word, *(_tree(v, names) for v in node.values)]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return ["not", _tree(node.operand, names)]
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in _COMPARE:
        op = _COMPARE[type(node.ops[0])]
        right = node.comparators[0]
        if op == "in":
            if not isinstance(right, ast.Tuple | ast.List) or not all(isinstance(e, ast.Constant) for e in right.elts):
                raise ConditionError("after 'in' comes a list of values: field in ('a', 'b')")
            listed = [_plain(e.value) for e in right.elts if isinstance(e, ast.Constant)]
            return [op, _tree(node.left, names), ["value", listed]]
        return [op, _tree(node.left, names), _tree(right, names)]
    if isinstance(node, ast.Name):
        if node.id not in ("true", "false"):
            names.add(node.id)
        return ["value", node.id == "true"] if node.id in ("true", "false") else ["name", node.id]
    if isinstance(node, ast.Constant):
        return ["value", _plain(node.value)]
    raise ConditionError(f"{ast.unparse(node)!r} is not part of the language")


def _plain(value: object) -> object:
    if isinstance(value, str | bool | int | float):
        return value
    raise ConditionError(f"{value!r} is neither text, number nor true/false")


def _walk(tree: Tree, values: Mapping[str, object]) -> object:
    word, *rest = tree
    if word == "value":
        return rest[0]
    if word == "name":
        return values.get(str(rest[0]))
    parts = [r for r in rest if isinstance(r, list)]
    if word == "and":
        return all(_walk(p, values) for p in parts)
    if word == "or":
        return any(_walk(p, values) for p in parts)
    if word == "not":
        return not _walk(parts[0], values)
    return _compared(str(word), _walk(parts[0], values), _walk(parts[1], values))


def _compared(op: str, one: object, other: object) -> bool:
    if op == "==":
        return one == other
    if op == "!=":
        return one != other
    if op == "in":
        return isinstance(other, list) and one in other
    sign = _sign(one, other)
    return sign is not None and {"<": sign < 0, "<=": sign <= 0, ">": sign > 0, ">=": sign >= 0}[op]


def _sign(one: object, other: object) -> int | None:
    """-1, 0 or 1; None where the two cannot be ordered."""
    if isinstance(one, bool) or isinstance(other, bool):
        return None
    if isinstance(one, int | float) and isinstance(other, int | float):
        return (one > other) - (one < other)
    if isinstance(one, str) and isinstance(other, str):
        return (one > other) - (one < other)
    return None
