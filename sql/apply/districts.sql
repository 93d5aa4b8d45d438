-- Which districts Clever's token list shows, and which it no longer shows; the data of these stay.
CREATE OR REPLACE TEMP TABLE listed_districts AS
SELECT
    listed.district_id,
    true AS connected,
    coalesce(known.first_seen_at, getvariable('observed_at')) AS first_seen_at,
    getvariable('observed_at') AS last_seen_at,
    known.not_shared
FROM (SELECT unnest(getvariable('connected')) AS district_id) AS listed
LEFT JOIN sync.districts AS known USING (district_id);

UPDATE sync.districts
SET connected = false
WHERE connected AND district_id IN (SELECT unnest(getvariable('disconnected')));
