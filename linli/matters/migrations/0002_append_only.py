"""History is append-only in the database too; texts may be erased, events never changed."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION matters_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'history is append-only: % on % is refused', TG_OP, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER matters_event_fixed BEFORE UPDATE OR DELETE ON matters_event
  FOR EACH ROW EXECUTE FUNCTION matters_refuse_change();
CREATE TRIGGER matters_event_kept BEFORE TRUNCATE ON matters_event EXECUTE FUNCTION matters_refuse_change();
CREATE TRIGGER matters_firing_fixed BEFORE UPDATE OR DELETE ON matters_firing
  FOR EACH ROW EXECUTE FUNCTION matters_refuse_change();
CREATE TRIGGER matters_firing_kept BEFORE TRUNCATE ON matters_firing EXECUTE FUNCTION matters_refuse_change();
CREATE TRIGGER matters_seal_fixed BEFORE UPDATE OR DELETE ON matters_seal
  FOR EACH ROW EXECUTE FUNCTION matters_refuse_change();
CREATE INDEX matters_event_recorded ON matters_event USING brin (recorded_at) WITH (pages_per_range = 16);
ALTER TABLE matters_matter SET (fillfactor = 85);
ALTER TABLE matters_clock SET (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.02);
"""
BACKWARD = """
DROP INDEX matters_event_recorded;
DROP TRIGGER matters_event_fixed ON matters_event;
DROP TRIGGER matters_event_kept ON matters_event;
DROP TRIGGER matters_firing_fixed ON matters_firing;
DROP TRIGGER matters_firing_kept ON matters_firing;
DROP TRIGGER matters_seal_fixed ON matters_seal;
DROP FUNCTION matters_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("matters", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
