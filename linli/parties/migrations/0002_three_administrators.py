"""No account holds two of the three administrator roles at any instant, fixed terms included; the database sees to it."""

from django.db import migrations

# The unique constraint of 0001 covers open-ended posts only. The person's row is locked first, so that two grants at
# the same time are seen one after the other.
FORWARD = """
CREATE FUNCTION parties_post_three_administrators() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.role NOT IN ('audit_admin', 'security_admin', 'system_admin') THEN
        RETURN NEW;
    END IF;
    PERFORM 1 FROM parties_person WHERE id = NEW.person_id FOR UPDATE;
    IF EXISTS (
        SELECT 1 FROM parties_post p
        WHERE p.person_id = NEW.person_id AND p.id <> NEW.id AND p.role <> NEW.role
          AND p.role IN ('audit_admin', 'security_admin', 'system_admin')
          AND p.valid_from < coalesce(NEW.valid_to, 'infinity') AND NEW.valid_from < coalesce(p.valid_to, 'infinity')
    ) THEN
        RAISE EXCEPTION 'three administrators: this account holds another administrator role already'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'one_admin_role';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER parties_post_three_administrators BEFORE INSERT OR UPDATE ON parties_post
    FOR EACH ROW EXECUTE FUNCTION parties_post_three_administrators();
"""
BACKWARD = """
DROP TRIGGER parties_post_three_administrators ON parties_post;
DROP FUNCTION parties_post_three_administrators();
"""


class Migration(migrations.Migration):
    dependencies = [("parties", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
