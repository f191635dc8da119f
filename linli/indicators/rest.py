"""``GET /api/v1/indicators`` and ``GET /api/v1/indicators/{id}``: the rates over REST, with their exclusions."""

from datetime import datetime, timedelta
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema

from linli.channels.rest.api import PROBLEMS, answer
from linli.channels.rest.callers import Needs, known_only, viewer_in
from linli.core.refusals import Refused
from linli.indicators import queries
from linli.indicators.declared import indicators
from linli.kernel import clock

router = Router(tags=["indicators"])
READ = Needs(queries.SCOPE)
PERIOD = timedelta(days=30)
LONGEST = timedelta(days=400)
Area = Annotated[str, Query("", max_length=15, pattern=r"^[0-9]*$", description="an area inside yours; empty: yours")]
Since = Annotated[datetime | None, Query(None, description="with its zone; 30 days ago by default")]
Until = Annotated[datetime | None, Query(None, description="with its zone; now by default")]


class IndicatorRow(Schema):
    """An indicator that may be asked for."""

    id: str
    version: int


@router.get("indicators", response={200: list[IndicatorRow], **PROBLEMS}, auth=READ, summary="Indicators")
def listed(request: HttpRequest) -> HttpResponse:
    """The declared indicators."""
    known_only(request)
    return answer([{"id": one.id, "version": one.version} for one in indicators().values()])


@router.get(
    "indicators/{slug:ident}", response={200: dict[str, Any], **PROBLEMS}, auth=READ, summary="One indicator's figure"
)
def figure(request: HttpRequest, ident: str, area: Area = "", since: Since = None, until: Until = None) -> HttpResponse:
    """Value, numerator, denominator and every exclusion with its count, for an area and a period."""
    known_only(request, ("area", "since", "until"))
    if ident not in indicators():
        raise Refused("not_yours")
    now = clock.now()
    end = _aware(until, "until") or now
    begin = _aware(since, "since") or end - PERIOD
    if not timedelta(0) < end - begin <= LONGEST:
        raise Refused("bad_time", about="since", why=f"since … until: 1 s – {LONGEST.days} d")
    wanted = queries.area_for(viewer_in(request), area)
    return answer(queries.rates(wanted, begin, end, now=now, only=[ident])[ident].as_dict() | {"area": wanted})


def _aware(given: datetime | None, name: str) -> datetime | None:
    if given is not None and (given.tzinfo is None or not 1900 <= given.year <= 9000):
        raise Refused("bad_time", about=name, why=given.isoformat())
    return given
