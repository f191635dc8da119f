"""Reference data over REST: procedures, categories, places, units, seals."""

from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from linli.channels.rest.api import PROBLEMS, answer, language
from linli.channels.rest.callers import Needs, known_only
from linli.channels.rest.shapes import (
    Categories,
    GeoJson,
    Located,
    Places,
    ProcedureRow,
    ProcedureShape,
    Seals,
    Units,
)
from linli.channels.rest.telling import step as step_shape
from linli.core.procedure import Procedure
from linli.core.refusals import Refused
from linli.kernel import clock
from linli.matters import reference
from linli.matters.models import Seal
from linli.matters.reference import Reference
from linli.parties import queries as parties
from linli.places import queries as places
from linli.places.coordinates import to_wgs84
from linli.places.index import Entry
from linli.procedures.categories import Category, Node

router = Router(tags=["reference"])
READ = Needs("reference:read")
Area = Annotated[str, Query("", max_length=15, pattern=r"^[0-9]*$", description="an area: 4, 6, 9, 12 or 15 digits")]
Level = Literal["city", "county", "township", "village", "grid"]
MOST = 5000  # units or seals in one answer


def area_at(lon: float, lat: float, crs: str, ref: Reference) -> str | None:
    """The lowest drawn place at a point given in *crs*. Raises Refused("bad_coordinates")."""
    try:
        here = to_wgs84(lon, lat, crs)
    except ValueError as error:
        raise Refused("bad_coordinates", about="lon", why=str(error)) from error
    return ref.locator.locate_one(float(here[0]), float(here[1]))


@router.get("procedures", response={200: list[ProcedureRow], **PROBLEMS}, auth=READ, summary="Procedures")
def procedures(request: HttpRequest) -> HttpResponse:
    """The newest version of every procedure."""
    known_only(request)
    found = reference.current().declared.latest.values()
    return answer([_head(p, language(request)) for p in found])


@router.get(
    "procedures/{slug:ident}",
    response={200: ProcedureShape, **PROBLEMS},
    auth=READ,
    summary="One procedure",
    by_alias=True,
)
def procedure(
    request: HttpRequest, ident: str, version: Annotated[int | None, Query(None, ge=1, le=2**31 - 1)]
) -> HttpResponse:
    """Stages, steps and clocks of a procedure; the newest version unless one is asked for."""
    known_only(request, ["version"])
    declared = reference.current().declared
    found = declared.latest.get(ident) if version is None else declared.procedures.get((ident, version))
    if found is None:
        raise Refused("not_yours")
    said = language(request)
    stages = [{"id": s.id, "name": s.labels.said(said), "kind": s.kind} for s in found.stages.values()]
    steps = [step_shape(s, said) | {"from": list(s.from_), "to": s.to, "by": list(s.by)} for s in found.steps.values()]
    clocks = [
        {
            "id": c.id,
            "name": c.labels.said(said),
            "starts": list(c.starts),
            "stops": list(c.stops),
            "within": c.within.said(said) if c.within else None,
            "source": c.source,
        }
        for c in found.clocks.values()
    ]
    return answer(_head(found, said) | {"stages": stages, "steps": steps, "clocks": clocks})


def _head(found: Procedure, said: str) -> dict[str, Any]:
    return {"id": found.id, "version": found.version, "name": found.labels.said(said), "source": found.source}


@router.get("categories", response={200: Categories, **PROBLEMS}, auth=READ, summary="The catalogue of categories")
def categories(request: HttpRequest) -> HttpResponse:
    """The catalogue as a tree of three levels."""
    known_only(request)
    catalogue = reference.current().catalogue
    said = language(request)
    return answer({"version": catalogue.version, "items": [_category(n, said) for n in catalogue.tree]})


def _category(node: Node | Category, said: str) -> dict[str, Any]:
    if isinstance(node, Node):
        children = [_category(child, said) for child in node.children]
        return {"code": node.code, "name": node.names.said(said), "children": children}
    return {
        "code": node.code,
        "name": node.label.said(said),
        "description": node.description.said(said),
        "kind": node.kind,
        "respond": node.respond.said(said),
        "complete": node.complete.said(said),
        "evidence": node.evidence,
        "source": node.source,
    }


@router.get("places", response={200: Places, **PROBLEMS}, auth=READ, summary="Places below a place")
def children(request: HttpRequest, area: Area, down_to: Annotated[Level | None, Query(None)]) -> HttpResponse:
    """What lies directly below *area* (of "": the cities), or everything down to a level."""
    known_only(request, ["area", "down_to"])
    index = reference.current().index
    if area and index.get(area) is None:
        raise Refused("place_unknown", about="area", area=area)
    found = index.walk(area, down_to) if down_to else index.children(area)
    return answer({"items": [_place(entry) for entry in found]})


@router.get("places/geojson", response={200: GeoJson, **PROBLEMS}, auth=READ, summary="Boundaries as GeoJSON")
def geojson(
    request: HttpRequest,
    area: Area,
    level: Level,
    simplify: Annotated[float, Query(0, ge=0, le=10_000, description="metres")],
) -> HttpResponse:
    """The polygons (WGS84) of one level inside *area*."""
    known_only(request, ["area", "level", "simplify"])
    if not area or reference.current().index.get(area) is None:
        raise Refused("place_unknown", about="area", area=area or "–")
    return answer(places.geojson(area, level, simplify))


@router.get("places/locate", response={200: Located, **PROBLEMS}, auth=READ, summary="The place at a point")
def locate(
    request: HttpRequest,
    lon: Annotated[float, Query(..., ge=-180, le=180)],
    lat: Annotated[float, Query(..., ge=-90, le=90)],
    crs: Annotated[Literal["wgs84", "cgcs2000", "gcj02", "bd09"], Query("wgs84")],
) -> HttpResponse:
    """The lowest drawn place at a point. 422 outside the city."""
    known_only(request, ["lon", "lat", "crs"])
    ref = reference.current()
    area = area_at(lon, lat, crs, ref)
    if area is None:
        raise Refused("outside_city", about="lon", lon=lon, lat=lat)
    return answer({"area": area, "chain": [_place(entry) for entry in ref.index.chain(area)]})


def _place(entry: Entry) -> dict[str, Any]:
    return {
        "area": entry.area,
        "code": entry.code,
        "name": entry.name,
        "level": entry.level,
        "kind": entry.kind,
        "lon": entry.lon,
        "lat": entry.lat,
    }


@router.get("units", response={200: Units, **PROBLEMS}, auth=READ, summary="Units")
def units(
    request: HttpRequest, area: Area, kind: Annotated[str, Query("", max_length=20, description="centre, department…")]
) -> HttpResponse:
    """The units inside *area* that stand now. One query."""
    known_only(request, ["area", "kind"])
    found = parties.units_of(area, kind=kind, at=clock.now()).values("id", "name", "kind", "level", "area")
    return answer({"items": list(found[:MOST])})


@router.get("heads", response={200: Seals, **PROBLEMS}, auth=None, summary="Published seals")
def heads(
    request: HttpRequest,
    before: Annotated[int | None, Query(None, ge=1, le=2**62, description="seals with a lower number")],
    limit: Annotated[int, Query(100, ge=1, le=1000)],
) -> HttpResponse:
    """The published heads over the chains of history, newest first. Open to everybody. One query."""
    known_only(request, ["before", "limit"])
    rows = Seal.objects.order_by("-number")
    if before is not None:
        rows = rows.filter(number__lt=before)
    return answer({"items": [_seal(seal) for seal in rows[:limit]]})


def _seal(seal: Seal) -> dict[str, Any]:
    return {
        "number": seal.number,
        "at": seal.at,
        "until": seal.until,
        "count": seal.count,
        "hash": bytes(seal.hash).hex(),
    }
