-- What differs between the rows staged for $table and those it has: one row per key that is not the same.
-- Only records that may differ are compared. MD5, because DuckDB's hash() is the same for many IDs that Clever makes one after the other.
CREATE OR REPLACE TEMP TABLE ${table}_difference AS
WITH kept AS MATERIALIZED (
    SELECT $key, first_seen_at, $operational AS operational, md5_number(to_json($compared)::VARCHAR) AS digest
    FROM kept_$table
),

archived AS (
    SELECT $key, first_seen_at
    FROM past.past_$table
    WHERE change = 'archived' AND valid_to IS NULL AND district_id IN (SELECT district_id FROM batch)
)

SELECT * EXCLUDE (is_same)
FROM (
    SELECT
        $staged_key,
        CASE
            WHEN kept.first_seen_at IS NULL THEN CASE WHEN archived.first_seen_at IS NULL THEN 'created' ELSE 'restored' END
            WHEN md5_number(to_json($staged_compared)::VARCHAR) = kept.digest THEN 'refreshed'
            ELSE 'updated'
        END AS change,
        coalesce(kept.first_seen_at, archived.first_seen_at) AS first_seen_at,
        batch.district_number,
        staged.staged_row,
        true AS is_counted,
        kept.first_seen_at IS NOT NULL AND $staged_operational IS NOT DISTINCT FROM kept.operational AS is_same
    FROM staged_$table AS staged
    JOIN batch USING (district_id)
    LEFT JOIN kept ON $staged_is_kept
    LEFT JOIN archived ON kept.first_seen_at IS NULL AND $staged_is_archived
)
WHERE change <> 'refreshed' OR NOT is_same
UNION ALL
SELECT $kept_key, 'archived', kept.first_seen_at, NULL, NULL, true
FROM kept
ANTI JOIN (FROM staged_$table SEMI JOIN batch USING (district_id)) AS staged ON $staged_is_kept;
