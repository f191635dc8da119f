"""One piece of code for one thing: no two modules of the pages share a long run of lines (imports aside)."""

from collections import defaultdict
from pathlib import Path

import pytest

WEB = Path(__file__).resolve().parents[2] / "linli" / "web"
MOST = 6  # lines in a row that two modules may have in common: the frame of a view, not what it does


def lines_of(text: str) -> list[str]:
    """The lines that do something: without blanks, imports and comments."""
    stripped = (line.strip() for line in text.splitlines())
    return [s for s in stripped if s and not s.startswith(("from ", "import ", "#", '"""')) and s not in "()[]{},"]


def alike(texts: dict[str, str]) -> list[tuple[str, str, str]]:
    """(one, other, first line) of runs of more than ``MOST`` equal lines in two different texts."""
    where: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for name, text in texts.items():
        lines = lines_of(text)
        for n in range(len(lines) - MOST):
            where[tuple(lines[n : n + MOST + 1])].add(name)
    return [(*sorted(names)[:2], run[0]) for run, names in where.items() if len(names) > 1]  # type: ignore[misc]


def test_no_two_modules_of_the_pages_are_alike() -> None:
    found = {str(p.relative_to(WEB)): p.read_text("utf-8") for p in WEB.rglob("*.py") if "vendor" not in p.parts}
    assert alike(found) == []


@pytest.mark.parametrize(("length", "wanted"), [(MOST, 0), (MOST + 1, 1)])
def test_a_planted_copy_is_found(length: int, wanted: int) -> None:
    run = "\n".join(f"    step_{n}()" for n in range(length))
    assert len(alike({"a.py": f"one()\n{run}\nx()", "b.py": f"import b\n{run}\n\ny()"})) == wanted
