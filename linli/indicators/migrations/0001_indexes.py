"""Indexes for the rates: clocks by the instant they were decided, and residents' words by when they were said."""

from django.db import migrations

DECIDED = """
CREATE INDEX IF NOT EXISTS indicators_clock_decided ON matters_clock (rule, LEAST(stopped_at, due_at))
 INCLUDE (matter_id, stopped_at, due_at) WHERE state = 'stopped' AND rule IN ('respond', 'complete')
"""
WORDS = """
CREATE INDEX IF NOT EXISTS indicators_event_word ON matters_event (at) INCLUDE (matter_id, seq, step)
 WHERE step IN ('solved', 'not_solved', 'silence')
"""


class Migration(migrations.Migration):
    dependencies = [("matters", "0002_append_only")]
    operations = [
        migrations.RunSQL(DECIDED, "DROP INDEX IF EXISTS indicators_clock_decided"),
        migrations.RunSQL(WORDS, "DROP INDEX IF EXISTS indicators_event_word"),
    ]
