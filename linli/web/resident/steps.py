"""What a resident does with their own matter: correct, ask for a person, add, judge, object, withdraw, erase."""

import hashlib
import json
from collections.abc import Sequence

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from linli.channels import limits
from linli.core.refusals import Refused
from linli.kernel import clock, idempotency, settings
from linli.matters import actions, intake, queries, reference
from linli.matters.drafting import File
from linli.matters.models import Matter
from linli.matters.tracking import tracking_code
from linli.web.resident import photos, track

WINDOW = 60  # s in which steps from one address are counted


def _page(code: str) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("track", args=[code]))


@require_http_methods(["GET", "HEAD", "POST"])
@track.with_matter
def take(request: HttpRequest, matter: Matter, step: str) -> HttpResponse:
    """Take a step; a refusal comes back with everything that was typed. Looking at the address shows the page."""
    code = tracking_code(matter.pk)
    if request.method != "POST":
        return _page(code)
    procedure = reference.current().procedure(matter.procedure, matter.procedure_version)
    declared = procedure.steps.get(step)
    fields = [field.id for field in declared.fields] if declared else []
    typed = {name: request.POST[name] for name in fields if name in request.POST}
    whose = queries.resident(matter)
    came = photos.NONE
    try:
        limits.guard("step", request, most=settings.current().page_per_minute, seconds=WINDOW)
        limits.strike("step", request, seconds=WINDOW)
        if declared is not None and declared.files:
            came = photos.of(request, whose)
        _once(request, matter, step, typed, came.files)
    except Refused as refused:
        fresh = queries.by_tracking(code) or matter
        if refused.refusal.code == "too_many":
            came = photos.untouched(request, whose)
        return track.tracking_page(request, fresh, refused.refusal, typed, step, came)
    messages.success(request, _done(step))
    return _page(code)


def _once(request: HttpRequest, matter: Matter, step: str, typed: dict[str, str], files: Sequence[File]) -> None:
    """Take the step; a form whose key and content came before has been taken already. Raises Refused."""
    held = [step, *sorted(typed.items()), *(file.sha256 for file in files)]
    body = json.dumps(held, ensure_ascii=False).encode("utf-8", "replace")
    given = request.POST.get("key", "")[:64]
    scope, key = f"step:{matter.pk}", f"{given}:{hashlib.sha256(body).hexdigest()[:24]}"
    with transaction.atomic():
        if given.isascii() and given.isalnum() and idempotency.claim(scope, key, body, at=clock.now()) is not None:
            return
        actions.take(
            matter.pk,
            step,
            viewer=queries.resident(matter),
            form={name: text for name, text in typed.items() if text.strip()},
            files=files,
            at=clock.now(),
            seen=_number(request.POST.get("seen", "")),
        )


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None


def _done(step: str) -> str:
    """What the resident reads after a step."""
    return {
        "correct": _("已更正。工作人员会按您说的重新研判。"),
        "place": _("谢谢。已按您说的地点转给那里的负责人。"),
        "ask_person": _("已转人工。会有一位工作人员来处理。"),
        "add": _("已补充，承办人会看到。"),
        "solved": _("谢谢您的评价，事项已办结。"),
        "not_solved": _("已收到。上一级会重新办理，新的时钟已经开始。"),
        "withdraw": _("已撤回。需要时可以随时再说。"),
        "object": _("已收到您的异议，上一级会重新研判。"),
        "resume": _("时钟已恢复计时。"),
        "unmerge": _("已分开，单独办理。"),
    }.get(step, _("已办好。"))


@require_http_methods(["GET", "HEAD", "POST"])
@track.with_matter
def erase(request: HttpRequest, matter: Matter) -> HttpResponse:
    """Ask for erasure of personal data: a matter of its own, with holder and clocks. Asking twice is one request."""
    if request.method != "POST":
        return _page(tracking_code(matter.pk))
    text = _("我申请删除事项 %(code)s 中我的个人信息（姓名、电话、原话和照片）。") % {"code": matter.code}
    asked = intake.Request(
        text=text,
        channel="page",
        area=matter.area[:12],
        language=get_language() or "zh-hans",
        scope="erase",
        key=f"erase:{matter.pk}",
        body=matter.pk.bytes,
    )
    try:
        with transaction.atomic():
            receipt = intake.receive(asked, at=clock.now())
    except Refused as refused:
        return track.tracking_page(request, matter, refused.refusal)
    made = receipt.known[0].id if receipt.repeated else receipt.items[0].id
    messages.success(request, _("删除申请已登记为一件新事项，会有人核实后答复。下面就是它的进度。"))
    return _page(tracking_code(made))
