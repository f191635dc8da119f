-- Closed requests of other systems: matter, words, two events and the key of each, any number in one statement.
-- $1 is a JSON list. Requests whose key was used before write nothing and are missing from the answer.
WITH given AS MATERIALIZED (
  SELECT * FROM json_to_recordset($1::json) AS x(
    id uuid, scope text, key text, body_hash text, key_at timestamptz, ord int, code_area text, day text, tracking text, procedure text,
    version int, stage text, category text, kind text, area text, level text, channel text, urgent boolean, sure boolean, at timestamptz,
    head text, first text, actor_kind text, actor text, actor_name text, data jsonb, text text, part text, name text, phone text,
    email text, address text, lon float8, lat float8, given text, language text, reading jsonb, salt text, outcome text,
    closed timestamptz, ended timestamptz, step text, "end" jsonb, reply text)
), fresh AS (
  INSERT INTO kernel_idempotency (scope, key, body_hash, target, at)
  SELECT scope, key, decode(body_hash, 'hex'), id::text, key_at FROM given ORDER BY 1, 2
  ON CONFLICT (scope, key) DO NOTHING RETURNING target
), good AS MATERIALIZED (
  SELECT g.*, row_number() OVER (PARTITION BY g.code_area, g.day ORDER BY g.ord) AS place
    FROM given g WHERE g.id::text IN (SELECT target FROM fresh)
), counted AS (
  INSERT INTO matters_counter AS c (area, day, n)
  SELECT code_area, day, count(*) FROM good GROUP BY 1, 2 ORDER BY 1, 2
  ON CONFLICT (area, day) DO UPDATE SET n = c.n + excluded.n
  RETURNING area, day, n
), sizes AS (
  SELECT code_area, day, count(*) AS size FROM good GROUP BY 1, 2
), matter AS (
  INSERT INTO matters_matter (id, code, tracking_digest, bundle, procedure, procedure_version, stage, category, kind, area, level,
    channel, urgent, sure, opened_at, closed_at, reopened, outcome, seq, head, updated_at)
  SELECT g.id, g.code_area || '-' || g.day || '-' || lpad(m.number::text, greatest(4, length(m.number::text)), '0'),
         decode(g.tracking, 'hex'), g.id, g.procedure, g.version, g.stage, g.category, g.kind, g.area, g.level, g.channel, g.urgent,
         g.sure, g.at, g.closed, 0, g.outcome, 2, decode(g.head, 'hex'), g.ended
    FROM good g
    JOIN counted c ON c.area = g.code_area AND c.day = g.day
    JOIN sizes s ON s.code_area = g.code_area AND s.day = g.day
    CROSS JOIN LATERAL (SELECT c.n - s.size + g.place AS number) m
  RETURNING id
), statement AS (
  INSERT INTO matters_statement (matter_id, text, part, contact_name, contact_phone, contact_email, address, lon, lat, given, language,
    reading, salt)
  SELECT id, text, part, name, phone, email, address, lon, lat, given, language, reading, decode(salt, 'hex') FROM good
), sealed AS ( -- a clock that was set back must not put events behind a seal
  SELECT until FROM matters_seal ORDER BY number DESC LIMIT 1
), event AS (
  INSERT INTO matters_event (matter_id, seq, at, actor_kind, actor, actor_name, step, data, prev, hash, recorded_at)
  SELECT g.id, e.seq, e.at, g.actor_kind, g.actor, g.actor_name, e.step, e.data, e.prev, e.hash,
         greatest(clock_timestamp(), (SELECT until + interval '1 microsecond' FROM sealed))
    FROM good g
    CROSS JOIN LATERAL (VALUES (1, g.at, 'open', g.data, decode(repeat('00', 32), 'hex'), decode(g.first, 'hex')),
                               (2, g.ended, g.step, g."end", decode(g.first, 'hex'), decode(g.head, 'hex')))
      AS e(seq, at, step, data, prev, hash)
), remark AS (
  INSERT INTO matters_remark (id, matter_id, seq, field, text)
  SELECT gen_random_uuid(), id, 2, 'reply', reply FROM good WHERE reply <> ''
)
SELECT id FROM matter
