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
    FROM (SELECT district_id, bit_or(known) AS known FROM staging.known_fields GROUP BY district_id)
    JOIN known_paths ON (known >> bit) & 1 = 1
    UNION ALL
    SELECT district_id, path, kind, sum(records)::BIGINT, min(example_id)
    FROM (
        FROM staging.unknown_fields
        UNION ALL
        SELECT district_id, unnest(unknown_values), 'unknown_value', 1, user_id
        FROM staging.users
        WHERE unknown_values IS NOT NULL
    )
    GROUP BY ALL
) AS found
JOIN batch USING (district_id)
LEFT JOIN sync.fields AS known USING (district_id, path, kind);
