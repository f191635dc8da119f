"""Taking steps from staff pages: one form made from the step's declaration, one way of handling what comes back.

Photos are uploaded first and come back as signed tokens, so that a refused form loses neither words nor pictures; a
browser without scripts sends them with the form.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from linli.audit import queries as audit
from linli.core.procedure import Field, Step
from linli.core.refusals import Refusal, Refused
from linli.core.snapshot import Decision, Snapshot
from linli.kernel import clock
from linli.matters import actions, desk_queries, media, queries, reference
from linli.matters.drafting import File
from linli.matters.models import Matter
from linli.parties import gate
from linli.parties.access import Viewer
from linli.web import errors

SALT = "linli.web.upload"
KEPT = 24 * 3600  # s a token of an uploaded photo is good for
MOST = 9  # files a step may carry
AGAIN = timedelta(minutes=10)  # looking twice within this is one look


@dataclass(frozen=True, slots=True)
class Photo:
    """An uploaded photo that waits for its step."""

    token: str
    file: File


@dataclass(frozen=True, slots=True)
class Asked:
    """One field of the form with what stands in it."""

    field: Field
    value: str
    problem: bool
    options: Sequence[Any] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """A step as a form. *evidence*: photos may be added; *needed*: they must be."""

    step: Step
    matter: Matter
    seen: int
    action: str
    back: str
    asked: tuple[Asked, ...]
    refusal: Refusal | None
    photos: tuple[Photo, ...]
    evidence: bool
    needed: bool
    loose: Refusal | None  # a refusal that belongs to no field shown


def matter_of(viewer: Viewer, code: str) -> Matter:
    """The matter with the code people see. Raises Refused when there is none, or it is not the viewer's to see."""
    found = queries.by_code(viewer, code) if len(code) <= 40 and code.isascii() and code.isprintable() else None
    if found is None:
        raise Refused("not_yours")
    return found


def declared_kind(matter: Matter) -> bool:
    """Whether it is of a kind with an opening of its own, whose page is made from its declaration."""
    return reference.current().procedure(matter.procedure, matter.procedure_version).opening is not None


def snapshot(matter: Matter) -> Snapshot:
    """The matter as decisions see it."""
    snap = queries.snapshot_of(matter.pk)
    if snap is None:
        raise Refused("not_yours")
    return snap


def looked(request: HttpRequest, viewer: Viewer, matter: Matter) -> None:
    """Note once in ten minutes that the viewer opened the file."""
    at = clock.now()
    lines = audit.of_target("matter", str(matter.pk))
    if not lines.filter(actor=viewer.actor_id, at__gt=at - AGAIN).exists():
        actions.look(matter, viewer=viewer, at=at)


def one(
    request: HttpRequest, code: str, template: str, context: Callable[[Viewer, Matter], dict[str, Any]], *, whole: bool
) -> HttpResponse:
    """*template* with the *context* of one matter, or the words of a refusal.

    *whole*: it is the page, so that the look goes on the record and a matter of a declared kind leads to its own page;
    else the part that live updates ask for.
    """
    viewer = gate.viewer_of(request)
    try:
        matter = matter_of(viewer, code)
    except Refused as refused:
        return errors.refused(request, refused.refusal)
    if whole and declared_kind(matter):
        return HttpResponseRedirect(reverse("case", args=[matter.code]))
    if whole:
        looked(request, viewer, matter)
    return render(request, template, context(viewer, matter))


def form_of(
    matter: Matter,
    snap: Snapshot,
    step: Step,
    *,
    action: str,
    back: str,
    typed: Mapping[str, str] | None = None,
    refusal: Refusal | None = None,
    photos: Sequence[Photo] = (),
) -> Form:
    """The form of *step*, filled with what was typed, or with what stands."""
    held = dict(typed) if typed is not None else _standing(matter, snap, step)
    about = refusal.about if refusal else ""
    asked = tuple(
        Asked(f, held.get(f.id, ""), about == f.id, _options(f, snap, held.get(f.id, ""))) for f in step.fields
    )
    known = {f.id for f in step.fields} | ({"evidence"} if step.evidence else set())
    return Form(
        step,
        matter,
        matter.seq,
        action,
        back,
        asked,
        refusal,
        tuple(photos),
        step.evidence,
        step.evidence and "photo" in snap.terms.evidence,
        refusal if refusal and about not in known else None,
    )


def _standing(matter: Matter, snap: Snapshot, step: Step) -> dict[str, str]:
    """What a fresh form shows: where the matter stands now, so that only what is wrong is changed."""
    found = {f.id: getattr(matter, f.id) for f in step.fields if f.type in ("category", "area")}
    return found | {"keep": "true" if snap.by_hand else "false"}


def _options(field: Field, snap: Snapshot, value: str) -> Sequence[Any]:
    if field.type == "category":
        return desk_queries.category_groups(get_language() or "zh-hans")
    if field.type == "area":
        return desk_queries.around_place(value or snap.area)
    if field.type == "post":
        return desk_queries.candidates(snap, clock.now())
    if field.id == "keep" and snap.holder.post is not None:
        return (f"{snap.holder.name} · {snap.holder.unit_name}".strip(" ·"),)
    return ()


def step_of(snap: Snapshot, name: str) -> Step:
    """The declared step. Raises Refused for an unknown one."""
    step = snap.procedure.steps.get(name)
    if step is None:
        raise Refused("step_unknown", step=name, steps="、".join(snap.procedure.steps))
    return step


def typed_of(request: HttpRequest, step: Step) -> dict[str, str]:
    """What the form held, as typed."""
    return {f.id: request.POST[f.id] for f in step.fields if f.id in request.POST}


def submit(request: HttpRequest, viewer: Viewer, matter: Matter, step: Step, photos: Sequence[Photo]) -> Decision:
    """Take the step with what the form held. Raises Refused."""
    form = {name: text for name, text in typed_of(request, step).items() if text.strip()}
    seen = request.POST.get("seen", "")
    return actions.take(
        matter.pk,
        step.id,
        viewer=viewer,
        form=form,
        files=[photo.file for photo in photos] if step.evidence else (),
        at=clock.now(),
        seen=int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 9 else None,
    )


def photos_of(request: HttpRequest, viewer: Viewer) -> list[Photo]:
    """The photos that came with the form: tokens of earlier uploads, and files sent along. Raises Refused."""
    found = [from_token(token, viewer) for token in request.POST.getlist("photo_token")[:MOST]]
    for sent in request.FILES.getlist("photo")[: MOST - len(found)]:
        if (sent.size or 0) > media.LIMIT:
            raise Refused("file_large", about="evidence", limit="15 MB")
        found.append(stored(sent.read(), viewer))
    return found


def stored(data: bytes, viewer: Viewer) -> Photo:
    """Check, clean and keep one photo; its token is good for *viewer* alone. Raises Refused."""
    file = media.store(data)
    told = [viewer.actor_id, file.kind, file.sha256, file.media_type, file.size, file.width, file.height]
    return Photo(signing.dumps(told, salt=SALT), file)


def from_token(token: str, viewer: Viewer) -> Photo:
    """A token is good for who uploaded, for a day: nobody attaches a file that is not theirs. Raises Refused."""
    try:
        whose, *told = signing.loads(token, salt=SALT, max_age=KEPT)
    except signing.BadSignature:
        raise Refused("file_broken", about="evidence") from None
    if whose != viewer.actor_id:
        raise Refused("file_broken", about="evidence")
    return Photo(token, File(*told))


def upload(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Take one photo ahead of its step; its token as JSON, or the refusal in words."""
    english = (get_language() or "").startswith("en")
    try:
        photos = photos_of(request, viewer)
        if not photos:
            raise Refused("file_broken", about="evidence")
    except Refused as refused:
        said = refused.refusal.words.said("en" if english else "zh-hans")
        return JsonResponse({"error": said}, status=refused.refusal.status)
    first = photos[0]
    return JsonResponse({"token": first.token, "type": first.file.media_type, "size": first.file.size})


def done(request: HttpRequest, address: str) -> HttpResponse:
    """On to *address*, for a whole page or for htmx."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)


def said_done(step: Step, decision: Decision) -> str:
    """What is said after a step: what was done, and whose hands the matter is in where that was decided."""
    said = _("已完成：%(step)s") % {"step": step.labels.said(get_language() or "zh-hans")}
    kept = decision.entries[0].data.get("kept") if decision.entries else None
    if isinstance(kept, dict):
        return said + _("。仍由%(who)s办理") % {"who": f"{kept.get('unit_name', '')} {kept.get('name', '')}".strip()}
    if decision.assigned is not None and "route" in step.effects:
        holder = decision.assigned.holder
        who = f"{holder.unit_name} {holder.name}".strip()
        return said + (_("。已派给%(who)s") % {"who": who} if who else _("。还没有人可派，已提醒本级中心"))
    return said


def kept_photos(request: HttpRequest, viewer: Viewer) -> list[Photo]:
    """The photos of a refused form, to be shown in it again; broken ones fall away."""
    found = []
    for token in request.POST.getlist("photo_token")[:MOST]:
        try:
            found.append(from_token(token, viewer))
        except Refused:
            continue
    return found


def ident(text: str) -> UUID | None:
    """A UUID, or nothing."""
    try:
        return UUID(text)
    except ValueError:
        return None
