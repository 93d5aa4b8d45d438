-- The latest word on each snapshot that was ever held of some districts.
SELECT district_id, digest, held_at, state, decided_by, reason, applied_at IS NOT NULL
FROM sync.holds
WHERE district_id IN (SELECT unnest(getvariable('district_ids')))
QUALIFY row_number() OVER (PARTITION BY district_id, digest ORDER BY sequence DESC) = 1;
