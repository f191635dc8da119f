"""``GET matters``: filters, a signed cursor that fits one query of one caller, and rows without further queries."""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from functools import cache
from typing import Annotated, Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet
from ninja import Schema
from pydantic import AfterValidator, AwareDatetime, ConfigDict, Field

from linli.channels.rest.shapes import Colour
from linli.core import clocks
from linli.core.refusals import Refused
from linli.matters import queries, searching
from linli.matters.models import Matter
from linli.matters.reference import Reference
from linli.parties.access import Viewer

MOST = 200
COLUMNS = (
    *("id", "code", "stage", "category", "area", "kind", "level", "urgent", "sure", "due_at", "warn_at", "opened_at"),
    *("closed_at", "updated_at", "channel", "reopened", "outcome", "rating", "merged_into_id", "seq", "procedure"),
    *("procedure_version", "holder_post_id", "holder_unit_id", "holder_unit__name", "holder_post__person__name"),
)


def _bearable(at: datetime) -> datetime:
    """An instant that every database holds. Raises ValueError."""
    if not 1900 <= at.year <= 9000:
        raise ValueError("the year should be from 1900 to 9000")
    return at


Instant = Annotated[AwareDatetime, AfterValidator(_bearable)]


class Filters(Schema):
    """Filters of the list; all that are given must hold. Instants carry their zone."""

    model_config = ConfigDict(extra="forbid")
    stage: str = Field("", max_length=30)
    colour: Colour | None = None
    category: str = Field("", max_length=160, description="a category or a node above some")
    area: str = Field("", max_length=15, pattern=r"^[0-9]*$", description="everything inside this place")
    code: str = Field("", max_length=40)
    opened_from: Instant | None = None
    opened_to: Instant | None = None
    updated_since: Instant | None = None
    open: bool | None = None
    text: str = Field("", max_length=40, description="words that what was said contains")
    limit: int = Field(50, ge=1, le=MOST)
    cursor: str = Field("", max_length=120)


def page(viewer: Viewer, given: Filters, ref: Reference, language: str, at: datetime) -> dict[str, Any]:
    """One page as plain data. One query. Raises Refused("cursor_wrong")."""
    rows = _filtered(searching.guarded(queries.visible_to(viewer), viewer, given.text), given, at)
    bound = _bound(viewer, given)
    if given.cursor:
        rows = rows.filter(pk__lt=_opened(given.cursor, bound))
    found = list(rows.order_by("-pk").values_list(*COLUMNS)[: given.limit + 1])
    more = len(found) > given.limit
    items = [row(dict(zip(COLUMNS, r, strict=True)), ref, language, at) for r in found[: given.limit]]
    return {"items": items, "next": _cursor(items[-1]["id"], bound) if more else None}


def _filtered(rows: QuerySet[Matter], given: Filters, at: datetime) -> QuerySet[Matter]:
    if given.colour:
        rows = queries.coloured(rows, given.colour, at)
    if given.area:
        rows = rows.filter(queries.inside(given.area))
    if given.category:
        below = Q(category__gte=given.category + ".", category__lt=given.category + "/")
        rows = rows.filter(Q(category=given.category) | below)
    plain = {"stage": given.stage, "code": given.code.strip().upper(), "statement__text__contains": given.text}
    times = {
        "opened_at__gte": given.opened_from,
        "opened_at__lt": given.opened_to,
        "updated_at__gte": given.updated_since,
    }
    rows = rows.filter(**{name: value for name, value in (plain | times).items() if value})
    return rows if given.open is None else rows.filter(closed_at__isnull=given.open)


def row(got: dict[str, Any], ref: Reference, language: str, at: datetime) -> dict[str, Any]:
    """One row of the list from the columns of ``COLUMNS``."""
    procedure = ref.procedure(got["procedure"], got["procedure_version"])
    stage = procedure.stages[got["stage"]]
    colour = None
    if got["closed_at"] is None:
        colour = clocks.colour(got["warn_at"], got["due_at"], at) if got["due_at"] else clocks.GREY
    held = got["holder_post_id"] or got["holder_unit_id"]
    holder = {"name": got["holder_post__person__name"] or "", "unit": got["holder_unit__name"] or ""} if held else None
    same = ("id", "code", "kind", "level", "urgent", "sure", "due_at", "warn_at", "opened_at", "closed_at")
    more = ("updated_at", "channel", "reopened", "outcome", "rating", "seq")
    return {name: got[name] for name in (*same, *more)} | {
        "stage": {"id": got["stage"], "name": stage.labels.said(language)},
        "category": {"code": got["category"], "name": ref.terms_of(got["category"]).labels.said(language)},
        "place": {"area": got["area"], "name": ref.index.full_name(got["area"])},
        "colour": colour,
        "holder": holder,
        "merged_into": got["merged_into_id"],
    }


@cache
def _key() -> bytes:
    return hashlib.sha256(b"linli api cursor " + settings.SECRET_KEY.encode()).digest()


def _bound(viewer: Viewer, given: Filters) -> bytes:
    """What a cursor belongs to: the caller and the filters, not the page's size."""
    return f"{viewer.actor_id} {given.model_dump_json(exclude={'cursor', 'limit'})}".encode()


def _cursor(last: UUID, bound: bytes) -> str:
    mark = hmac.digest(_key(), last.bytes + bound, "sha256")[:16]
    return urlsafe_b64encode(last.bytes + mark).decode().rstrip("=")


def _opened(cursor: str, bound: bytes) -> UUID:
    try:
        raw = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except ValueError:
        raw = b""
    if len(raw) != 32 or not hmac.compare_digest(raw[16:], hmac.digest(_key(), raw[:16] + bound, "sha256")[:16]):
        raise Refused("cursor_wrong", about="cursor")
    return UUID(bytes=raw[:16])
