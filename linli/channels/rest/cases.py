"""Matters of declared kinds over REST: what may be opened, opening it, and the side of those who take part."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from ninja import Header, Router, Schema
from ninja.utils import check_csrf
from pydantic import ConfigDict, Field

from linli.channels import intake_door, limits
from linli.channels.rest import files, telling
from linli.channels.rest.api import PROBLEMS, answer, language
from linli.channels.rest.callers import bearer, key_of, known_only
from linli.channels.rest.matters import GUESSES, WINDOW, _seen, _slow_down
from linli.channels.rest.shapes import ClockShape, FieldShape, Named, PublicEvent, StepShape, Take
from linli.core.refusals import Refused
from linli.kernel import clock, idempotency
from linli.matters import actions, opening, queries, reference
from linli.matters.case_models import Participant
from linli.matters.intake import Receipt
from linli.matters.models import Matter
from linli.matters.tracking import tracking_code
from linli.parties.access import NOBODY, Viewer
from linli.parties.gate import viewer_of

router = Router(tags=["cases"])
Key = Annotated[str | None, Header(None, alias="Idempotency-Key", description="1–120 visible ASCII characters")]


class Openable(Schema):
    """A kind of matter that the caller may open, with its form."""

    id: str
    version: int
    name: str
    help: str
    groups: list[Named]
    fields: list[FieldShape]


class Open(Schema):
    """What to open: the form of the procedure's opening, and where."""

    model_config = ConfigDict(extra="forbid")
    form: dict[str, Any] = Field(default_factory=dict)
    area: str = Field("", max_length=15, description="the place's code; empty where it is not known")
    files: list[str] = Field(default_factory=list, max_length=9)


class Opened(Schema):
    """A matter that was opened. ``tracking`` is the opener's private code."""

    id: UUID
    code: str
    tracking: str
    tracking_url: str
    procedure: str
    stage: Named
    clocks: list[ClockShape]
    repeated: bool


class PartyView(Schema):
    """A matter as somebody sees it who takes part, with their own code."""

    id: UUID
    code: str
    procedure: Named
    role: Named
    consent: str
    stage: Named
    closed_at: datetime | None
    clocks: list[ClockShape]
    history: list[PublicEvent]
    steps: list[StepShape]
    seq: int


def _caller(request: HttpRequest) -> Viewer:
    """A token with the scope, a member of staff in their session, or a resident. Raises Refused."""
    viewer = bearer(request)
    if viewer is not None:
        if intake_door.SCOPE not in viewer.scopes:
            raise Refused("scope_missing", scope=intake_door.SCOPE)
        return viewer
    person = viewer_of(request)
    if person.kind == "person" and person.posts:
        if request.method == "POST" and check_csrf(request) is not None:
            raise Refused("csrf")
        return person
    if request.method == "POST":
        _slow_down(request)
    return NOBODY


@router.get("openings", response={200: list[Openable], **PROBLEMS}, auth=None, summary="What may be opened")
def openings(request: HttpRequest) -> HttpResponse:
    """The kinds of matters that the caller may open, with their forms."""
    known_only(request)
    said = language(request)
    found = []
    for procedure in opening.openable(_caller(request), reference.current()):
        rule, step = procedure.opening, procedure.opening_step
        if rule is not None and step is not None:
            shown = {"groups": [{"id": i, "name": w.said(said)} for i, w in procedure.groups.items()]}
            head = {"id": procedure.id, "version": procedure.version, "name": procedure.labels.said(said)}
            found.append(head | shown | {"help": rule.help.said(said), "fields": telling.step(step, said)["fields"]})
    return answer(found)


@router.post(
    "openings/{slug:procedure}", response={200: Opened, 201: Opened, **PROBLEMS}, auth=None, summary="Open a matter"
)
def open_one(request: HttpRequest, procedure: str, given: Open, key: Key) -> HttpResponse:
    """Open a matter of a declared kind. 200: the key was used before."""
    known_only(request)
    viewer, name, at = _caller(request), key_of(request), clock.now()
    asked = opening.Asked(
        procedure,
        given.form,
        given.area,
        "api",
        language(request),
        files.opened(given.files, viewer),
        scope=f"open:{viewer.actor_id}" if name else "",
        key=name,
        body=procedure.encode() + request.body,
    )
    receipt = opening.open_case(asked, viewer=viewer, at=at)
    return answer(_opened(receipt, language(request), at), 200 if receipt.repeated else 201)


def _opened(receipt: Receipt, said: str, at: datetime) -> dict[str, Any]:
    ident = receipt.known[0].id if receipt.repeated else receipt.items[0].id
    row = Matter.objects.get(pk=ident)
    snap = queries.snapshot_of(ident)
    if snap is None:
        raise Refused("not_yours")
    return {
        "id": ident,
        "code": row.code,
        "tracking": tracking_code(ident),
        "tracking_url": f"/t/{tracking_code(ident)}",
        "procedure": row.procedure,
        "stage": {"id": row.stage, "name": snap.procedure.stages[row.stage].labels.said(said)},
        "clocks": [telling.clock(c, snap.procedure, said, at) for c in snap.clocks],
        "repeated": receipt.repeated,
    }


@router.get("p/{code}", response={200: PartyView, **PROBLEMS}, auth=None, summary="Follow as a participant")
def party(request: HttpRequest, code: str) -> HttpResponse:
    """The matter behind a participant's own code: never the words of the other side."""
    known_only(request)
    return answer(_party_view(_by_code(request, code), language(request), clock.now()))


@router.post("p/{code}/steps/{slug:step}", response={200: PartyView, **PROBLEMS}, auth=None, summary="Act as one")
def party_step(
    request: HttpRequest,
    code: str,
    step: str,
    given: Take,
    key: Key,
    if_match: Annotated[str | None, Header(None, alias="If-Match", description="the matter's seq that was seen")],
) -> HttpResponse:
    """Agree, leave, ask for another mediator… by whoever has the participant's code."""
    known_only(request)
    one = _by_code(request, code)
    viewer, name, at = queries.party(one), key_of(request), clock.now()
    body = f"{one.matter_id} {step} ".encode() + request.body
    taken = files.opened(given.files, viewer)
    with transaction.atomic():
        if not (name and idempotency.claim(f"{viewer.actor_id}:step", name, body, at=at) is not None):
            form, seen = given.form, _seen(if_match)
            actions.take(one.matter_id, step, viewer=viewer, form=form, files=taken, at=at, seen=seen)
    return party(request, code)


def _by_code(request: HttpRequest, code: str) -> Participant:
    limits.guard("track", request, most=GUESSES, seconds=WINDOW)
    found = queries.party_by_code(code) if len(code) <= 40 else None
    if found is None:
        limits.strike("track", request, seconds=WINDOW)
        raise Refused("not_yours")
    return found


def _party_view(one: Participant, said: str, at: datetime) -> dict[str, Any]:
    snap = queries.snapshot_of(one.matter_id)
    if snap is None:
        raise Refused("not_yours")
    procedure, row = snap.procedure, one.matter
    history = [telling._public(line, procedure, said) for line in queries.history(row)]
    rules = procedure.clocks
    return {
        "id": row.pk,
        "code": row.code,
        "procedure": {"id": procedure.id, "name": procedure.labels.said(said)},
        "role": {"id": one.role, "name": procedure.parts[one.role].labels.said(said)},
        "consent": one.consent,
        "stage": {"id": row.stage, "name": procedure.stages[row.stage].labels.said(said)},
        "closed_at": row.closed_at,
        "clocks": [telling.clock(c, procedure, said, at) for c in snap.clocks if rules[c.rule].public],
        "history": [line | {"texts": {}} for line in history if line is not None],
        "steps": [telling.step(s, said) for s in queries.steps_for(queries.party(one), snap)],
        "seq": row.seq,
    }
