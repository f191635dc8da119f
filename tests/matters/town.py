"""A town small enough to know by heart: a city, a county, a township, a village, two grids; Alice, Bob and Charlie."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import shapely

from linli.kernel import stamps
from linli.matters import reference
from linli.parties.access import Viewer, viewer_for
from linli.parties.models import Duty, Person, Post, Unit
from linli.places.models import Boundary, Place, PlaceName

T0 = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # a Monday, 09:00 in the city
CITY, COUNTY, TOWNSHIP, VILLAGE = "9901", "990102", "990102001", "990102001001"
GRID, GRID2 = VILLAGE + "001", VILLAGE + "002"


@dataclass
class Town:
    """The town's people: ``town.alice`` is a viewer; ``town.posts["alice"]`` the post."""

    people: dict[str, Person] = field(default_factory=dict)
    posts: dict[str, Post] = field(default_factory=dict)
    units: dict[str, Unit] = field(default_factory=dict)

    def viewer(self, name: str, at: datetime = T0) -> Viewer:
        return viewer_for(self.people[name], at)


def build_town() -> Town:
    town = Town()
    parent = None
    names = {
        CITY: "云汀市",
        COUNTY: "临江区",
        TOWNSHIP: "望江街道",
        VILLAGE: "柳荫社区",
        GRID: "第一网格",
        GRID2: "第二网格",
    }
    levels = {4: "city", 6: "county", 9: "township", 12: "village", 15: "grid"}
    boxes = {GRID: (103.70, 29.50, 103.71, 29.51), GRID2: (103.71, 29.50, 103.72, 29.51)}
    for area, name in names.items():
        code = area + "00" if len(area) == 4 else area
        place = Place.objects.create(
            code=code, area=area, level=levels[len(area)], name=name, parent=parent, active_from=T0
        )
        PlaceName.objects.create(place=place, name=name, kind="official", valid_from=T0)
        box = boxes.get(area, (103.70, 29.50, 103.72, 29.51))
        Boundary.objects.create(
            place=place,
            geometry=shapely.to_wkb(shapely.box(*box)),
            min_lon=box[0],
            min_lat=box[1],
            max_lon=box[2],
            max_lat=box[3],
            source="test",
            crs_given="wgs84",
            valid_from=T0,
        )
        if len(area) < 15:
            parent = place
    for key, area, level in (
        ("city", CITY, "city"),
        ("county", COUNTY, "county"),
        ("township", TOWNSHIP, "township"),
        ("village", VILLAGE, "village"),
    ):
        town.units[key] = Unit.objects.create(name=names[area] + "综治中心", kind="centre", area=area, level=level)
    town.units["urban"] = Unit.objects.create(
        name="临江区城市管理局", kind="department", tag="城管", area=COUNTY, level="county"
    )
    Duty.objects.create(unit=town.units["urban"], category="urban")
    seats = (
        ("alice", "village", "grid_worker", GRID),
        ("amy", "village", "grid_worker", GRID2),
        ("vera", "village", "dispatcher", VILLAGE),
        ("bob", "township", "dispatcher", TOWNSHIP),
        ("carl", "county", "dispatcher", COUNTY),
        ("dora", "city", "dispatcher", CITY),
        ("olga", "urban", "officer", COUNTY),
        ("oscar", "urban", "unit_lead", COUNTY),
        ("sys", "city", "system_admin", CITY),
    )
    for name, unit, role, area in seats:
        town.people[name] = Person.objects.create(username=name, name=name.title(), created_at=T0)
        town.posts[name] = Post.objects.create(
            person=town.people[name], unit=town.units[unit], role=role, area=area, valid_from=T0
        )
    town.people["charlie"] = Person.objects.create(username="charlie", name="Charlie", created_at=T0)
    for name in ("places", "parties", "declarations"):
        stamps.bump(name)
    reference.forget()
    return town


def staff(town: Town, name: str, unit: str, role: str, *, made_kind: str = "", area: str = COUNTY) -> None:
    """Somebody more: at a unit that is made with *made_kind* where it is not there yet."""
    if unit not in town.units:
        town.units[unit] = Unit.objects.create(name=f"临江区{unit}", kind=made_kind, area=area, level="county")
    town.people[name] = Person.objects.create(username=name, name=name.title(), created_at=T0)
    town.posts[name] = Post.objects.create(
        person=town.people[name], unit=town.units[unit], role=role, area=area, valid_from=T0
    )
    stamps.bump("parties")
