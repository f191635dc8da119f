"""The answer page and the tracking page. The private code is the whole right: no account, and no guessing."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from linli.channels import limits
from linli.core.refusals import Refusal, Refused
from linli.matters import likeness, queries
from linli.matters.models import Matter
from linli.matters.tracking import LENGTH, normal, tracking_code
from linli.web import acting, errors
from linli.web.resident import photos, showing

WINDOW, MISSES = 60, 20  # wrong codes a minute from one address
View = Callable[..., HttpResponse]


def matter_of(request: HttpRequest, code: str) -> Matter:
    """The matter behind *code*. Raises Refused: not_yours for a wrong one, too_many after many wrong ones."""
    limits.guard("tracking", request, most=MISSES, seconds=WINDOW)
    found = queries.by_tracking(code) if len(normal(code)) == LENGTH else None
    if found is None:
        limits.strike("tracking", request, seconds=WINDOW)
        raise Refused("not_yours")
    return found


def with_matter(view: View) -> View:
    """Gives the view the matter behind the code in the address; what is wrong with a code becomes a page."""

    @wraps(view)
    def wrapped(request: HttpRequest, code: str, **rest: Any) -> HttpResponse:
        try:
            matter = matter_of(request, code)
        except Refused as refused:
            return errors.refused(request, refused.refusal)
        response = view(request, matter, **rest)
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    return never_cache(wrapped)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """Enter the private code."""
    if request.method != "POST":
        return render(request, "resident/find.html", {"typed": "", "text": ""})
    typed = request.POST.get("code", "")[:60]
    try:
        matter = matter_of(request, typed)
    except Refused as refused:
        refusal = refused.refusal
        context: dict[str, Any] = {"typed": typed, "refusal": refusal if refusal.code == "too_many" else None}
        if refusal.code != "too_many":
            context["text"] = _("没有这个查询码。它有 12 位字母和数字，请对照您记下的码再输一次。")
        return render(request, "resident/find.html", context, status=refusal.status)
    return HttpResponseRedirect(reverse("track", args=[tracking_code(matter.pk)]))


@require_safe
@with_matter
def answer(request: HttpRequest, matter: Matter) -> HttpResponse:
    """What was understood, who is responsible, and the running clock."""
    others = showing.siblings(matter)
    sheets = [showing.sheet(matter), *(showing.sheet(_whole(row)) for row, _code in others)]
    address = request.build_absolute_uri(reverse("track", args=[sheets[0].code]))
    danger = next((sheet.danger for sheet in sheets if sheet.danger), None)
    context = {
        "sheets": sheets,
        "sheet": sheets[0],
        "address": address,
        "danger": danger,
        "photos": queries.opening_files(matter),
        "joined": likeness.claimed([matter]),
    }
    return render(request, "resident/answer.html", context)


def _whole(row: Matter) -> Matter:
    """The same matter with its holder."""
    return queries.get(queries.resident(row), row.pk) or row


@require_safe
@with_matter
def page(request: HttpRequest, matter: Matter) -> HttpResponse:
    """Everything about one matter, and what its resident may do."""
    if acting.declared_kind(matter):
        return HttpResponseRedirect(reverse("party", args=[tracking_code(matter.pk)]))
    return tracking_page(request, matter)


def tracking_page(
    request: HttpRequest,
    matter: Matter,
    refusal: Refusal | None = None,
    typed: Mapping[str, str] | None = None,
    step: str = "",
    came: photos.Came = photos.NONE,
) -> HttpResponse:
    """The tracking page; with a refusal the form of *step* stands open and keeps what was *typed* and *came* too."""
    sheet = showing.sheet(matter)
    context = {
        "sheet": sheet,
        "lines": showing.lines(matter, sheet.snap.procedure),
        "siblings": showing.siblings(matter),
        "viewers": showing.viewers(matter),
        "address": request.build_absolute_uri(reverse("track", args=[sheet.code])),
        "danger": sheet.danger if sheet.open else None,
        "refusal": refusal,
        "typed": typed or {},
        "typed_step": step,
        **_blank(),
        "came": came,
    }
    return render(request, "resident/track.html", context, status=refusal.status if refusal else 200)


def _blank() -> dict[str, Any]:
    """What forms of steps need beside the sheet: a key, so that a form sent twice is one step, and no photos yet."""
    return {"key": uuid4().hex, "came": photos.NONE, "most": photos.MOST}


@require_safe
@with_matter
def now_part(request: HttpRequest, matter: Matter) -> HttpResponse:
    """Stage, holder, clocks and history alone, for live updates."""
    sheet = showing.sheet(matter)
    context = {"sheet": sheet, "lines": showing.lines(matter, sheet.snap.procedure)}
    return render(request, "resident/now_part.html", context)


@require_safe
@with_matter
def steps_part(request: HttpRequest, matter: Matter) -> HttpResponse:
    """The forms alone, for a change of stage while the page is open."""
    return render(request, "resident/steps.html", {"sheet": showing.sheet(matter), "typed": {}, **_blank()})
