"""An index for the endings that may be taken back: merged, withdrawn, set aside, by when."""

from django.db import migrations

ENDINGS = """
CREATE INDEX IF NOT EXISTS indicators_event_ending ON matters_event (at) INCLUDE (matter_id)
 WHERE step IN ('merge', 'withdraw', 'set_aside')
"""


class Migration(migrations.Migration):
    dependencies = [("indicators", "0001_indexes")]
    operations = [migrations.RunSQL(ENDINGS, "DROP INDEX IF EXISTS indicators_event_ending")]
