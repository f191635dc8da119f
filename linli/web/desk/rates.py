"""Today's rates beside the board, each with its formula and what it leaves out."""

from dataclasses import dataclass
from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from linli.core.words import Words
from linli.indicators import queries as indicators
from linli.kernel import clock
from linli.parties import gate
from linli.parties.roles import CENTRE_ROLES


@dataclass(frozen=True, slots=True)
class Figure:
    """One rate of today, in words and figures."""

    label: Words
    value: float | None
    reached: int
    counted: int
    left_out: int
    formula: Words


@never_cache
@require_safe
@gate.staff(roles=CENTRE_ROLES)
def rates(request: HttpRequest) -> HttpResponse:
    """The rates since midnight in the viewer's widest area. One query a rate."""
    viewer, now = gate.viewer_of(request), clock.now()
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    area = indicators.area_for(viewer)
    found = indicators.rates(area, midnight, now + timedelta(seconds=1), now=now)
    figures = [
        Figure(r.indicator.labels, r.value, r.numerator, r.denominator, sum(r.excluded.values()), r.indicator.formula)
        for r in found.values()
    ]
    return render(request, "desk/rates.html", {"figures": figures, "area": area})
