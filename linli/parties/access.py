"""Who is looking: the rights of one request, read from posts at that moment and never kept longer.

Deny by default: a viewer without posts sees nothing. Lists are filtered in SQL by
``matters.queries.visible_to(viewer)``.
"""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from linli.parties.models import Person, Post
from linli.parties.roles import CENTRE_ROLES


@dataclass(frozen=True, slots=True)
class Held:
    """One post that is held now."""

    post: UUID
    unit: UUID
    unit_name: str
    role: str
    area: str
    unit_kind: str = ""


@dataclass(frozen=True, slots=True)
class Viewer:
    """A person, a token, a resident (by tracking code), a party to a matter (by their own code) or nobody.

    *scopes*, *area* and *unit* are a token's: what it may do, and where; a token without an area reads no matters.
    """

    kind: str
    id: str
    name: str
    posts: tuple[Held, ...] = ()
    scopes: frozenset[str] = field(default_factory=frozenset)
    area: str = ""
    unit: UUID | None = None

    @property
    def actor_id(self) -> str:
        """How history and audit name them: ``person:<uuid>``, ``token:<uuid>``…"""
        return f"{self.kind}:{self.id}"

    def has(self, *roles: str) -> bool:
        return any(p.role in roles for p in self.posts)

    def areas(self, roles: frozenset[str]) -> tuple[str, ...]:
        """The widest areas in which the viewer holds one of *roles*."""
        found = sorted({p.area for p in self.posts if p.role in roles})
        return tuple(a for a in found if not any(a != b and a.startswith(b) for b in found))

    @property
    def centre_areas(self) -> tuple[str, ...]:
        return self.areas(CENTRE_ROLES)

    @property
    def post_ids(self) -> tuple[UUID, ...]:
        return tuple(p.post for p in self.posts)


NOBODY = Viewer("nobody", "", "")
SYSTEM = Viewer("system", "linli", "Linli")


def current_posts(at: datetime) -> Q:
    """The filter for posts that are held at *at*."""
    return Q(valid_from__lte=at) & (Q(valid_to__isnull=True) | Q(valid_to__gt=at))


def viewer_for(person: Person, at: datetime) -> Viewer:
    """The rights of *person* at *at*; one SQL query."""
    rows = Post.objects.filter(current_posts(at), person=person).values_list(
        "id", "unit_id", "unit__name", "role", "area", "unit__kind"
    )
    posts = tuple(Held(*row) for row in rows) if person.is_active else ()
    return Viewer("person", str(person.pk), person.name, posts)
