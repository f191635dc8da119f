"""Tables of the tree of places, of boundaries with their history, and of the gazetteer."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from linli.core.ids import uuid7


class Level(models.TextChoices):
    """The five levels; the length of ``area`` says which."""

    CITY = "city", _("市")
    COUNTY = "county", _("县（市、区）")
    TOWNSHIP = "township", _("乡镇（街道）")
    VILLAGE = "village", _("村（社区）")
    GRID = "grid", _("网格")


class Kind(models.TextChoices):
    """What a place of the fourth level is; empty where it was not said."""

    COMMUNITY = "community", _("社区")
    VILLAGE = "village", _("村")


class NameKind(models.TextChoices):
    """What a name in the gazetteer stands for."""

    OFFICIAL = "official", _("正式名称")
    ALIAS = "alias", _("别名")
    ROAD = "road", _("道路")
    ESTATE = "estate", _("小区")
    LANDMARK = "landmark", _("地标")
    BUILDING = "building", _("楼栋")


def _levels() -> Q:
    """Length of ``area`` by level; ``code`` is ``area``, but a city's carries two zeros."""
    lengths = {"county": 6, "township": 9, "village": 12, "grid": 15}
    allowed = Q(level="city", area__regex=r"^[0-9]{4}$", code__regex=r"^[0-9]{4}00$", parent__isnull=True)
    for level, length in lengths.items():
        allowed |= Q(level=level, area__regex=f"^[0-9]{{{length}}}$", code=F("area"), parent__isnull=False)
    return allowed


class Place(models.Model):
    """A node of the tree. Never deleted: a closed one has ``active_to``."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(max_length=15, db_collation="C")
    area = models.CharField(max_length=15, db_collation="C")
    level = models.CharField(max_length=8, choices=Level)
    kind = models.CharField(max_length=12, choices=Kind, blank=True, default="")
    name = models.CharField(max_length=120)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    active_from = models.DateTimeField()
    active_to = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "places_place"
        ordering = ("area",)
        constraints = (
            models.UniqueConstraint(fields=("code",), name="places_place_code"),
            models.UniqueConstraint(fields=("area",), name="places_place_area"),
            models.CheckConstraint(condition=_levels(), name="places_place_level"),
            models.CheckConstraint(condition=~Q(name=""), name="places_place_named"),
            models.CheckConstraint(
                condition=Q(active_to__isnull=True) | Q(active_to__gte=F("active_from")), name="places_place_period"
            ),
        )
        indexes = (models.Index(fields=("level", "area"), name="places_place_by_level"),)

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Boundary(models.Model):
    """A polygon (WKB, WGS84 degrees) of a place for a time; exactly one is current."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="boundaries")
    geometry = models.BinaryField()
    min_lon = models.FloatField()
    min_lat = models.FloatField()
    max_lon = models.FloatField()
    max_lat = models.FloatField()
    source = models.CharField(max_length=200)
    crs_given = models.CharField(max_length=8)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "places_boundary"
        constraints = (
            models.UniqueConstraint(
                fields=("place",), condition=Q(valid_to__isnull=True), name="places_boundary_one_current"
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name="places_boundary_period"
            ),
            models.CheckConstraint(
                condition=Q(min_lon__gte=-180, max_lon__lte=180, min_lat__gte=-90, max_lat__lte=90)
                & Q(min_lon__lte=F("max_lon"), min_lat__lte=F("max_lat")),
                name="places_boundary_box",
            ),
            models.CheckConstraint(
                condition=Q(crs_given__in=("wgs84", "gcj02", "bd09", "cgcs2000")), name="places_boundary_crs"
            ),
        )

    def __str__(self) -> str:
        return f"{self.place_id} {self.valid_from:%Y-%m-%d}"


class PlaceName(models.Model):
    """A name by which a place, or something in it, is called, for a time; the rows of the gazetteer."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="names")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=12, choices=NameKind)
    lon = models.FloatField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    source = models.CharField(max_length=200, blank=True, db_default="")
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "places_name"
        constraints = (
            models.UniqueConstraint(
                fields=("place", "kind", "name"), condition=Q(valid_to__isnull=True), name="places_name_once"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="places_name_named"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name="places_name_period"
            ),
            models.CheckConstraint(
                condition=Q(lon__isnull=True, lat__isnull=True)
                | Q(lon__gte=-180, lon__lte=180, lat__gte=-90, lat__lte=90),
                name="places_name_point",
            ),
        )
        indexes = (models.Index(fields=("name",), condition=Q(valid_to__isnull=True), name="places_name_current"),)

    def __str__(self) -> str:
        return self.name
