"""The rows of generated matters: made by the code of real intakes and steps, written with COPY once a matter rests."""

from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any
from uuid import UUID

from linli.core.ids import uuid7
from linli.core.snapshot import Actor, Decision
from linli.matters import apply
from linli.matters.apply import Standing, Write
from linli.matters.drafting import File
from linli.matters.models import Counter
from linli.site.demo.bulk import Row, copy, json

GENESIS = "\\x" + "00" * 32
TABLES: dict[str, tuple[str, ...]] = {
    "matters_matter": (
        *("id", "code", "tracking_digest", "bundle", "procedure", "procedure_version", "stage", "category", "kind"),
        *("area", "level", "holder_post_id", "holder_unit_id", "channel", "urgent", "sure", "opened_at", "closed_at"),
        *("due_at", "warn_at", "reopened", "outcome", "rating", "merged_into_id", "seq", "head", "updated_at"),
    ),
    "matters_statement": (
        *("matter_id", "text", "part", "contact_name", "contact_phone", "contact_email", "address", "lon", "lat"),
        *("given", "language", "reading", "salt"),
    ),
    "matters_event": (
        *("matter_id", "seq", "at", "actor_kind", "actor", "actor_name", "step", "data", "prev", "hash"),
        "recorded_at",
    ),
    "matters_remark": ("id", "matter_id", "seq", "field", "text"),
    "matters_clock": (
        *("id", "matter_id", "rule", "cycle", "state", "span", "calendar", "started_at", "warn_at", "due_at", "rung"),
        *("next_at", "remaining", "stopped_at"),
    ),
    "matters_firing": ("clock_id", "threshold", "matter_id", "due", "at", "late"),
    "matters_assignment": ("id", "matter_id", "post_id", "unit_id", "role", "at", "reopened", "reason"),
    "matters_evidence": (*("id", "matter_id", "seq", "kind", "sha256", "media_type", "size", "width", "height", "at"),),
    "kernel_outbox": ("id", "topic", "key", "payload", "available_at", "attempts", "error"),
}
"""Tables in the order of their references, with the columns that are written."""


@dataclass(eq=False, slots=True)
class Life:
    """One matter while it is lived through. *turn* grows with every change, so that plans made before it lapse.

    *gone*: it is over and waits to be written, or is.
    """

    number: int
    rng: Random
    grid: str
    meant: str
    standing: Standing
    row: dict[str, Any]
    rows: dict[str, list[Row]]
    clocks: dict[str, Row] = field(default_factory=dict)
    turn: int = 0
    opened_at: datetime | None = None
    script: dict[str, Any] = field(default_factory=dict)
    merged: list["Life"] = field(default_factory=list)
    storm: bool = False
    gone: bool = False


class Ledger:
    """Collects the rows and writes them in batches.

    *recorded*: when all of it was written down, so that it comes after every seal that stands. *since*: notices younger
    than this are still to be delivered.
    """

    def __init__(self, recorded: datetime, since: datetime, batch: int = 4000) -> None:
        self.recorded = recorded
        self.since = since
        self.batch = batch
        self.waiting: list[Life] = []
        self.counters = {(row.area, row.day): row.n for row in Counter.objects.all()}
        self.written = 0
        self.idle = Random(0)

    def code(self, area: str, day: str) -> str:
        """The next human code of a township and day."""
        key = (area, day)
        number = self.counters[key] = self.counters.get(key, 0) + 1
        return f"{area}-{day}-{number:04d}"

    def opened(self, life: Life, row: dict[str, Any], clocks: list[dict[str, Any]], at: datetime) -> None:
        """The rows of an intake."""
        ident = row["id"]
        life.rows["matters_statement"] = [
            (
                *(ident, row["text"], row["part"], row["name"], row["phone"], row["email"], row["address"]),
                *(row["lon"], row["lat"], row["given"], row["language"], json(row["reading"]), f"\\x{row['salt']}"),
            )
        ]
        event = (ident, 1, row["at"], row["actor_kind"], row["actor"], row["actor_name"], "open", json(row["data"]))
        life.rows["matters_event"] = [(*event, GENESIS, f"\\x{row['head']}", self.recorded)]
        if row["post"]:
            why = (uuid7(), ident, row["post"], row["unit"], "lead", row["at"], 0, json(row["data"]["why"]))
            life.rows["matters_assignment"] = [why]
        life.clocks = {clock["id"]: _clock(clock) for clock in clocks}
        if at >= self.since:
            payload = {key: row[key] for key in ("post", "area", "level", "urgent")}
            payload |= {"matter": ident, "seq": 1, "to": "holder" if row["post"] else "level", "kind": "assigned"}
            life.rows["kernel_outbox"] = [(uuid7(), "notice", f"{ident}:1:holder", json(payload), row["at"], 0, "")]

    def step(
        self,
        life: Life,
        decision: Decision,
        actor: Actor,
        at: datetime,
        files: tuple[File, ...] = (),
        also: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """The rows of one decision; returns the matter's new columns."""
        found: dict[str, list[dict[str, Any]]] = {name: [] for name in apply.TABLES}
        apply.rows_of(Write(life.standing, decision, actor, at, files, also or {}), found)
        for event in found["e"]:
            row = (*_values(event, ("matter", "seq", "at", "actor_kind", "actor", "actor_name", "step")),)
            ends = (json(event["data"]), f"\\x{event['prev']}", f"\\x{event['hash']}", self.recorded)
            self._add(life, "matters_event", (*row, *ends))
        for remark in found["r"]:
            self._add(life, "matters_remark", (uuid7(), *_values(remark, ("matter", "seq", "field", "text"))))
        for clock in found["c"]:
            life.clocks[clock["id"]] = _clock(clock)
        for firing in found["f"]:
            self._add(life, "matters_firing", _values(firing, ("clock", "threshold", "matter", "due", "at", "late")))
        for given in found["a"]:
            row = (uuid7(), *_values(given, ("matter", "post", "unit", "role", "at", "reopened")))
            self._add(life, "matters_assignment", (*row, json(given["reason"])))
        for shown in found["v"]:
            names = ("matter", "seq", "kind", "sha256", "media_type", "size", "width", "height", "at")
            self._add(life, "matters_evidence", (uuid7(), *_values(shown, names)))
        if at >= self.since:
            for told in found["o"]:
                row = (uuid7(), told["topic"], told["key"], json(told["payload"]), told["at"], 0, "")
                self._add(life, "kernel_outbox", row)
        return found["m"][0]

    def _add(self, life: Life, table: str, row: Row) -> None:
        life.rows.setdefault(table, []).append(row)

    def rest(self, life: Life) -> None:
        """The matter is lived through as far as it goes: write it with the next batch."""
        self.waiting.append(life)
        self.waiting.extend(life.merged)
        if len(self.waiting) >= self.batch:
            self.flush()

    def flush(self) -> None:
        """Write everything that waits."""
        rows: dict[str, list[Row]] = {table: [] for table in TABLES}
        for life in self.waiting:
            rows["matters_matter"].append(_matter(life.row))
            rows["matters_clock"].extend(life.clocks.values())
            for table, some in life.rows.items():
                rows[table].extend(some)
        for table, columns in TABLES.items():
            if rows[table]:
                copy(table, columns, rows[table])
        self.written += len(self.waiting)
        for life in self.waiting:  # what is still due may hold it for long
            life.rows, life.clocks, life.merged, life.rng = {}, {}, [], self.idle
        self.waiting = []

    def close(self) -> None:
        """Write the rest and the running numbers."""
        self.flush()
        numbers = [Counter(area=area, day=day, n=number) for (area, day), number in self.counters.items()]
        Counter.objects.bulk_create(
            numbers, batch_size=5000, update_conflicts=True, unique_fields=["area", "day"], update_fields=["n"]
        )


def _values(row: dict[str, Any], names: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(row[name] for name in names)


def _clock(row: dict[str, Any]) -> Row:
    names = ("id", "matter", "rule", "cycle", "state", "span", "calendar", "started", "warn", "due", "rung")
    return _values(row, (*names, "next", "remaining", "stopped"))


def _matter(row: dict[str, Any]) -> Row:
    """Columns of the matter from the rows of its intake and its last step."""
    names = ("id", "code", "tracking", "bundle", "procedure", "version", "stage", "category", "kind", "area", "level")
    later = ("post", "unit", "channel", "urgent", "sure", "opened", "closed", "due", "warn", "reopened", "outcome")
    ends = (row["rating"], row["merged_into"], row["seq"], f"\\x{row['head']}", row["at"])
    return (*_values(row, names), *_values(row, later), *ends)


def first_row(row: dict[str, Any], code: str) -> dict[str, Any]:
    """The matter's columns after its intake."""
    start = {"code": code, "opened": row["at"], "closed": None, "reopened": 0, "outcome": "", "rating": None}
    kept = {key: value for key, value in row.items() if key not in _PERSONAL}
    return kept | start | {"merged_into": None, "seq": 1, "tracking": f"\\x{row['tracking']}"}


_PERSONAL = frozenset({"text", "part", "name", "phone", "email", "address", "reading", "salt", "data", "why"})


def ident(life: Life) -> UUID:
    """The matter's id."""
    return life.standing.snap.matter
