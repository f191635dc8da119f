"""``GET /api/v1/topics``: hot topics among the matters that the caller may read."""

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from linli.channels.rest.api import PROBLEMS, answer
from linli.channels.rest.callers import Needs, known_only, viewer_in
from linli.indicators import queries, topics
from linli.kernel import clock

router = Router(tags=["indicators"])
Area = Annotated[str, Query("", max_length=15, pattern=r"^[0-9]*$", description="an area inside yours; empty: yours")]
Days = Annotated[int, Query(30, ge=1, le=90, description="days up to now")]
Most = Annotated[int, Query(30, ge=1, le=100)]


@router.get("topics", response={200: list[dict[str, Any]], **PROBLEMS}, auth=Needs(queries.SCOPE), summary="Hot topics")
def hot_topics(request: HttpRequest, area: Area = "", days: Days = 30, most: Most = 30) -> HttpResponse:
    """Topics with place, period, people, heat, reasons and the codes of their matters, hottest first.

    A token needs ``matters:read`` too: only matters that the caller may read are counted and named.
    """
    known_only(request, ("area", "days", "most"))
    viewer = viewer_in(request)
    found = topics.hot(viewer, queries.area_for(viewer, area), days, clock.now(), most)
    return answer([one.as_dict() for one in found if not one.dismissed])
