"""Matters that may be the same problem, and what people said of it."""

import django.db.models.deletion
import linli.core.ids
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("matters", "0006_cases"),
    ]

    operations = [
        migrations.CreateModel(
            name="Likeness",
            fields=[
                (
                    "id",
                    models.UUIDField(default=linli.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("score", models.FloatField()),
                ("why", models.JSONField(default=dict)),
                ("same_sender", models.BooleanField(default=False)),
                ("claimed", models.BooleanField(default=False)),
                ("at", models.DateTimeField()),
                ("decided", models.CharField(blank=True, default="", max_length=10)),
                ("decided_by", models.CharField(blank=True, default="", max_length=80)),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "matter",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="matters.matter",
                    ),
                ),
                (
                    "other",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="matters.matter"
                    ),
                ),
            ],
            options={
                "db_table": "matters_likeness",
                "constraints": [
                    models.UniqueConstraint(fields=("matter", "other"), name="likeness_once"),
                    models.CheckConstraint(
                        condition=models.Q(("decided__in", ["", "same", "different"])), name="likeness_decided"
                    ),
                ],
            },
        ),
    ]
