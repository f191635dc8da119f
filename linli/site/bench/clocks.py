"""Many open clocks, some falling due each second, and real sweepers: how late is each threshold handled?"""

import os
import subprocess
import sys
import time
from typing import Any

import click
from django.db import connection, transaction

from linli.site.bench import stage as st
from linli.site.bench.past import BATCH

OPEN = """
INSERT INTO matters_clock (id, matter_id, rule, cycle, state, span, calendar, started_at, warn_at, due_at, rung,
next_at)
SELECT gen_random_uuid(), id, 'complete', 1, 'open', '1 h', 'always', now(), now() + interval '30 day', now() +
interval '60 day', -1,
       now() + interval '30 day'
  FROM fresh
"""
MATTER = """
INSERT INTO matters_matter (id, code, tracking_digest, bundle, procedure, procedure_version, stage, category, kind,
area, level,
  holder_post_id, holder_unit_id, channel, urgent, sure, opened_at, due_at, warn_at, reopened, outcome, seq, head,
  updated_at)
SELECT f.id, 'o-' || f.id, decode(md5(f.id::text), 'hex'), f.id, 'request', 1, 'working',
'urban.sanitation.rubbish', 'request',
       a.area, 'grid', p.id, p.unit_id, 'api', false, true, now(), now() + interval '60 day', now() + interval '30
       day', 0, '', 1,
       decode(md5(f.id::text) || md5(f.id::text), 'hex'), now()
  FROM fresh f CROSS JOIN (SELECT area FROM places_place WHERE level = 'grid' LIMIT 1) a
 CROSS JOIN (SELECT id, unit_id FROM parties_post LIMIT 1) p
"""
STATEMENT = """
INSERT INTO matters_statement (matter_id, text, part, contact_name, contact_phone, contact_email, address, given,
language, reading, salt)
SELECT id, '正在办理的诉求', '', '', '', '', '', '', 'zh-hans', '{}', decode(md5(id::text), 'hex') FROM fresh
"""
# Each chosen clock warns at its own instant, spread evenly: per_second of them each second.
SPREAD = """
WITH chosen AS (
  SELECT id, row_number() OVER () AS n FROM matters_clock WHERE state = 'open' AND next_at > now() + interval '20
  day' LIMIT %(total)s
)
UPDATE matters_clock c SET warn_at = x.at, next_at = x.at
  FROM (SELECT id, now() + interval '8 s' + (n::float8 / %(pace)s) * interval '1 s' AS at FROM chosen) x WHERE c.id =
  x.id
"""
LATENESS = """
SELECT count(*), percentile_disc(0.5) WITHIN GROUP (ORDER BY late), percentile_disc(0.99) WITHIN GROUP (ORDER BY
late), max(late)
  FROM (SELECT extract(epoch FROM e.recorded_at - f.due)::float8 AS late
          FROM matters_firing f JOIN matters_event e ON e.matter_id = f.matter_id AND e.at = f.at AND e.step LIKE
          'clock.%%'
         WHERE f.due > %(since)s) x
"""


def measure(open_clocks: int, per_second: int, seconds: int, sweepers: int) -> dict[str, Any]:
    """Lateness in seconds: from a threshold's instant to the writing of its event."""
    st._city()
    _fill(open_clocks)
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        since = cursor.fetchone()[0]
        cursor.execute(SPREAD, {"total": per_second * seconds, "pace": per_second})
    environment = os.environ | {"LINLI_LOG_LEVEL": "warning"}
    running = [subprocess.Popen([sys.executable, "-m", "linli", "sweep"], env=environment) for _ in range(sweepers)]
    try:
        with click.progressbar(range(seconds + 14), label="sweeping") as beats:
            for _ in beats:
                time.sleep(1)
    finally:
        for one in running:
            one.terminate()
        for one in running:
            one.wait(10)
    with connection.cursor() as cursor:
        cursor.execute(LATENESS, {"since": since})
        fired, p50, p99, most = cursor.fetchone()
    due = per_second * seconds
    return {"open": open_clocks, "due": due, "fired": fired, "p50": p50, "p99": p99, "max": most, "sweepers": sweepers}


def _fill(total: int) -> None:
    with click.progressbar(range(0, total, BATCH), label="open clocks") as batches:
        for done in batches:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(
                    "CREATE TEMP TABLE fresh ON COMMIT DROP AS"
                    " SELECT gen_random_uuid() AS id FROM generate_series(1, %s)",
                    [min(BATCH, total - done)],
                )
                for sql in (MATTER, STATEMENT, OPEN):
                    cursor.execute(sql)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) matters_clock")
        cursor.execute("VACUUM (ANALYZE) matters_matter")


def show(found: dict[str, Any]) -> None:
    """The figures as lines."""
    click.echo(
        f"运行中的时钟 open clocks: {found['open']:,}   到期 due: {found['due']:,}   已处理 fired: {found['fired']:,}"
    )
    if found["fired"]:
        click.echo(f"  迟到 lateness: p50 {found['p50']:.2f} s   p99 {found['p99']:.2f} s   max {found['max']:.2f} s")
