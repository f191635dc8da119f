"""The scratch town in which procedures are walked: one place on each level, and somebody for every office they name."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from linli.core.procedure import Procedure
from linli.core.role_words import ROLES, UNIT_KINDS
from linli.core.routing import HANDLERS
from linli.kernel import stamps
from linli.matters import reference
from linli.parties.access import Viewer, viewer_for
from linli.parties.models import Person, Post, Unit
from linli.parties.roles import CENTRE_ROLES
from linli.places.models import Place, PlaceName

AREAS = {"9901": "云汀市", "990102": "临江区", "990102001": "望江街道", "990102001001": "柳荫社区"}
VILLAGE = "990102001001"
LEVELS = {4: "city", 6: "county", 9: "township", 12: "village"}


@dataclass
class Town:
    """``staff["officer@court"]``: two people for each office; ``units["court"]``: the unit."""

    staff: dict[str, list[Person]] = field(default_factory=dict)
    posts: dict[UUID, Post] = field(default_factory=dict)
    units: dict[str, Unit] = field(default_factory=dict)

    def viewers(self, office: str, at: datetime) -> list[Viewer]:
        return [viewer_for(person, at) for person in self.staff.get(office, ())]


def build(procedures: list[Procedure], at: datetime) -> Town:
    """Places, centres on each level, and every kind of unit that a procedure names."""
    town = Town()
    parent = None
    for area, name in AREAS.items():
        code = area + "00" if len(area) == 4 else area
        parent = Place.objects.create(
            code=code, area=area, level=LEVELS[len(area)], name=name, parent=parent, active_from=at
        )
        PlaceName.objects.create(place=parent, name=name, kind="official", valid_from=at)
        unit = Unit.objects.create(name=f"{name}综治中心", kind="centre", area=area, level=LEVELS[len(area)])
        for role in sorted(CENTRE_ROLES):
            _post(town, role, unit, area, at)
        town.units[f"centre:{area}"] = unit
    _post(town, "grid_worker", town.units[f"centre:{VILLAGE}"], VILLAGE, at)
    for kind in sorted(_kinds(procedures)):
        unit = Unit.objects.create(name=f"临江区{UNIT_KINDS[kind].zh}", kind=kind, area="990102", level="county")
        town.units[kind] = unit
        for role in ("officer", "unit_lead"):
            _post(town, f"{role}@{kind}", unit, "990102", at)
    for stamp in ("places", "parties", "declarations"):
        stamps.bump(stamp)
    reference.forget()
    return town


def _kinds(procedures: list[Procedure]) -> set[str]:
    named = {word.partition("@")[2] for p in procedures for s in p.steps.values() for word in s.by if "@" in word}
    opened = {p.opening.unit for p in procedures if p.opening and p.opening.unit in UNIT_KINDS}
    moved = {of for p in procedures for s in p.steps.values() for a in s.does if a.kind == "transfer" for of in a.of}
    return (named | opened | moved | {"department", "police"}) - {"", "centre"}


def _post(town: Town, office: str, unit: Unit, area: str, at: datetime) -> None:
    role = office.partition("@")[0]
    for number in (1, 2):
        name = f"{ROLES[role].zh}{len(town.posts) + number}"
        person = Person.objects.create(username=f"walk{len(town.posts)}", name=name[:20], created_at=at)
        post = Post.objects.create(person=person, unit=unit, role=role, area=area, valid_from=at)
        town.posts[post.pk] = post
        town.staff.setdefault(office, []).append(person)
        if role in HANDLERS and "@" not in office:
            town.staff.setdefault(f"{role}@{unit.kind}", []).append(person)
