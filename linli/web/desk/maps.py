"""The map: places coloured by their worst open work. Shapes change rarely and are cached; counts are one query."""

import hashlib

import orjson
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from linli.core.codes import is_area
from linli.core.routing import HANDLERS, LEVELS, level_of_area
from linli.kernel import clock
from linli.matters import desk_queries, queries, reference
from linli.parties import gate
from linli.places import queries as place_queries
from linli.web.desk.board import DESK

ORDER = ("city", "county", "township", "village", "grid")
COARSE = {"city": 400.0, "county": 150.0, "township": 60.0, "village": 15.0, "grid": 3.0}  # metres
_cache: dict[tuple[object, ...], bytes] = {}
KEPT = 400  # answers held by a process; 400 townships of 60 grids are about 20 MB


@never_cache
@require_safe
@gate.staff(roles=DESK)
def page(request: HttpRequest) -> HttpResponse:
    """The map of the viewer's widest area."""
    viewer = gate.viewer_of(request)
    area = next(iter(viewer.centre_areas), "") or reference.current().home()
    return render(
        request, "desk/map.html", {"area": area, "level": level_of_area(area), "tab": "map", "sizes": sizes(area)}
    )


def sizes(area: str) -> str:
    """How many places of each level lie below *area*: `county:11 township:132 …`, so that the page picks a level."""
    found = dict.fromkeys(ORDER, 0)
    for entry in reference.current().index.walk(area):
        found[entry.level] += 1
    return " ".join(f"{level}:{number}" for level, number in found.items() if number)


@require_safe
@gate.staff(roles=HANDLERS)
def shapes(request: HttpRequest) -> HttpResponse:
    """Outlines of ?level= inside ?in= (or with ?below=1 of the next level that is drawn), as GeoJSON with an ETag."""
    wanted, level = request.GET.get("in", ""), request.GET.get("level", "")
    area = wanted if is_area(wanted) else reference.current().home()
    own = level_of_area(area) if area else "city"
    levels = [level] if level in ORDER else ORDER[ORDER.index(own) + 1 :] if "below" in request.GET else [own]
    version = (place_queries.snapshot().version, area, tuple(levels))
    tag = f'"{hashlib.sha256(repr(version).encode()).hexdigest()[:20]}"'
    if request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified()
    response = HttpResponse(_shapes(version, area, levels), content_type="application/geo+json")
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _shapes(version: tuple[object, ...], area: str, levels: list[str] | tuple[str, ...]) -> bytes:
    """The encoded answer, from memory when it was made before. One query per level looked at."""
    if version in _cache:
        return _cache[version]
    found: dict[str, object] = {"type": "FeatureCollection", "features": []}
    for level in levels:
        if area:
            found = place_queries.geojson(area, level, COARSE[level])
        if found["features"]:
            break
    made = orjson.dumps(found)
    if len(_cache) >= KEPT:
        _cache.clear()
    _cache[version] = made
    return made


@never_cache
@require_safe
@gate.staff(roles=DESK)
def counts(request: HttpRequest) -> HttpResponse:
    """Open work by place of ?level= inside ?in=: [area, red, yellow, green, grey]. One query."""
    viewer, level = gate.viewer_of(request), request.GET.get("level", "grid")
    area = request.GET.get("in", "")
    rows = queries.visible_to(viewer)
    if is_area(area):
        rows = rows.filter(queries.inside(area))
    known = {name for name, _, _ in LEVELS}
    found = desk_queries.by_area(rows, level if level in known else "grid", clock.now())
    return JsonResponse({"counts": found})


@require_safe
@gate.staff(roles=HANDLERS)
def places(request: HttpRequest) -> HttpResponse:
    """Places by name (?q=), or the surroundings of one (?at=), for pickers. No query."""
    text, area = request.GET.get("q", "")[:60], request.GET.get("at", "")
    if text:
        found = [
            {
                "area": f.area,
                "label": f"{f.name}（{f.chain}）" if f.chain and f.name not in f.chain else f.chain or f.name,
            }
            for f in desk_queries.find_places(text, reference.current().home())
        ]
        return JsonResponse({"places": found})
    around = desk_queries.around_place(area if is_area(area) else "")
    chosen = area if any(option.value == area for option in around) else ""
    return JsonResponse({"places": [{"area": o.value, "label": o.label} for o in around], "chosen": chosen})


def _named(found: desk_queries.Found) -> str:
    """A road or an estate with the place it lies in; a place with those around it."""
    if not found.chain:
        return found.name
    return found.chain if found.name in found.chain else f"{found.name}（{found.chain}）"
