"""Land, names and staff into the database, with COPY."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

import shapely
from django.contrib.auth.hashers import make_password

from linli.audit.actions import record
from linli.kernel import stamps
from linli.parties.roles import STAMP as PARTIES
from linli.places import codes
from linli.places.queries import STAMP as PLACES
from linli.site.demo.bulk import Keys, Row, copy
from linli.site.demo.ground import Land
from linli.site.demo.names import Gazetteer
from linli.site.demo.staff import Staff

ACTOR = "system:demo"


def places(land: Land, names: Gazetteer, *, at: datetime) -> None:
    """All places with boundaries and names, valid from *at*."""
    key = Keys(at)
    ids = {area: key() for area in land.spots}
    copy(
        "places_place",
        ("id", "code", "area", "level", "kind", "name", "parent_id", "active_from"),
        (
            (ids[a], codes.code_of(a), a, s.level, s.kind, s.name, ids.get(codes.parent_area(a) or ""), at)
            for a, s in land.spots.items()
        ),
    )
    columns = (
        "id",
        "place_id",
        "geometry",
        "min_lon",
        "min_lat",
        "max_lon",
        "max_lat",
        "source",
        "crs_given",
        "valid_from",
    )
    copy("places_boundary", columns, _boundaries(land, ids, key, at))
    copy(
        "places_name", ("id", "place_id", "name", "kind", "lon", "lat", "valid_from"), _names(land, names, ids, key, at)
    )
    stamps.bump(PLACES)
    city = next(iter(land.spots))
    data = {"places": len(land.spots), "names": sum(len(each) for each in names.by_grid.values())}
    record(ACTOR, "demo", "places", city, at=at, area=city, data=data)


def _boundaries(land: Land, ids: dict[str, UUID], key: Keys, at: datetime) -> Iterator[Row]:
    for area, place in ids.items():
        shape = land.shapes[area]
        yield (key(), place, shapely.to_wkb(shape), *shape.bounds, "generated", "wgs84", at)


def _names(land: Land, names: Gazetteer, ids: dict[str, UUID], key: Keys, at: datetime) -> Iterator[Row]:
    for area, spot in land.spots.items():
        yield (key(), ids[area], spot.name, "official", None, None, at)
    for name in names.rows():
        yield (key(), ids[name.area], name.name, name.kind, name.lon, name.lat, at)


def staff(people: Staff, *, at: datetime, until: datetime) -> None:
    """All units, people and posts, valid from *at*; some are on leave around *until*. Nobody has a password."""
    copy(
        "parties_unit",
        ("id", "name", "name_en", "kind", "tag", "area", "level", "parent_id", "phone"),
        ((u.id, u.name, u.name_en, u.kind, u.tag, u.area, u.level, u.parent, "") for u in people.units),
    )
    none = make_password(None)
    copy(
        "parties_person",
        ("id", "password", "username", "name", "phone", "email", "language", "is_active", "created_at"),
        ((p.id, none, p.username, p.name, p.phone, "", "zh-hans", True, at) for p in people.people),
    )
    copy(
        "parties_post",
        ("id", "person_id", "unit_id", "role", "area", "valid_from"),
        ((p.id, p.person, p.unit, p.role, p.area, at) for p in people.posts),
    )
    leave = (until - timedelta(hours=30), until + timedelta(days=3), "年休假")
    rows = ((absence, post, *leave) for absence, post in people.away)
    copy("parties_absence", ("id", "post_id", "away_from", "away_to", "reason"), rows)
    stamps.bump(PARTIES)
    data = {"units": len(people.units), "people": len(people.people), "posts": len(people.posts)}
    record(ACTOR, "demo", "parties", "", at=at, data=data)
