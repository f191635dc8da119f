"""While a resident types: have others reported this here? A number, a public category and a place; never a word of
theirs."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from linli.channels import limits
from linli.core.refusals import Refused
from linli.kernel import clock
from linli.matters import likeness_asking

PER_MINUTE = 120  # a slow typist pauses less often
WINDOW = 60  # s


@never_cache
@require_POST
def alike(request: HttpRequest) -> HttpResponse:
    """A short part of the page, empty where there is nothing to say."""
    try:
        limits.guard("alike", request, most=PER_MINUTE, seconds=WINDOW)
    except Refused:
        return HttpResponse(status=204)  # no reason to stop anybody from writing
    limits.strike("alike", request, seconds=WINDOW)
    others = of_form(request)
    return render(request, "resident/alike.html", {"others": others, "joined": request.POST.get("join") == "1"})


def of_form(request: HttpRequest) -> likeness_asking.Others | None:
    """The same question for the form of *request*."""
    get = request.POST.get
    lon, lat = _degrees(get("lon", "")), _degrees(get("lat", ""))
    try:
        return likeness_asking.for_resident(get("text", ""), lon, lat, "wgs84", clock.now())
    except ValueError:
        return None


def _degrees(text: str) -> float | None:
    try:
        return float(text[:30]) if text.strip() else None
    except ValueError:
        return None
