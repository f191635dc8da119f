"""Handing over a shift at a centre."""

import django.db.models.deletion
import linli.core.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("matters", "0007_likeness"),
        ("parties", "0002_three_administrators"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Shift",
            fields=[
                (
                    "id",
                    models.UUIDField(default=linli.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("at", models.DateTimeField()),
                ("note", models.TextField(blank=True, default="")),
                ("red", models.PositiveIntegerField()),
                ("yellow", models.PositiveIntegerField()),
                ("listed", models.JSONField(default=list)),
                ("taken_at", models.DateTimeField(null=True)),
                (
                    "given_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "given_to",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="parties.unit"
                    ),
                ),
            ],
            options={
                "db_table": "matters_shift",
                "indexes": [
                    models.Index(fields=["unit", "-at"], name="shift_unit"),
                    models.Index(
                        condition=models.Q(("taken_at__isnull", True)), fields=["given_to"], name="shift_waiting"
                    ),
                ],
            },
        ),
    ]
