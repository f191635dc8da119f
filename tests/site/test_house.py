"""The house stays liveable: small files, small functions, imports that go only downward."""

import ast
import subprocess
import sys
from pathlib import Path

HOUSE = Path(__file__).resolve().parents[2] / "linli"
FILES = [p for p in HOUSE.rglob("*.py") if "migrations" not in p.parts and "vendor" not in p.parts]


def test_files_have_at_most_400_lines() -> None:
    assert [f"{p}: {n}" for p in FILES if (n := len(p.read_text("utf-8").splitlines())) > 400] == []


def test_functions_have_at_most_40_lines() -> None:
    found = []
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or 0) - node.lineno + 1
                if length > 40:
                    found.append(f"{path.relative_to(HOUSE)} {node.name}: {length}")
    assert found == []


def test_rooms_import_only_downward() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports")],
        cwd=HOUSE.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:]


def test_core_stays_small() -> None:
    lines = sum(len(p.read_text("utf-8").splitlines()) for p in (HOUSE / "core").glob("*.py"))
    assert lines <= 4000, "core grows past what decisions need: does it mirror the tables?"
