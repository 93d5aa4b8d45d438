-- What differs between the rows staged for $table and those it has: a row for each key that is not the same.
-- MD5, because DuckDB's hash() is the same for many IDs that Clever makes one after the other.
CREATE OR REPLACE TEMP TABLE ${table}_difference AS
WITH staged AS (
    SELECT $key, $last_modified_at AS last_modified_at, md5_number(to_json(row($compared))::VARCHAR) AS digest, district_number, staged_row
    FROM staged_$table
    JOIN batch USING (district_id)
),

kept AS (
    SELECT $key, $last_modified_at AS last_modified_at, first_seen_at, md5_number(to_json(row($compared))::VARCHAR) AS digest
    FROM $table
    WHERE district_id IN (SELECT district_id FROM batch)
)

SELECT
    $key,
    CASE
        WHEN staged.digest IS NULL THEN 'archived'
        WHEN kept.digest IS NULL AND archived.first_seen_at IS NULL THEN 'created'
        WHEN kept.digest IS NULL THEN 'restored'
        WHEN staged.digest IS DISTINCT FROM kept.digest THEN 'updated'
        ELSE 'touched'
    END AS change,
    coalesce(kept.first_seen_at, archived.first_seen_at) AS first_seen_at,
    staged.last_modified_at,
    staged.district_number,
    staged.staged_row,
    staged.last_modified_at IS NOT DISTINCT FROM kept.last_modified_at AS same_last_modified
FROM staged
FULL JOIN kept USING ($key)
LEFT JOIN (
    SELECT $key, first_seen_at
    FROM past.past_$table
    WHERE change = 'archived' AND valid_to IS NULL
) AS archived USING ($key)
WHERE
    staged.digest IS DISTINCT FROM kept.digest
    OR staged.last_modified_at IS DISTINCT FROM kept.last_modified_at;

-- Another order of keys in extra is the same extra.
CREATE OR REPLACE TEMP MACRO leaves(object) AS (
    SELECT list_sort(list({'path': fullkey, 'type': "type", 'value': atom})) FROM json_tree(object)
);

UPDATE ${table}_difference AS difference
SET change = 'touched'
FROM staged_$table AS staged, $table AS kept
WHERE
    difference.change = 'updated'
    AND difference.staged_row = staged.staged_row
    AND $difference_is_kept
    AND to_json(row($staged_but_extra)) = to_json(row($kept_but_extra))
    AND leaves(staged.extra) = leaves(kept.extra);

DELETE FROM ${table}_difference WHERE change = 'touched' AND same_last_modified;
