"""People, units, duties, posts, absences and API tokens.

Nothing here says anything about a person but how to reach them and which posts they hold:
no rating, no colour, no label.
"""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q

from linli.core.ids import uuid7
from linli.parties.roles import ADMIN_ROLES, ROLES


def area_field(**extra: object) -> models.CharField[str, str]:
    """An area: a place's code prefix, compared bytewise so that “inside” is a range scan."""
    return models.CharField(max_length=15, db_collation="C", **extra)  # type: ignore[arg-type]


class People(BaseUserManager["Person"]):
    """The manager that Django's sign-in needs."""

    def get_by_natural_key(self, username: str | None) -> "Person":
        return self.get(username=username)


class Person(AbstractBaseUser):
    """A member of staff who can sign in. Residents need no account."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    username = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=60)
    phone = models.CharField(max_length=20, blank=True, default="")
    email = models.EmailField(blank=True, default="")
    language = models.CharField(max_length=10, default="zh-hans")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    objects = People()
    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        db_table = "parties_person"

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name


class Unit(models.Model):
    """An organisation: a governance centre, a department, a station…"""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=160, blank=True, default="")
    kind = models.CharField(max_length=30)  # centre, department, station, studio, social_organisation
    tag = models.CharField(max_length=30, blank=True, default="")  # the field of duty: 城管, 住建, …
    area = area_field()
    level = models.CharField(max_length=10)  # city, county, township, village
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    phone = models.CharField(max_length=20, blank=True, default="")
    active_to = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "parties_unit"
        constraints = [models.UniqueConstraint(fields=["area", "name"], name="unit_once_per_area")]
        indexes = [models.Index(fields=["area", "kind"], name="unit_area_kind")]

    def __str__(self) -> str:
        return self.name


class Duty(models.Model):
    """A unit answers for a category and everything under it (a prefix of its dotted code) in the unit's area."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="duties")
    category = models.CharField(max_length=160, db_collation="C")
    source = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        db_table = "parties_duty"
        constraints = [models.UniqueConstraint(fields=["unit", "category"], name="duty_once")]


class Post(models.Model):
    """A role that a person holds in a unit over an area, from–to. Rights come from posts and from nothing else."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="posts")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="posts")
    role = models.CharField(max_length=30, choices=[(r, r) for r in ROLES])
    area = area_field()
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "parties_post"
        indexes = [
            models.Index(fields=["area", "role"], name="post_area_role", condition=Q(valid_to__isnull=True)),
            models.Index(fields=["person"], name="post_person"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name="post_order"
            ),
            models.UniqueConstraint(
                fields=["person", "unit", "role", "area"], condition=Q(valid_to__isnull=True), name="post_once"
            ),
            # three separate administrators: no account holds two of the three
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(valid_to__isnull=True, role__in=sorted(ADMIN_ROLES)),
                name="one_admin_role",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.role} {self.area}"


class Absence(models.Model):
    """A post is away from–to; routing passes over it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="absences")
    away_from = models.DateTimeField()
    away_to = models.DateTimeField()
    reason = models.CharField(max_length=60, blank=True, default="")

    class Meta:
        db_table = "parties_absence"
        indexes = [models.Index(fields=["away_to"], name="absence_to")]
        constraints = [models.CheckConstraint(condition=Q(away_to__gt=F("away_from")), name="absence_order")]


class Token(models.Model):
    """An API token; only its digest is kept. Scopes are names from ``roles.SCOPES``."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT)
    area = area_field(blank=True, default="")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "parties_token"
