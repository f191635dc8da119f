-- The same rows as one intake (matter, statement, event, two clocks, assignment, outbox) in one statement, for pgbench.
-- It has no counter, no key, no NOTIFY and nothing to understand: the least that any intake could cost this database.
\set a random(1, 1000000000)
WITH m AS (
  INSERT INTO matters_matter (id, code, tracking_digest, bundle, procedure, procedure_version, stage, category, kind, area, level,
    holder_post_id, holder_unit_id, channel, urgent, sure, opened_at, due_at, warn_at, reopened, outcome, seq, head, updated_at)
  SELECT i, 'b' || i, decode(md5(i::text), 'hex'), i, 'request', 1, 'received', 'urban.sanitation.rubbish', 'request', 'AREA', 'grid',
         'POST', 'UNIT', 'api', false, true, now(), now() + interval '5 min', now() + interval '3 min', 0, '', 1,
         decode(md5(i::text) || md5(i::text), 'hex'), now()
    FROM (SELECT gen_random_uuid() AS i) x RETURNING id
), s AS (
  INSERT INTO matters_statement (matter_id, text, part, contact_name, contact_phone, contact_email, address, lon, lat, given, language,
    reading, salt)
  SELECT id, '门口垃圾成堆没人清运，请尽快处理', '', '', '', '', '', 103.7, 29.5, 'wgs84', 'zh-hans', 'READING'::jsonb,
         decode(md5(id::text), 'hex') FROM m
), e AS (
  INSERT INTO matters_event (matter_id, seq, at, actor_kind, actor, actor_name, step, data, prev, hash, recorded_at)
  SELECT id, 1, now(), 'token', 'x', 'bench', 'open', 'DATA'::jsonb, decode(repeat('00', 32), 'hex'),
         decode(md5(id::text) || md5(id::text), 'hex'), clock_timestamp() FROM m
), c AS (
  INSERT INTO matters_clock (id, matter_id, rule, cycle, state, span, calendar, started_at, warn_at, due_at, rung, next_at)
  SELECT gen_random_uuid(), id, r, 1, 'open', '5 min', 'always', now(), now() + interval '3 min', now() + interval '5 min', -1,
         now() + interval '3 day' FROM m, (VALUES ('respond'), ('complete')) AS v(r)
), a AS (
  INSERT INTO matters_assignment (id, matter_id, post_id, unit_id, role, at, reopened, reason)
  SELECT gen_random_uuid(), id, 'POST', 'UNIT', 'lead', now(), 0, 'WHY'::jsonb FROM m
)
INSERT INTO kernel_outbox (id, topic, key, payload, available_at, attempts, error)
SELECT gen_random_uuid(), 'bench', id || ':' || :a, '{"matter": 1}'::jsonb, now() + interval '3 day', 0, '' FROM m;
