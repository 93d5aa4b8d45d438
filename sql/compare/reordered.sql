-- Rows of $table in which nothing differs but the order of keys in JSON are the same. A table may have nothing else to compare: both
-- sides are NULL then.
UPDATE ${table}_difference AS difference
SET change = CASE WHEN $staged_operational IS NOT DISTINCT FROM $kept_operational THEN 'same' ELSE 'refreshed' END
FROM staged_$table AS staged, kept_$table AS kept
WHERE
    difference.change = 'updated'
    AND difference.staged_row = staged.staged_row
    AND $difference_is_kept
    AND to_json($staged_but_json) IS NOT DISTINCT FROM to_json($kept_but_json)
    AND $same_json;

DELETE FROM ${table}_difference WHERE change = 'same';
