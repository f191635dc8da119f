"""Past matters by the million, for measuring only: whole rows with clocks, events and assignments, made inside the
database."""

import click
from django.db import connection, transaction

STATEMENTS = (
    """INSERT INTO matters_matter (id, code, tracking_digest, bundle, procedure, procedure_version, stage, category,
    kind, area, level,
         holder_post_id, holder_unit_id, channel, urgent, sure, opened_at, closed_at, reopened, outcome, rating, seq,
         head, updated_at)
       SELECT x.id, 'p-' || x.id, decode(md5(x.id::text), 'hex'), x.id, 'request', 1, 'closed',
       'urban.sanitation.rubbish', 'request',
              a.area, 'grid', p.id, p.unit_id, 'api', false, true, x.at, x.at + interval '40 min', 0, 'solved', 5, 1,
              decode(md5(x.id::text) || md5(x.id::text), 'hex'), x.at + interval '40 min'
         FROM past x
         JOIN (SELECT area, row_number() OVER () - 1 AS n FROM places_place WHERE level = 'grid') a ON a.n = x.n %%
         %(grids)s
         CROSS JOIN (SELECT id, unit_id FROM parties_post LIMIT 1) p""",
    """INSERT INTO matters_statement (matter_id, text, part, contact_name, contact_phone, contact_email, address,
    given, language,
         reading, salt)
       SELECT id, '过去的诉求，已经办结', '', '', '', '', '', '', 'zh-hans', '{}', decode(md5(id::text), 'hex') FROM
       past""",
    """INSERT INTO matters_event (matter_id, seq, at, actor_kind, actor, actor_name, step, data, prev, hash,
    recorded_at)
       SELECT id, 1, at, 'system', 'bench', '', 'open', '{}', decode(repeat('00', 32), 'hex'),
              decode(md5(id::text) || md5(id::text), 'hex'), at FROM past""",
    """INSERT INTO matters_clock (id, matter_id, rule, cycle, state, span, calendar, started_at, warn_at, due_at,
    rung, stopped_at)
       SELECT gen_random_uuid(), id, r, 1, 'stopped', '5 min', 'always', at, at, at + interval '5 min', -1, at +
       interval '2 min'
         FROM past, (VALUES ('respond'), ('complete')) AS v(r)""",
    """INSERT INTO matters_assignment (id, matter_id, post_id, unit_id, role, at, reopened, reason)
       SELECT gen_random_uuid(), past.id, p.id, p.unit_id, 'lead', at, 0, '{}'
         FROM past CROSS JOIN (SELECT id, unit_id FROM parties_post LIMIT 1) p""",
)
BATCH = 50_000


def fill(total: int) -> None:
    """Add *total* closed matters of the last year, in batches."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM places_place WHERE level = 'grid'")
        grids = cursor.fetchone()[0]
    with click.progressbar(range(0, total, BATCH), label="past matters") as batches:
        for done in batches:
            size = min(BATCH, total - done)
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(
                    "CREATE TEMP TABLE past ON COMMIT DROP AS SELECT gen_random_uuid() AS id, n,"
                    " now() - interval '1 day' - random() * interval '360 day' AS at FROM generate_series(1, %s) n",
                    [size],
                )
                for statement in STATEMENTS:
                    cursor.execute(statement, {"grids": grids})
    with connection.cursor() as cursor:
        for table in ("matter", "statement", "event", "clock", "assignment"):
            cursor.execute(f"VACUUM (ANALYZE) matters_{table}")
