"""Who was given a matter and why is history too: rows are added, never changed."""

from django.db import migrations

FORWARD = """
CREATE TRIGGER matters_assignment_fixed BEFORE UPDATE OR DELETE ON matters_assignment
  FOR EACH ROW EXECUTE FUNCTION matters_refuse_change();
CREATE TRIGGER matters_assignment_kept BEFORE TRUNCATE ON matters_assignment EXECUTE FUNCTION matters_refuse_change();
"""
BACKWARD = """
DROP TRIGGER matters_assignment_fixed ON matters_assignment;
DROP TRIGGER matters_assignment_kept ON matters_assignment;
"""


class Migration(migrations.Migration):
    dependencies = [("matters", "0004_learning")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
