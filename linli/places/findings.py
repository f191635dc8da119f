"""What is wrong in an import, where, and how to mend it; and the row-level error file."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from linli.core.words import Words

ERROR: Final = "error"
WARNING: Final = "warning"
NOTE: Final = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found. An error keeps the whole import from changing anything; warnings and notes do not.

    *row* counts as a spreadsheet shows it (the header is row 1), in GeoJSON the features from 1; 0 is the file itself.
    """

    row: int
    file: str
    code: str
    kind: str
    problem: Words
    mend: Words
    severity: str = ERROR

    def as_dict(self) -> dict[str, object]:
        """For ``--json``."""
        return {
            "row": self.row,
            "file": self.file,
            "code": self.code,
            "kind": self.kind,
            "severity": self.severity,
            "problem": {"zh": self.problem.zh, "en": self.problem.en},
            "mend": {"zh": self.mend.zh, "en": self.mend.en},
        }


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a finding belongs: file, row and code."""

    file: str
    row: int
    code: str

    def found(self, kind: str, problem: tuple[str, str], mend: tuple[str, str], severity: str = ERROR) -> Finding:
        """A finding here."""
        return Finding(self.row, self.file, self.code, kind, Words(*problem), Words(*mend), severity)


_ADDED: Final = ("文件 file", "行号 row", "代码 code", "程度 severity", "问题 zh", "怎样改 zh", "problem en", "mend en")
_RISKY = tuple("=+-@\t\r＝＋－＠")


def _cell(value: object) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return "'" + text if text.startswith(_RISKY) else text


def error_file(findings: Iterable[Finding], originals: Mapping[tuple[str, int], Mapping[str, str]]) -> str:
    """The error file as CSV text: the original columns, then file, row, problem and mend in both languages."""
    listed = list(findings)
    columns: dict[str, None] = {}
    for finding in listed:
        columns.update(dict.fromkeys(originals.get((finding.file, finding.row), {})))
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([*(_cell(column) for column in columns), *_ADDED])
    for each in listed:
        row = originals.get((each.file, each.row), {})
        said = (each.problem.zh, each.mend.zh, each.problem.en, each.mend.en)
        writer.writerow(
            [
                _cell(v)
                for v in (*(row.get(c, "") for c in columns), each.file, each.row, each.code, each.severity, *said)
            ]
        )
    return out.getvalue()
