"""Outlines of places for picking a spot on the map: public, cached, without a tile server."""

import hashlib

import orjson
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.views.decorators.http import require_safe

from linli.core.codes import is_area
from linli.core.routing import level_of_area
from linli.places import queries

_BELOW = {"city": "township", "county": "township", "township": "grid", "village": "grid"}
_COARSE = {"township": 40.0, "grid": 5.0}  # metres


@require_safe
def areas(request: HttpRequest) -> HttpResponse:
    """Outlines inside `?in=`: a city's townships (the default), a township's grids, or villages where none are."""
    wanted = request.GET.get("in", "")
    cities = queries.children("")
    area = wanted if is_area(wanted) else (cities[0].area if cities else "")
    level = _BELOW.get(level_of_area(area), "grid") if area else "township"
    tag = f'"{hashlib.sha256(f"{queries.snapshot().version} {area}".encode()).hexdigest()[:32]}"'
    if request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified()
    found = queries.geojson(area, level, _COARSE[level]) if area else {"type": "FeatureCollection", "features": []}
    if not found["features"] and level == "grid":
        found = queries.geojson(area, "village", _COARSE["grid"])
    response = HttpResponse(orjson.dumps(found), content_type="application/geo+json")
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = "public, max-age=300"
    return response
