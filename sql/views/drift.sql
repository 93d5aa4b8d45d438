-- Where a district's records differ from Clever's specs, or from what they were.
CREATE OR REPLACE VIEW sync.drift AS
SELECT
    district_id,
    path,
    CASE WHEN kind = 'known' THEN 'missing_field' ELSE kind END AS kind,
    records,
    example_id,
    is_present,
    first_seen_at,
    last_seen_at
FROM sync.fields
WHERE kind <> 'known' OR NOT is_present;
