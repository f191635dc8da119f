"""Taking a call: one sentence, who calls, where. The reading appears as it is typed; at the end a code to read out."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from linli.core.refusals import Refusal, Refused
from linli.core.snapshot import Actor
from linli.core.words import Words
from linli.kernel import clock
from linli.matters import corrections, desk_queries, intake, likeness_asking, queries, reference
from linli.matters.drafting import Draft, Received, Request, draft
from linli.matters.models import Matter
from linli.matters.tracking import tracking_code
from linli.parties import gate
from linli.parties.access import Viewer
from linli.parties.roles import CENTRE_ROLES
from linli.understanding.danger import KINDS
from linli.understanding.reading import Part
from linli.web import errors, frame, sheets, typed
from linli.web.desk import alike

CHANNELS = ("hotline", "desk")
RECENT = timedelta(days=14)  # how far back the same problem is looked for


@dataclass(frozen=True, slots=True)
class Call:
    """What the form held; kept and shown again when it is refused."""

    text: str = ""
    name: str = ""
    phone: str = ""
    area: str = ""
    address: str = ""
    category: str = ""
    channel: str = "hotline"
    key: str = ""

    @classmethod
    def of(cls, request: HttpRequest) -> "Call":
        """The form of *request*, as typed."""
        short = {name: typed.field(request, name) for name in ("name", "phone", "area", "address", "category")}
        channel = request.POST.get("channel", "")
        door = channel if channel in CHANNELS else "hotline"
        return cls(request.POST.get("text", ""), **short, channel=door, key=typed.key(request))

    def request(self, viewer: Viewer) -> Request:
        """The call as intake takes it. The same form sent twice is one request."""
        told = [self.text.strip(), self.name, self.phone, self.area, self.address, self.category, self.channel]
        return Request(
            text=self.text,
            channel=self.channel,
            area=self.area,
            near=next(iter(viewer.centre_areas), ""),
            category=self.category,
            contact_name=self.name,
            contact_phone=self.phone,
            address=self.address,
            language=get_language() or "zh-hans",
            scope=viewer.actor_id,
            key=self.key,
            body=typed.body(told),
        )


@dataclass(frozen=True, slots=True)
class Understood:
    """One problem of the sentence, as the operator sees it before it is stored."""

    part: str
    category: Words
    place: str
    holder: str
    reasons: tuple[Words, ...]
    doubts: tuple[Words, ...]
    why: tuple[Words, ...]
    danger: Words | None
    clocks: tuple[tuple[Words, Words], ...]
    similar: tuple[alike.Shown, ...]


def _actor(viewer: Viewer) -> Actor:
    held = next((p for p in viewer.posts if p.role in CENTRE_ROLES), None)
    roles = frozenset(p.role for p in viewer.posts)
    return Actor("person", viewer.id, viewer.name, roles, held.post if held else None, held.unit if held else None)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@gate.staff(roles=CENTRE_ROLES)
def new(request: HttpRequest) -> HttpResponse:
    """Show the form; take the call."""
    viewer = gate.viewer_of(request)
    if request.method != "POST":
        return _form(request, viewer, Call(key=uuid4().hex))
    call = Call.of(request)
    try:
        with transaction.atomic():
            asked, at, actor = call.request(viewer), clock.now(), _actor(viewer)
            receipt = intake.receive(asked, at=at, actor=actor)
            corrections.keep(
                corrections.at_intake(receipt.items, asked, reference.current(), actor, viewer.actor_id, at)
            )
    except Refused as refused:
        return _form(request, viewer, call, refused.refusal)
    return HttpResponseRedirect(reverse("desk-taken", args=[receipt.bundle]))


def _form(request: HttpRequest, viewer: Viewer, call: Call, refusal: Refusal | None = None) -> HttpResponse:
    home = call.area or next(iter(viewer.centre_areas), "")
    context = {
        "call": call,
        "refusal": refusal,
        "categories": desk_queries.category_groups(get_language() or "zh-hans"),
        "places": desk_queries.around_place(home),
        "home": home,
        "tab": "new",
    }
    return render(request, "desk/new.html", context, status=refusal.status if refusal else 200)


@require_POST
@gate.staff(roles=CENTRE_ROLES)
def reading(request: HttpRequest) -> HttpResponse:
    """What would be understood of the sentence so far. Nothing is stored."""
    viewer, call = gate.viewer_of(request), Call.of(request)
    context: dict[str, Any] = {"parts": (), "refusal": None}
    if call.text.strip():
        try:
            context["parts"] = _understood(call, viewer)
        except Refused as refused:
            context["refusal"] = refused.refusal
    return render(request, "desk/reading.html", context)


def _understood(call: Call, viewer: Viewer) -> list[Understood]:
    ref, at = reference.current(), clock.now()
    made = draft(call.request(viewer), ref, at, _actor(viewer))
    return [_part(made, n, item, viewer, call.phone) for n, item in enumerate(made.items)]


def _part(made: Draft, number: int, item: Received, viewer: Viewer, phone: str) -> Understood:
    part: Part = made.reading.parts[number]
    ref = reference.current()
    category = ref.catalogue.by_code.get(item.category)
    seat = item.opening.choice.seat
    danger = part.danger or (made.reading.danger if number == 0 else None)
    rules = ref.latest("request").clocks
    asked = likeness_asking.typed(item.part, item.area, item.category, clock.now(), phone=phone)
    similar = alike.while_typing(viewer, asked, clock.now() - RECENT)
    reasons = (*(part.category.reasons if part.category else ()), *(part.place.reasons if part.place else ()))
    spans = [(rules[c.rule].labels, c.span) for c in item.opening.clocks if c.rule in rules]
    return Understood(
        item.part if len(made.items) > 1 else "",
        category.path if category else item.terms.labels,
        frame.area_chain(item.area),
        f"{seat.unit_name} {seat.name}" if seat else "",
        tuple(dict.fromkeys(reasons)),
        part.doubts,
        item.opening.choice.reasons,
        KINDS.get(danger.kind) if danger else None,
        tuple((name, Words(span.said("zh"), span.said("en"))) for name, span in spans),
        tuple(similar),
    )


@never_cache
@require_safe
@gate.staff(roles=CENTRE_ROLES)
def taken(request: HttpRequest, bundle: UUID) -> HttpResponse:
    """The codes to read out. Only what the operator may see, so only requests of their own area."""
    viewer = gate.viewer_of(request)
    rows = (
        queries.visible_to(viewer)
        .filter(bundle=bundle)
        .select_related("statement", "holder_unit", "holder_post__person")
    )
    found = [(sheets.card(row), _spoken(tracking_code(row.pk))) for row in rows.order_by("code")]
    if not found:
        by_me = Matter.objects.filter(bundle=bundle, events__seq=1, events__actor=viewer.id).first()
        if by_me is None:
            return errors.refused(request, Refusal("not_yours"))
        # taken for a place elsewhere: the caller still hears the code, the rest is that place's
        found = [(None, _spoken(tracking_code(by_me.pk)))]  # type: ignore[list-item]
    return render(request, "desk/taken.html", {"found": found})


def _spoken(code: str) -> str:
    """A code in groups of four, as it is read out."""
    return " ".join(code[n : n + 4] for n in range(0, len(code), 4))
