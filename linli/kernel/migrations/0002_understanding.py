"""What understanding may be told, by city, is published like other declarations."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("kernel", "0001_initial")]

    operations = [
        migrations.RemoveConstraint(model_name="declaration", name="kernel_declaration_kind"),
        migrations.AddConstraint(
            model_name="declaration",
            constraint=models.CheckConstraint(
                condition=Q(kind__in=["category", "routing", "calendar", "procedure", "understanding"]),
                name="kernel_declaration_kind",
            ),
        ),
    ]
