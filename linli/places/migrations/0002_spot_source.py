from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("places", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="placename",
            name="source",
            field=models.CharField(blank=True, db_default="", max_length=200),
        ),
    ]
