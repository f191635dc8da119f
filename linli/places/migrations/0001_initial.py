"""Tables of places, boundaries and names."""

import django.db.models.deletion
import linli.core.ids
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Place",
            fields=[
                (
                    "id",
                    models.UUIDField(default=linli.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("code", models.CharField(db_collation="C", max_length=15)),
                ("area", models.CharField(db_collation="C", max_length=15)),
                (
                    "level",
                    models.CharField(
                        choices=[
                            ("city", "市"),
                            ("county", "县（市、区）"),
                            ("township", "乡镇（街道）"),
                            ("village", "村（社区）"),
                            ("grid", "网格"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        blank=True, choices=[("community", "社区"), ("village", "村")], default="", max_length=12
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("active_from", models.DateTimeField()),
                ("active_to", models.DateTimeField(blank=True, null=True)),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="places.place",
                    ),
                ),
            ],
            options={
                "db_table": "places_place",
                "ordering": ("area",),
            },
        ),
        migrations.CreateModel(
            name="Boundary",
            fields=[
                (
                    "id",
                    models.UUIDField(default=linli.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("geometry", models.BinaryField()),
                ("min_lon", models.FloatField()),
                ("min_lat", models.FloatField()),
                ("max_lon", models.FloatField()),
                ("max_lat", models.FloatField()),
                ("source", models.CharField(max_length=200)),
                ("crs_given", models.CharField(max_length=8)),
                ("valid_from", models.DateTimeField()),
                ("valid_to", models.DateTimeField(blank=True, null=True)),
                (
                    "place",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="boundaries", to="places.place"
                    ),
                ),
            ],
            options={
                "db_table": "places_boundary",
            },
        ),
        migrations.CreateModel(
            name="PlaceName",
            fields=[
                (
                    "id",
                    models.UUIDField(default=linli.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("name", models.CharField(max_length=120)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("official", "正式名称"),
                            ("alias", "别名"),
                            ("road", "道路"),
                            ("estate", "小区"),
                            ("landmark", "地标"),
                            ("building", "楼栋"),
                        ],
                        max_length=12,
                    ),
                ),
                ("lon", models.FloatField(blank=True, null=True)),
                ("lat", models.FloatField(blank=True, null=True)),
                ("valid_from", models.DateTimeField()),
                ("valid_to", models.DateTimeField(blank=True, null=True)),
                (
                    "place",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="names", to="places.place"
                    ),
                ),
            ],
            options={
                "db_table": "places_name",
            },
        ),
        migrations.AddIndex(
            model_name="place",
            index=models.Index(fields=["level", "area"], name="places_place_by_level"),
        ),
        migrations.AddConstraint(
            model_name="place",
            constraint=models.UniqueConstraint(fields=("code",), name="places_place_code"),
        ),
        migrations.AddConstraint(
            model_name="place",
            constraint=models.UniqueConstraint(fields=("area",), name="places_place_area"),
        ),
        migrations.AddConstraint(
            model_name="place",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("area__regex", "^[0-9]{4}$"),
                        ("code__regex", "^[0-9]{4}00$"),
                        ("level", "city"),
                        ("parent__isnull", True),
                    ),
                    models.Q(
                        ("area__regex", "^[0-9]{6}$"),
                        ("code", models.F("area")),
                        ("level", "county"),
                        ("parent__isnull", False),
                    ),
                    models.Q(
                        ("area__regex", "^[0-9]{9}$"),
                        ("code", models.F("area")),
                        ("level", "township"),
                        ("parent__isnull", False),
                    ),
                    models.Q(
                        ("area__regex", "^[0-9]{12}$"),
                        ("code", models.F("area")),
                        ("level", "village"),
                        ("parent__isnull", False),
                    ),
                    models.Q(
                        ("area__regex", "^[0-9]{15}$"),
                        ("code", models.F("area")),
                        ("level", "grid"),
                        ("parent__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="places_place_level",
            ),
        ),
        migrations.AddConstraint(
            model_name="place",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True), name="places_place_named"
            ),
        ),
        migrations.AddConstraint(
            model_name="place",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("active_to__isnull", True), ("active_to__gte", models.F("active_from")), _connector="OR"
                ),
                name="places_place_period",
            ),
        ),
        migrations.AddConstraint(
            model_name="boundary",
            constraint=models.UniqueConstraint(
                condition=models.Q(("valid_to__isnull", True)), fields=("place",), name="places_boundary_one_current"
            ),
        ),
        migrations.AddConstraint(
            model_name="boundary",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_to__isnull", True), ("valid_to__gte", models.F("valid_from")), _connector="OR"
                ),
                name="places_boundary_period",
            ),
        ),
        migrations.AddConstraint(
            model_name="boundary",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("max_lat__lte", 90),
                    ("max_lon__lte", 180),
                    ("min_lat__gte", -90),
                    ("min_lon__gte", -180),
                    ("min_lat__lte", models.F("max_lat")),
                    ("min_lon__lte", models.F("max_lon")),
                ),
                name="places_boundary_box",
            ),
        ),
        migrations.AddConstraint(
            model_name="boundary",
            constraint=models.CheckConstraint(
                condition=models.Q(("crs_given__in", ("wgs84", "gcj02", "bd09", "cgcs2000"))),
                name="places_boundary_crs",
            ),
        ),
        migrations.AddIndex(
            model_name="placename",
            index=models.Index(
                condition=models.Q(("valid_to__isnull", True)), fields=["name"], name="places_name_current"
            ),
        ),
        migrations.AddConstraint(
            model_name="placename",
            constraint=models.UniqueConstraint(
                condition=models.Q(("valid_to__isnull", True)),
                fields=("place", "kind", "name"),
                name="places_name_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="placename",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True), name="places_name_named"
            ),
        ),
        migrations.AddConstraint(
            model_name="placename",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_to__isnull", True), ("valid_to__gte", models.F("valid_from")), _connector="OR"
                ),
                name="places_name_period",
            ),
        ),
        migrations.AddConstraint(
            model_name="placename",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("lat__isnull", True), ("lon__isnull", True)),
                    models.Q(("lat__gte", -90), ("lat__lte", 90), ("lon__gte", -180), ("lon__lte", 180)),
                    _connector="OR",
                ),
                name="places_name_point",
            ),
        ),
    ]
