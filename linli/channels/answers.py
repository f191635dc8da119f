"""What the API says of matters: one shape, used by the intake door, REST and exports."""

from typing import Any
from uuid import UUID

from linli.core.clocks import Clock
from linli.matters.drafting import Received
from linli.matters.intake import Known, Receipt
from linli.matters.reference import Reference
from linli.matters.tracking import tracking_code


def receipt(answer: Receipt, ref: Reference, language: str) -> dict[str, Any]:
    """The answer to an intake: what was understood, who is responsible, by when; one entry per matter."""
    if answer.repeated:
        matters = [known(item, ref, language) for item in answer.known]
    else:
        matters = [received(item, ref, language) for item in answer.items]
    first = matters[0]
    return {
        "id": first["id"],
        "code": first["code"],
        "tracking": first["tracking"],
        "tracking_url": first["tracking_url"],
        "repeated": answer.repeated,
        "matters": matters,
    }


def received(item: Received, ref: Reference, language: str) -> dict[str, Any]:
    """One new matter."""
    seat = item.opening.choice.seat
    return _head(item.id, item.code, item.stage, item.category, item.area, ref, language) | {
        "text": item.part,
        "sure": item.stage != ref.latest("request").unsure,
        "holder": {"name": seat.name, "unit": seat.unit_name} if seat else None,
        "why": [w.said(language) for w in item.opening.choice.reasons],
        "clocks": [clock(c, ref, language) for c in item.opening.clocks],
    }


def known(item: Known, ref: Reference, language: str) -> dict[str, Any]:
    """A matter that an earlier request with the same key made, as it stands now."""
    return _head(item.id, item.code, item.stage, item.category, item.area, ref, language)


def _head(
    ident: UUID, code: str, stage: str, category: str, area: str, ref: Reference, language: str
) -> dict[str, Any]:
    tracking = tracking_code(ident)
    stages = ref.latest("request").stages
    return {
        "id": ident,
        "code": code,
        "tracking": tracking,
        "tracking_url": f"/t/{tracking}",
        "stage": {"id": stage, "name": stages[stage].labels.said(language)},
        "category": {"code": category, "name": ref.terms_of(category).labels.said(language)},
        "place": {"area": area, "name": ref.index.full_name(area)},
    }


def clock(item: Clock, ref: Reference, language: str) -> dict[str, Any]:
    """A clock: when it warns, when it is due, and where that is written."""
    rule = ref.latest("request").clocks[item.rule]
    return {
        "id": item.rule,
        "name": rule.labels.said(language),
        "state": item.state,
        "started_at": item.started_at,
        "warn_at": item.warn_at,
        "due_at": item.due_at,
        "within": item.span.said(language),
    }
