-- Decisions on any number of matters, in one statement. $1 is JSON with a list per table. The caller holds the matters' row locks.
WITH given AS MATERIALIZED (
  SELECT * FROM json_to_recordset($1::json->'m') AS x(
    id uuid, was int, stage text, category text, kind text, area text, level text, post uuid, unit uuid, urgent boolean, sure boolean,
    closed timestamptz, due timestamptz, warn timestamptz, reopened int, outcome text, rating int, merged_into uuid, seq int, head text,
    at timestamptz, told text)
), moved AS (
  UPDATE matters_matter m
     SET stage = g.stage, category = g.category, kind = g.kind, area = g.area, level = g.level, holder_post_id = g.post, holder_unit_id = g.unit,
         urgent = g.urgent, sure = g.sure, closed_at = g.closed, due_at = g.due, warn_at = g.warn, reopened = g.reopened,
         outcome = g.outcome, rating = g.rating, merged_into_id = g.merged_into, seq = g.seq, head = decode(g.head, 'hex'),
         updated_at = g.at
    FROM given g WHERE m.id = g.id AND m.seq = g.was
  RETURNING m.id
), sealed AS ( -- a clock that was set back must not put events behind a seal
  SELECT until FROM matters_seal ORDER BY number DESC LIMIT 1
), event AS (
  INSERT INTO matters_event (matter_id, seq, at, actor_kind, actor, actor_name, step, data, prev, hash, recorded_at)
  SELECT matter, seq, at, actor_kind, actor, actor_name, step, data, decode(prev, 'hex'), decode(hash, 'hex'), greatest(clock_timestamp(), (SELECT until + interval '1 microsecond' FROM sealed))
    FROM json_to_recordset($1::json->'e') AS x(matter uuid, seq int, at timestamptz, actor_kind text, actor text, actor_name text,
         step text, data jsonb, prev text, hash text)
), remark AS (
  INSERT INTO matters_remark (id, matter_id, seq, field, text)
  SELECT gen_random_uuid(), matter, seq, field, text
    FROM json_to_recordset($1::json->'r') AS x(matter uuid, seq int, field text, text text)
), clock AS (
  INSERT INTO matters_clock AS c (id, matter_id, rule, cycle, state, span, calendar, started_at, warn_at, due_at, rung, next_at, remaining,
    stopped_at)
  SELECT id, matter, rule, cycle, state, span, calendar, started, warn, due, rung, next, remaining, stopped
    FROM json_to_recordset($1::json->'c') AS x(id uuid, matter uuid, rule text, cycle int, state text, span text, calendar text,
         started timestamptz, warn timestamptz, due timestamptz, rung int, next timestamptz, remaining bigint, stopped timestamptz)
  ON CONFLICT (id) DO UPDATE SET state = excluded.state, started_at = excluded.started_at, span = excluded.span, calendar = excluded.calendar, warn_at = excluded.warn_at,
    due_at = excluded.due_at, rung = excluded.rung, next_at = excluded.next_at, remaining = excluded.remaining,
    stopped_at = excluded.stopped_at
), firing AS (
  INSERT INTO matters_firing (clock_id, threshold, matter_id, due, at, late)
  SELECT clock, threshold, matter, due, at, late
    FROM json_to_recordset($1::json->'f') AS x(clock uuid, threshold text, matter uuid, due timestamptz, at timestamptz, late boolean)
), assignment AS (
  INSERT INTO matters_assignment (id, matter_id, post_id, unit_id, role, at, reopened, reason)
  SELECT gen_random_uuid(), matter, post, unit, role, at, reopened, reason
    FROM json_to_recordset($1::json->'a') AS x(matter uuid, post uuid, unit uuid, role text, at timestamptz, reopened int, reason jsonb)
), evidence AS (
  INSERT INTO matters_evidence (id, matter_id, seq, kind, sha256, media_type, size, width, height, at)
  SELECT gen_random_uuid(), matter, seq, kind, sha256, media_type, size, width, height, at
    FROM json_to_recordset($1::json->'v') AS x(matter uuid, seq int, kind text, sha256 text, media_type text, size int, width int,
         height int, at timestamptz)
), outbox AS (
  INSERT INTO kernel_outbox (id, topic, key, payload, available_at, attempts, error)
  SELECT gen_random_uuid(), topic, key, payload, at, 0, ''
    FROM json_to_recordset($1::json->'o') AS x(topic text, key text, payload jsonb, at timestamptz)
  ON CONFLICT (topic, key) DO NOTHING
), told AS (
  SELECT count(pg_notify('linli_matters', told)) AS n FROM given
)
SELECT count(*) FROM moved, told
