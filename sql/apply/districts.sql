-- Which districts Clever's token list shows, and which it no longer shows; the data of these stay.
INSERT OR REPLACE INTO sync.districts
SELECT
    district_id,
    true,
    coalesce(known.first_seen_at, getvariable('observed_at')),
    getvariable('observed_at')
FROM (SELECT unnest(getvariable('connected')) AS district_id)
LEFT JOIN sync.districts AS known USING (district_id);

UPDATE sync.districts
SET connected = false
WHERE connected AND district_id IN (SELECT unnest(getvariable('disconnected')));
