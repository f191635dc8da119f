-- One round trip: any number of new matters with everything they need, in one statement and so in one commit.
-- $1 matters in order, $2 clocks, $3 files, $4 idempotency keys: JSON each, so that each is parsed once.
-- Requests whose key was used before write nothing and are missing from the answer.
WITH given AS MATERIALIZED (
  SELECT * FROM json_to_recordset($1::json) AS x(
    id uuid, bundle uuid, scope text, key text, ord int, code_area text, day text, tracking text, procedure text, version int,
    stage text, category text, kind text, area text, level text, post uuid, unit uuid, channel text, urgent boolean, sure boolean,
    at timestamptz, due timestamptz, warn timestamptz, head text, actor_kind text, actor text, actor_name text, data jsonb,
    text text, part text, name text, phone text, email text, address text, lon float8, lat float8, given text, language text,
    reading jsonb, salt text)
), fresh AS (
  INSERT INTO kernel_idempotency (scope, key, body_hash, target, at)
  SELECT x.scope, x.key, decode(x.body_hash, 'hex'), x.target, x.at
    FROM json_to_recordset($4::json) AS x(scope text, key text, body_hash text, target text, at timestamptz)
   ORDER BY 1, 2
  ON CONFLICT (scope, key) DO NOTHING RETURNING target
), good AS MATERIALIZED (
  SELECT g.*, row_number() OVER (PARTITION BY g.code_area, g.day ORDER BY g.ord) AS place
    FROM given g
   WHERE g.key IS NULL OR g.bundle::text IN (SELECT target FROM fresh)
), counted AS (
  INSERT INTO matters_counter AS c (area, day, n)
  SELECT code_area, day, count(*) FROM good GROUP BY 1, 2 ORDER BY 1, 2
  ON CONFLICT (area, day) DO UPDATE SET n = c.n + excluded.n
  RETURNING area, day, n
), sizes AS (
  SELECT code_area, day, count(*) AS size FROM good GROUP BY 1, 2
), matter AS (
  INSERT INTO matters_matter (id, code, tracking_digest, bundle, procedure, procedure_version, stage, category, kind, area, level,
    holder_post_id, holder_unit_id, channel, urgent, sure, opened_at, due_at, warn_at, reopened, outcome, seq, head, updated_at)
  SELECT g.id, g.code_area || '-' || g.day || '-' || lpad(m.number::text, greatest(4, length(m.number::text)), '0'),
         decode(g.tracking, 'hex'), g.bundle, g.procedure, g.version, g.stage, g.category, g.kind, g.area, g.level,
         g.post, g.unit, g.channel, g.urgent, g.sure, g.at, g.due, g.warn, 0, '', 1, decode(g.head, 'hex'), g.at
    FROM good g
    JOIN counted c ON c.area = g.code_area AND c.day = g.day
    JOIN sizes s ON s.code_area = g.code_area AND s.day = g.day
    CROSS JOIN LATERAL (SELECT c.n - s.size + g.place AS number) m
  RETURNING id, code
), statement AS (
  INSERT INTO matters_statement (matter_id, text, part, contact_name, contact_phone, contact_email, address, lon, lat, given, language,
    reading, salt)
  SELECT id, text, part, name, phone, email, address, lon, lat, given, language, reading, decode(salt, 'hex') FROM good
), sealed AS ( -- a clock that was set back must not put events behind a seal
  SELECT until FROM matters_seal ORDER BY number DESC LIMIT 1
), event AS (
  INSERT INTO matters_event (matter_id, seq, at, actor_kind, actor, actor_name, step, data, prev, hash, recorded_at)
  SELECT id, 1, at, actor_kind, actor, actor_name, 'open', data, decode(repeat('00', 32), 'hex'), decode(head, 'hex'), greatest(clock_timestamp(), (SELECT until + interval '1 microsecond' FROM sealed))
    FROM good
), clock AS (
  INSERT INTO matters_clock (id, matter_id, rule, cycle, state, span, calendar, started_at, warn_at, due_at, rung, next_at)
  SELECT x.id, x.matter, x.rule, x.cycle, x.state, x.span, x.calendar, x.started, x.warn, x.due, x.rung, x.next
    FROM json_to_recordset($2::json) AS x(id uuid, matter uuid, rule text, cycle int, state text, span text, calendar text,
         started timestamptz, warn timestamptz, due timestamptz, rung int, next timestamptz)
   WHERE x.matter IN (SELECT id FROM good)
), assignment AS (
  INSERT INTO matters_assignment (id, matter_id, post_id, unit_id, role, at, reopened, reason)
  SELECT id, id, post, unit, 'lead', at, 0, data->'why' FROM good WHERE post IS NOT NULL -- the first one takes the matter's key: it sorts by time
), evidence AS (
  INSERT INTO matters_evidence (id, matter_id, seq, kind, sha256, media_type, size, width, height, at)
  SELECT gen_random_uuid(), x.matter, x.seq, x.kind, x.sha256, x.media_type, x.size, x.width, x.height, x.at
    FROM json_to_recordset($3::json) AS x(matter uuid, seq int, kind text, sha256 text, media_type text, size int, width int,
         height int, at timestamptz)
   WHERE x.matter IN (SELECT id FROM good)
), outbox AS (
  INSERT INTO kernel_outbox (id, topic, key, payload, available_at, attempts, error)
  SELECT id, 'notice', id || ':1:holder',
         jsonb_build_object('matter', id, 'seq', 1, 'to', CASE WHEN post IS NULL THEN 'level' ELSE 'holder' END, 'kind', 'assigned',
                            'post', post, 'area', area, 'level', level, 'urgent', urgent),
         at, 0, '' FROM good
), lines AS ( -- a NOTIFY holds 8,000 bytes
  SELECT string_agg(concat_ws('|', id, area, stage, 1, coalesce(post::text, ''), coalesce(unit::text, '')), E'\n') AS said
    FROM good GROUP BY ord / 40
), told AS (
  SELECT count(pg_notify('linli_matters', said)) AS n FROM lines
)
SELECT matter.id, matter.code FROM matter, told
