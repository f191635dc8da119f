"""Rules of the house that no linter knows."""

import ast
import re
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parents[2] / "linli"
FILES = sorted(path for path in HOUSE.rglob("*.py") if "migrations" not in path.parts)
CLOCK_READERS = {"kernel/clock.py", "core/ids.py"}
READS = {("time", "time"), ("time", "time_ns"), ("timezone", "now"), ("datetime", "now"), ("datetime", "utcnow")} | {
    ("datetime", "today"),
    ("date", "today"),
}


def readings(source: str) -> list[int]:
    """The lines that read the system clock."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name | ast.Attribute)
        and ((node.value.id if isinstance(node.value, ast.Name) else node.value.attr), node.attr) in READS
    ]


@pytest.mark.parametrize(
    "source", ["x = datetime.now(UTC)", "x = time.time()", "f(default=timezone.now)", "datetime.datetime.utcnow()"]
)
def test_the_search_finds_what_it_looks_for(source: str) -> None:
    assert readings(source) == [1]


def test_only_the_clock_reads_the_clock() -> None:
    found = {
        f"{path.relative_to(HOUSE)}:{line}"
        for path in FILES
        if str(path.relative_to(HOUSE)) not in CLOCK_READERS
        for line in readings(path.read_text(encoding="utf-8"))
    }
    assert found == set()


def test_locks_name_no_index_and_have_hashes() -> None:
    root = HOUSE.parent
    for name in ("base", "dev", "node"):
        text = (root / "requirements" / f"{name}.txt").read_text()
        assert "index-url" not in text
        assert not re.search(r"https?://", text)
        pinned = re.findall(r"^[A-Za-z0-9_.\[\]-]+==", text, re.MULTILINE)
        assert len(pinned) >= 1
        assert text.count("--hash=sha256:") >= len(pinned)
    assert '"resolved"' not in (root / "package-lock.json").read_text()
