-- Which fields the records of the batch have, and which they had and have no longer.
CREATE OR REPLACE TEMP TABLE fields_of_batch AS
WITH shown AS MATERIALIZED (
    SELECT district_id, path, kind, user_id
    FROM (
        SELECT district_id, path, 'known' AS kind, NULL AS user_id FROM staging.known_fields
        UNION ALL
        SELECT district_id, path, kind, user_id FROM unknown_fields
        UNION ALL
        SELECT district_id, unnest(unknown_values), 'unknown_value', user_id FROM staging.users WHERE unknown_values IS NOT NULL
    )
    SEMI JOIN batch USING (district_id)
),

former AS (
    FROM sync.fields SEMI JOIN batch USING (district_id)
),

-- Names that differ per person, such as dates, would add rows without end. So a parent that ever had more than 200 of them is one row
-- from then on.
crowded AS (
    SELECT district_id, kind, parent_of(path) AS parent, any_of(parent_of(path)) AS path
    FROM (
        SELECT district_id, kind, path FROM shown WHERE kind <> 'known'
        UNION
        SELECT district_id, kind, path FROM former WHERE kind <> 'known'
    )
    GROUP BY district_id, kind, parent_of(path)
    HAVING count(*) > 200 OR bool_or(path = any_of(parent_of(path)))
),

shown_rows AS (
    SELECT
        shown.district_id,
        coalesce(crowded.path, shown.path) AS path,
        shown.kind,
        nullif(count(DISTINCT shown.user_id), 0) AS records,
        min(shown.user_id) AS example_id
    FROM shown
    LEFT JOIN crowded ON
        crowded.district_id = shown.district_id AND crowded.kind = shown.kind AND crowded.parent = parent_of(shown.path)
    GROUP BY ALL
),

former_rows AS (
    SELECT
        former.district_id,
        coalesce(crowded.path, former.path) AS path,
        former.kind,
        max(former.records) AS records,
        min(former.example_id) AS example_id,
        min(former.first_seen_at) AS first_seen_at,
        max(former.last_seen_at) AS last_seen_at
    FROM former
    LEFT JOIN crowded ON
        crowded.district_id = former.district_id AND crowded.kind = former.kind AND crowded.parent = parent_of(former.path)
    GROUP BY ALL
)

SELECT
    district_id,
    path,
    kind,
    coalesce(shown_rows.records, former_rows.records) AS records,
    coalesce(shown_rows.example_id, former_rows.example_id) AS example_id,
    shown_rows.path IS NOT NULL AS is_present,
    coalesce(former_rows.first_seen_at, getvariable('observed_at')) AS first_seen_at,
    CASE WHEN shown_rows.path IS NULL THEN former_rows.last_seen_at ELSE getvariable('observed_at') END AS last_seen_at
FROM shown_rows
FULL JOIN former_rows USING (district_id, path, kind);

DELETE FROM sync.fields AS former
WHERE
    district_id IN (SELECT district_id FROM batch)
    AND NOT EXISTS (
        FROM fields_of_batch AS fields
        WHERE fields.district_id = former.district_id AND fields.path = former.path AND fields.kind = former.kind
    );
