-- Who is new since a day: people whose ID this warehouse had not seen before?
SET VARIABLE since = TIMESTAMPTZ '2026-08-01 00:00:00+00';

SELECT
    district_id,
    first_seen_at,
    user_id,
    roles,
    last_name,
    first_name
FROM users
WHERE first_seen_at >= getvariable('since')
ORDER BY district_id, first_seen_at, user_id;
