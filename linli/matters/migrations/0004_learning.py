"""Corrections as training rows, and the advice of outside models."""

import django.db.models.deletion
from django.db import migrations, models

import linli.core.ids


class Migration(migrations.Migration):
    dependencies = [("matters", "0003_seals_kept"), ("parties", "0002_three_administrators")]

    operations = [
        migrations.CreateModel(
            name="Correction",
            fields=[
                (
                    "id",
                    models.UUIDField(default=linli.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("seq", models.PositiveIntegerField()),
                ("at", models.DateTimeField()),
                ("source", models.CharField(max_length=10)),
                ("actor", models.CharField(max_length=80)),
                ("area", models.CharField(blank=True, db_collation="C", default="", max_length=15)),
                ("field", models.CharField(max_length=10)),
                ("said", models.CharField(blank=True, default="", max_length=160)),
                ("confidence", models.FloatField(null=True)),
                ("chosen", models.CharField(blank=True, default="", max_length=160)),
                ("agreed", models.BooleanField()),
                ("version", models.CharField(blank=True, default="", max_length=160)),
                ("text", models.TextField(blank=True, default="")),
                ("erased_at", models.DateTimeField(null=True)),
                (
                    "matter",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrections",
                        to="matters.matter",
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parties.post",
                    ),
                ),
            ],
            options={
                "db_table": "matters_correction",
                "indexes": [models.Index(fields=["field", "-at"], name="correction_field_at")],
                "constraints": [models.UniqueConstraint(fields=["matter", "seq", "field"], name="correction_once")],
            },
        ),
        migrations.CreateModel(
            name="Advice",
            fields=[
                (
                    "id",
                    models.UUIDField(default=linli.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("at", models.DateTimeField()),
                ("address", models.CharField(max_length=200)),
                ("model", models.CharField(blank=True, default="", max_length=100)),
                ("category", models.CharField(blank=True, default="", max_length=160)),
                ("confidence", models.FloatField(null=True)),
                ("error", models.CharField(blank=True, default="", max_length=30)),
                ("took_ms", models.PositiveIntegerField()),
                (
                    "matter",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="advice", to="matters.matter"
                    ),
                ),
            ],
            options={"db_table": "matters_advice"},
        ),
    ]
