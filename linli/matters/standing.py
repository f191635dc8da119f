"""Reading matters as decisions need them: any number with two queries (lock, read), never one by one."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from linli.core.clocks import Clock
from linli.core.routing import level_of_area
from linli.core.snapshot import NOBODY, Holder, Snapshot
from linli.core.spans import Span
from linli.matters import known
from linli.matters.apply import Standing, run
from linli.matters.reference import Reference

LOCK_SQL = """
SELECT m.id FROM matters_matter m
 WHERE m.id IN (SELECT value::uuid FROM json_array_elements_text($1::json)) ORDER BY m.id FOR NO KEY UPDATE
"""
READ_SQL = """
SELECT m.id, m.procedure, m.procedure_version, m.stage, m.category, m.area, m.level, m.kind, m.urgent, m.sure,
m.opened_at,
       m.holder_post_id, m.holder_unit_id, m.reopened, m.seq, m.head, m.closed_at, m.outcome, m.rating,
       m.merged_into_id, m.code,
       s.salt,
       (SELECT json_agg(json_build_array(c.id, c.rule, c.cycle, c.state, c.span, c.calendar, c.started_at, c.warn_at,
       c.due_at, c.rung,
                                         c.next_at, c.remaining, c.stopped_at) ORDER BY c.started_at, c.cycle)
          FROM matters_clock c WHERE c.matter_id = m.id),
       (SELECT array_agg(DISTINCT a.post_id) FROM matters_assignment a
         WHERE a.matter_id = m.id AND a.reopened = m.reopened AND a.post_id IS NOT NULL),
       (SELECT a.reason->>'rule' FROM matters_assignment a
         WHERE a.matter_id = m.id ORDER BY a.at DESC, a.id DESC LIMIT 1),
       (SELECT count(*) FROM matters_matter k WHERE k.parent_id = m.id AND k.closed_at IS NULL)
  FROM matters_matter m JOIN matters_statement s ON s.matter_id = m.id
 WHERE m.id IN (SELECT value::uuid FROM json_array_elements_text($1::json))
"""


def lock(ids: Iterable[UUID]) -> list[UUID]:
    """Lock matters in the order of their ids, waiting for whoever holds them; those that exist. One query, in a
    transaction."""
    return [row[0] for row in run(LOCK_SQL, [str(i) for i in ids])]


def read(ids: Sequence[UUID], ref: Reference) -> dict[UUID, Standing]:
    """The matters as they stand; one query, two where one is of a declared kind. Lock them first when a decision is to
    be written."""
    found = {row[0]: _standing(row, ref) for row in run(READ_SQL, [str(i) for i in ids])} if ids else {}
    if all(one.snap.procedure.opening is None for one in found.values()):
        return found
    snaps = known.fill({ident: one.snap for ident, one in found.items()})
    return {ident: replace(one, snap=snaps[ident]) for ident, one in found.items()}


_COLUMNS = (
    *(
        "id",
        "procedure",
        "version",
        "stage",
        "category",
        "area",
        "level",
        "kind",
        "urgent",
        "sure",
        "opened_at",
        "post",
    ),
    *("unit", "reopened", "seq", "head", "closed_at", "outcome", "rating", "merged_into", "code", "salt", "clocks"),
    *("tried", "rule", "children"),
)


def _standing(row: Sequence[Any], ref: Reference) -> Standing:
    """One row of READ_SQL."""
    r = dict(zip(_COLUMNS, row, strict=True))
    snap = Snapshot(
        matter=r["id"],
        procedure=ref.procedure(r["procedure"], r["version"]),
        terms=ref.terms_of(r["category"]),
        stage=r["stage"],
        category=r["category"],
        area=r["area"],
        level=r["level"] or level_of_area(r["area"]),
        kind=r["kind"],
        urgent=r["urgent"],
        opened_at=r["opened_at"],
        holder=_holder(r["post"], r["unit"], ref),
        reopened=r["reopened"],
        clocks=tuple(_clock(c) for c in r["clocks"] or ()),
        calendars=ref.calendars,
        roster=ref.roster,
        catalogue=ref.terms,
        tried=frozenset(r["tried"] or ()),
        open_children=r["children"],
        sure=r["sure"],
        by_hand=r["rule"] == "by_hand",
    )
    kept = (r["closed_at"], r["outcome"], r["rating"], r["merged_into"], r["code"])
    return Standing(snap, r["seq"], bytes(r["head"]), bytes(r["salt"]), *kept)


def _holder(post: UUID | None, unit: UUID | None, ref: Reference) -> Holder:
    if post is None and unit is None:
        return NOBODY
    seat = ref.roster.seats.get(post) if post else None
    return Holder(post, unit, seat.name if seat else "", seat.unit_name if seat else "")


def _clock(row: Sequence[Any]) -> Clock:
    ident, rule, cycle, state, span, calendar, started, warn, due, rung, upcoming, remaining, stopped = row
    return Clock(
        UUID(ident),
        rule,
        cycle,
        state,
        Span.parse(span),
        calendar,
        datetime.fromisoformat(started),
        datetime.fromisoformat(warn),
        datetime.fromisoformat(due),
        rung,
        _instant(upcoming),
        remaining,
        _instant(stopped),
    )


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
