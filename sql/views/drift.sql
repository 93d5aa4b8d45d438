-- Where a district's records differ from Clever's specs, or from what they were: each difference that is counted in sync.fields, each field
-- that the latest applied sync of the district was the first to see, and each field that no record has any longer. What the first sync of
-- a stream sees has not appeared.
CREATE OR REPLACE VIEW sync.drift AS
SELECT
    fields.stream,
    fields.district_id,
    fields.path,
    CASE WHEN kind <> 'known' THEN kind WHEN is_present THEN 'field_appeared' ELSE 'field_withdrawn' END AS kind,
    fields.records,
    fields.example_id,
    fields.is_present,
    fields.first_seen_at,
    fields.last_seen_at
FROM sync.fields AS fields
LEFT JOIN (
    SELECT stream, district_id, min(first_seen_at) AS begun_at
    FROM sync.fields
    WHERE kind = 'known'
    GROUP BY stream, district_id
) AS streams USING (stream, district_id)
LEFT JOIN (
    SELECT district_id, arg_max(started_at, sequence) AS started_at
    FROM sync.runs
    WHERE outcome IN ('applied', 'unchanged')
    GROUP BY district_id
) AS latest USING (district_id)
WHERE
    fields.kind <> 'known'
    OR NOT fields.is_present
    OR (fields.first_seen_at > streams.begun_at AND fields.first_seen_at >= latest.started_at);
