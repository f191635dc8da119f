"""Seals and the running numbers can't be emptied either."""

from django.db import migrations

FORWARD = """
CREATE TRIGGER matters_seal_kept BEFORE TRUNCATE ON matters_seal EXECUTE FUNCTION matters_refuse_change();
CREATE TRIGGER matters_counter_kept BEFORE TRUNCATE ON matters_counter EXECUTE FUNCTION matters_refuse_change();
CREATE TRIGGER matters_counter_fixed BEFORE DELETE ON matters_counter
  FOR EACH ROW EXECUTE FUNCTION matters_refuse_change();
"""
BACKWARD = """
DROP TRIGGER matters_seal_kept ON matters_seal;
DROP TRIGGER matters_counter_kept ON matters_counter;
DROP TRIGGER matters_counter_fixed ON matters_counter;
"""


class Migration(migrations.Migration):
    dependencies = [("matters", "0002_append_only")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
