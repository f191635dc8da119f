"""Intake: a request becomes matters in one round trip to the database. The SQL stands in ``sql/intake.sql``."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from importlib import resources
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from linli.core.refusals import Refusal, Refused
from linli.core.snapshot import Actor
from linli.matters import reference
from linli.matters.drafting import RESIDENT, Draft, Received, Request, count, draft
from linli.understanding.reading import Reading

__all__ = ["Draft", "Receipt", "Received", "Request", "receive", "store"]

log = logging.getLogger("linli.intake")
SQL = (resources.files("linli.matters") / "sql" / "intake.sql").read_text("utf-8")
REPEATED_SQL = """
SELECT k.scope, k.key, k.body_hash, m.id, m.code, m.stage, m.category, m.area
  FROM json_to_recordset($1::json) AS x(scope text, key text)
  JOIN kernel_idempotency k ON k.scope = x.scope AND k.key = x.key
  JOIN matters_matter m ON m.bundle = k.target::uuid
 ORDER BY m.id
"""


@dataclass(frozen=True, slots=True)
class Known:
    """A matter that an earlier use of the same key made."""

    id: UUID
    code: str
    stage: str
    category: str
    area: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer to one request. *repeated*: the key was used before, *known* are the matters of then and nothing
    was written."""

    bundle: UUID
    items: tuple[Received, ...]
    reading: Reading | None
    repeated: bool = False
    known: tuple[Known, ...] = ()


def receive(request: Request, *, at: datetime, actor: Actor = RESIDENT) -> Receipt:
    """Take one request in the caller's transaction. One query; three when its key was used before.

    Raises Refused (empty_text, text_too_long, category_unknown, place_unknown, bad_coordinates, key_reused,
    year_missing).
    """
    ref = reference.current()
    made = draft(request, ref, at, actor)
    count(made, ref)
    outcome = store([made], at=at)[0]
    if isinstance(outcome, Refusal):
        raise Refused(outcome)
    return outcome


def store(drafts: Sequence[Draft], *, at: datetime) -> list[Receipt | Refusal]:
    """Write drafts in one statement; an answer for each, in order."""
    with connection.cursor() as cursor:
        raw = cursor.cursor  # psycopg's own placeholders ($1) need its raw interface
        codes = dict(_run(raw, SQL, payload(drafts, at)))
        missing = [d for d in drafts if d.items[0].id not in codes]
        rows = _run(raw, REPEATED_SQL, keys_of(missing)) if missing else []
    return answers(drafts, codes, rows)


def _run(cursor: Any, sql: str, arguments: Sequence[str]) -> list[Any]:
    from psycopg import RawCursor

    with RawCursor(cursor.connection) as raw:
        raw.execute(sql, arguments, prepare=True)
        return raw.fetchall()


def payload(drafts: Iterable[Draft], at: datetime) -> list[str]:
    """The arguments of ``SQL``: matters, clocks, files and keys."""
    matters: list[dict[str, Any]] = []
    clocks: list[dict[str, Any]] = []
    files: list[dict[str, Any]] = []
    keys: list[dict[str, Any]] = []
    for made in drafts:
        for row in made.rows["m"]:
            row["ord"] = len(matters)
            matters.append(row)
        clocks.extend(made.rows["c"])
        files.extend(made.rows["v"])
        if made.key:
            keys.append(
                {
                    "scope": made.scope,
                    "key": made.key,
                    "body_hash": made.body_hash.hex(),
                    "target": made.bundle,
                    "at": at,
                }
            )
    return [orjson.dumps(rows).decode() for rows in (matters, clocks, files, keys)]


def keys_of(drafts: Iterable[Draft]) -> list[str]:
    """The one argument of ``REPEATED_SQL``."""
    return [orjson.dumps([{"scope": d.scope, "key": d.key} for d in drafts]).decode()]


def answers(drafts: Sequence[Draft], codes: dict[UUID, str], repeated: Sequence[Any]) -> list[Receipt | Refusal]:
    """Put each draft together with its codes, or with what its key made the first time."""
    before: dict[tuple[str, str], tuple[bytes, list[Known]]] = {}
    for scope, key, body_hash, *known in repeated:
        before.setdefault((scope, key), (bytes(body_hash), []))[1].append(Known(*known))
    found: list[Receipt | Refusal] = []
    for made in drafts:
        if made.items[0].id in codes:
            items = tuple(replace(item, code=codes[item.id]) for item in made.items)
            found.append(Receipt(made.bundle, items, made.reading))
            continue
        held = before.get((made.scope, made.key))
        if held is None:
            found.append(Refusal("busy", {"seconds": 1}))
        elif held[0] != made.body_hash:
            found.append(Refusal("key_reused"))
        else:
            found.append(Receipt(held[1][0].id, (), None, repeated=True, known=tuple(held[1])))
    return found
