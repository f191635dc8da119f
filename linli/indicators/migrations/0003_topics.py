import django.db.models.deletion
import linli.core.ids
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("indicators", "0002_endings"), ("matters", "0007_likeness")]

    operations = [
        migrations.CreateModel(
            name="TopicMember",
            fields=[
                (
                    "matter",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="topic_member",
                        serialize=False,
                        to="matters.matter",
                    ),
                ),
                ("topic", models.UUIDField(db_index=True)),
            ],
            options={"db_table": "indicators_topic_member"},
        ),
        migrations.CreateModel(
            name="TopicVerdict",
            fields=[
                (
                    "id",
                    models.UUIDField(default=linli.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("topic", models.UUIDField(db_index=True)),
                ("verdict", models.CharField(max_length=8)),
                ("area", models.CharField(blank=True, db_collation="C", default="", max_length=15)),
                ("people", models.PositiveIntegerField()),
                ("by", models.CharField(max_length=60)),
                ("by_name", models.CharField(blank=True, default="", max_length=60)),
                ("at", models.DateTimeField()),
            ],
            options={
                "db_table": "indicators_topic_verdict",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("verdict__in", ("confirm", "dismiss", "undo"))),
                        name="topic_verdict_known",
                    )
                ],
            },
        ),
    ]
