-- A pause of a district's sync does not end before it starts.
-- severity: warning
SELECT district_id, district_id AS record_id
FROM districts
WHERE pause_end_at < pause_start_at;
