"""The database itself keeps the log append-only: no edits, and no deletion but a declared purge of old lines."""

from django.db import migrations

# 183 days: 网络安全法 art 21. The age is measured on the database's own clock, so no caller can argue about it.
FORWARD = """
CREATE FUNCTION audit_entry_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE'
       AND current_setting('linli.purge', true) = 'on'
       AND OLD.at < clock_timestamp() - interval '183 days' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'audit_entry is append-only: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER audit_entry_keep_rows BEFORE UPDATE OR DELETE ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION audit_entry_keep();
CREATE TRIGGER audit_entry_keep_all BEFORE TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_keep();
"""
BACKWARD = """
DROP TRIGGER audit_entry_keep_all ON audit_entry;
DROP TRIGGER audit_entry_keep_rows ON audit_entry;
DROP FUNCTION audit_entry_keep();
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
