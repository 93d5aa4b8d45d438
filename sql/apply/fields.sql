-- Which fields the records of the batch have and which they had, and where they differ from Clever's specs.
CREATE OR REPLACE TEMP TABLE fields_of_batch AS
-- Of known fields, those that this version counts.
WITH former AS (
    FROM sync.fields
    SEMI JOIN batch_streams USING (stream, district_id)
    WHERE kind <> 'known' OR is_declared("stream", path)
),

-- A field that a district has shown before and that has no value any longer is kept, as not present. Of a district of which only new
-- records were staged, a field without counts is as it was.
counted AS (
    SELECT
        stream,
        district_id,
        path,
        coalesce(counts.staged, 0)
        + CASE WHEN streams.is_incremental THEN coalesce(known.records, 0) - coalesce(counts.kept, 0) ELSE 0 END AS records
    FROM field_counts AS counts
    FULL JOIN (FROM former WHERE kind = 'known') AS known USING (stream, district_id, path)
    JOIN batch_streams AS streams USING (stream, district_id)
),

shown AS MATERIALIZED (
    SELECT DISTINCT stream, district_id, path, kind, record_id FROM unexpected
),

-- Names that differ per person, such as dates, would add rows without end. So a parent that ever had more than 200 of them is one row
-- from then on.
crowded AS (
    SELECT stream, district_id, kind, parent_of(path) AS parent, any_of(parent_of(path)) AS path
    FROM (
        SELECT stream, district_id, kind, path FROM shown
        UNION
        SELECT stream, district_id, kind, path FROM former WHERE kind <> 'known'
    )
    GROUP BY stream, district_id, kind, parent_of(path)
    HAVING count(*) > 200 OR bool_or(path = any_of(parent_of(path)))
),

shown_rows AS (
    SELECT
        shown.stream,
        shown.district_id,
        coalesce(crowded.path, shown.path) AS path,
        shown.kind,
        count(DISTINCT shown.record_id) AS records,
        min(shown.record_id) AS example_id
    FROM shown
    LEFT JOIN crowded ON
        crowded.stream = shown.stream AND crowded.district_id = shown.district_id AND crowded.kind = shown.kind AND crowded.parent = parent_of(shown.path)
    GROUP BY ALL
    UNION ALL
    SELECT stream, district_id, path, 'known', records, NULL FROM counted WHERE records > 0
),

former_rows AS (
    SELECT
        former.stream,
        former.district_id,
        coalesce(crowded.path, former.path) AS path,
        former.kind,
        max(former.records) AS records,
        min(former.example_id) AS example_id,
        min(former.first_seen_at) AS first_seen_at,
        max(former.last_seen_at) AS last_seen_at,
        -- versions before schema 7 did not count known fields, and took those for present of which every value was empty
        bool_or(former.is_present AND former.records IS NULL) AS is_uncounted
    FROM former
    LEFT JOIN crowded ON
        crowded.stream = former.stream AND crowded.district_id = former.district_id AND crowded.kind = former.kind AND crowded.parent = parent_of(former.path)
    GROUP BY ALL
)

SELECT
    stream,
    district_id,
    path,
    kind,
    CASE WHEN kind = 'known' THEN coalesce(shown_rows.records, 0) ELSE coalesce(shown_rows.records, former_rows.records) END AS records,
    coalesce(shown_rows.example_id, former_rows.example_id) AS example_id,
    shown_rows.path IS NOT NULL AS is_present,
    coalesce(former_rows.first_seen_at, getvariable('observed_at')) AS first_seen_at,
    CASE WHEN shown_rows.path IS NULL THEN former_rows.last_seen_at ELSE getvariable('observed_at') END AS last_seen_at
FROM shown_rows
FULL JOIN former_rows USING (stream, district_id, path, kind)
WHERE kind <> 'known' OR shown_rows.path IS NOT NULL OR NOT former_rows.is_uncounted;

DELETE FROM sync.fields AS former
WHERE
    EXISTS (FROM batch_streams AS streams WHERE streams.stream = former.stream AND streams.district_id = former.district_id)
    AND NOT EXISTS (
        FROM fields_of_batch AS fields
        WHERE fields.stream = former.stream AND fields.district_id = former.district_id AND fields.path = former.path AND fields.kind = former.kind
    );
