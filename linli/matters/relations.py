"""What a viewer is to a matter: the roles and relations that a procedure's steps may name."""

from uuid import UUID

from linli.core.role_words import ROLES
from linli.core.routing import LEVELS
from linli.core.snapshot import Actor, Snapshot
from linli.parties.access import Held, Viewer
from linli.parties.roles import CENTRE_ROLES

STEP_SCOPE = "matters:step"
_LENGTH = {name: length for name, length, _ in LEVELS}
_VILLAGE = _LENGTH["village"]


def actor_for(viewer: Viewer, snap: Snapshot) -> Actor:
    """The viewer as an actor on this matter; with no relation at all nothing may be done."""
    if viewer.kind == "resident":
        own = {p.role for p in snap.known.people if p.opener and not p.barred}
        return Actor("resident", "", "", frozenset({"resident"} | own))
    if viewer.kind == "party":
        one = next((p for p in snap.known.people if p.id == viewer.id and not p.barred), None)
        return Actor("party", viewer.id, one.name if one else "", frozenset({one.role} if one else ()))
    if barred(viewer, snap):
        return Actor(viewer.kind, viewer.id, viewer.name, frozenset())
    roles: set[str] = set()
    if viewer.kind == "token" and viewer.unit is not None and viewer.unit == snap.holder.unit:
        roles |= {"holder_unit"} if STEP_SCOPE in viewer.scopes else set()  # it holds no post, so it cannot claim
    acting: Held | None = None
    for held in viewer.posts:
        found = _by_post(held, snap) | _by_part(held, snap)
        if found and (acting is None or "holder" in found):
            acting = held
        roles |= found
    return Actor(
        viewer.kind,
        viewer.id,
        viewer.name,
        frozenset(roles),
        acting.post if acting else None,
        acting.unit if acting else None,
    )


def barred(viewer: Viewer, snap: Snapshot) -> bool:
    """Whether the viewer is recused, or belongs to a unit that is complained about: then nothing may be done."""
    mine = {str(h.post) for h in viewer.posts}
    units = {str(h.unit) for h in viewer.posts} | {str(viewer.unit)}
    return any(p.barred and (p.post in mine if p.post else p.unit in units) for p in snap.known.people)


def _by_part(held: Held, snap: Snapshot) -> set[str]:
    """The roles that the procedure itself declares: as a participant, and as an office at a kind of unit."""
    if snap.procedure.opening is None:
        return set()
    found = set()
    for one in snap.known.people:
        if one.post == str(held.post) or (one.kind == "unit" and one.unit == str(held.unit) and held.role in ROLES):
            found.add(one.role)
    if held.unit_kind and (snap.area.startswith(held.area) or held.unit == snap.holder.unit):
        found.add(f"{held.role}@{held.unit_kind}")
    return found


def _by_post(held: Held, snap: Snapshot) -> set[str]:
    found: set[str] = set()
    if held.post == snap.holder.post:
        found |= {"holder", held.role}
    if snap.known.sealed and held.post != snap.holder.post and held.unit != snap.holder.unit:
        return found
    if held.role in CENTRE_ROLES:
        # who is below the level that is responsible now (after a reopening, say) looks on but does not act
        if snap.area.startswith(held.area) and len(held.area) <= _LENGTH.get(snap.level, 15):
            found.add(held.role)
    elif held.role == "grid_worker":
        if (
            snap.level in ("grid", "village")
            and len(snap.area) >= _VILLAGE
            and held.area[:_VILLAGE] == snap.area[:_VILLAGE]
        ):
            found |= {"grid_worker", "candidate"}
    elif held.unit == snap.holder.unit and held.role in ROLES:
        found |= {held.role, "holder_unit"}
    return found


def sees(viewer: Viewer, area: str, post: UUID | None, unit: UUID | None) -> bool:
    """Whether a live signal about such a matter may reach the viewer; lists and pages use ``visible_to``."""
    for held in viewer.posts:
        if held.role in CENTRE_ROLES or held.role == "grid_worker":
            if area.startswith(held.area) or held.post == post:
                return True
        elif held.post == post or (unit is not None and held.unit == unit):
            return True
    return False
