"""What is known of matters of declared kinds: one query for any number, and none for ordinary requests."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from linli.core.language import Child, Known, Participant
from linli.core.procedure import Procedure, Terms
from linli.core.snapshot import Snapshot
from linli.matters.apply import run

SQL = """
SELECT m.id, m.sealed,
       (SELECT json_object_agg(v.field, v.value) FROM matters_value v WHERE v.matter_id = m.id AND v.erased_at IS NULL),
       (SELECT json_agg(json_build_array(p.id, p.role, p.kind, p.name, p.post_id, p.unit_id, p.consent, p.barred,
                                         p.opener) ORDER BY p.id)
          FROM matters_participant p WHERE p.matter_id = m.id AND (p.left_at IS NULL OR p.barred)),
       (SELECT json_agg(json_build_array(k.procedure, k.outcome, k.closed_at IS NOT NULL) ORDER BY k.id)
          FROM matters_matter k WHERE k.parent_id = m.id),
       (SELECT json_agg(DISTINCT d.paper) FROM matters_paper d WHERE d.matter_id = m.id),
       (SELECT json_agg(json_build_array(e.step, e.actor_kind || ':' || e.actor) ORDER BY e.seq)
          FROM matters_event e WHERE e.matter_id = m.id),
       (SELECT json_agg(json_build_array(x.rule, x.extension, x.cycle))
          FROM matters_extension x WHERE x.matter_id = m.id),
       json_build_array(s.text, s.contact_name, s.contact_phone, s.contact_email, s.address)
  FROM matters_matter m JOIN matters_statement s ON s.matter_id = m.id
 WHERE m.id IN (SELECT value::uuid FROM json_array_elements_text($1::json))
"""
CONTACT = ("name", "phone", "email", "address")  # fields of an opening that the statement holds


def fill(snaps: Mapping[UUID, Snapshot]) -> dict[UUID, Snapshot]:
    """The same snapshots with what is known; one query where any is of a declared kind."""
    cases = [ident for ident, snap in snaps.items() if snap.procedure.opening is not None]
    found = dict(snaps)
    for row in run(SQL, [str(i) for i in cases]) if cases else ():
        snap = found[row[0]]
        found[row[0]] = replace(snap, known=_known(row, snap), terms=terms_of(snap.procedure))
    return found


def terms_of(procedure: Procedure) -> Terms:
    """What stands where a request has its category: the procedure's own name, and a note as evidence."""
    return Terms("", procedure.labels, {}, ("note",), "")


def _known(row: Sequence[Any], snap: Snapshot) -> Known:
    _ident, sealed, values, people, children, papers, events, extensions, statement = row
    taken: dict[str, list[str]] = {}
    for step, actor in events or ():
        taken.setdefault(step, []).append(actor)
    latest = {c.rule: c.cycle for c in sorted(snap.clocks, key=lambda c: c.cycle)}
    extended: dict[str, int] = {}
    for rule, extension, cycle in extensions or ():
        if cycle == latest.get(rule):
            extended[f"{rule}.{extension}"] = extended.get(f"{rule}.{extension}", 0) + 1
    return Known(
        values=_values(snap.procedure, values or {}, statement),
        people=tuple(_participant(p) for p in people or ()),
        children=tuple(Child(*child) for child in children or ()),
        papers=frozenset(papers or ()),
        taken={step: tuple(actors) for step, actors in taken.items()},
        extended=extended,
        sealed=sealed,
    )


def _values(procedure: Procedure, values: Mapping[str, Any], statement: Sequence[str]) -> dict[str, object]:
    """Kept values, with what the statement holds under the names of the opening's fields."""
    rule, step = procedure.opening, procedure.opening_step
    text, *contact = statement
    held = dict(zip(CONTACT, contact, strict=True))
    found: dict[str, object] = dict(values)
    for field in step.fields if step else ():
        if held.get(field.id):
            found[field.id] = held[field.id]
        elif rule is not None and field.id == rule.statement:
            found[field.id] = text
    return found


def _participant(row: Sequence[Any]) -> Participant:
    ident, role, kind, name, post, unit, consent, barred, opener = row
    return Participant(ident, role, kind, name, post or "", unit or "", consent, barred, opener)
