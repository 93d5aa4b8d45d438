-- Which fields the records of the batch have, and which they had and have no longer.
UPDATE sync.fields
SET is_present = false
WHERE district_id IN (SELECT district_id FROM batch);

INSERT OR REPLACE INTO sync.fields BY NAME
SELECT
    found.district_id,
    found.path,
    found.kind,
    found.records,
    found.example_id,
    true AS is_present,
    coalesce(known.first_seen_at, getvariable('observed_at')) AS first_seen_at,
    getvariable('observed_at') AS last_seen_at
FROM (
    SELECT district_id, path, 'known' AS kind, NULL::BIGINT AS records, NULL AS example_id
    FROM staging.known_fields
    UNION ALL
    SELECT district_id, path, kind, count(*), min(user_id)
    FROM (
        FROM unknown_fields
        UNION ALL
        SELECT district_id, user_id, unnest(unknown_values), 'unknown_value'
        FROM staging.users
        WHERE unknown_values IS NOT NULL
    )
    GROUP BY district_id, path, kind
) AS found
JOIN batch USING (district_id)
LEFT JOIN sync.fields AS known USING (district_id, path, kind);
