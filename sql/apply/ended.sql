-- The rows of $table that end go to the past; a row that is gone has a version there that says so.
INSERT INTO past.past_$table BY NAME
SELECT
    kept.* REPLACE (
        CASE WHEN ended.is_gone THEN getvariable('observed_at') ELSE kept.valid_from END AS valid_from,
        CASE WHEN ended.is_gone THEN 'archived' ELSE kept.change END AS change
    ),
    CASE WHEN NOT ended.is_gone THEN getvariable('observed_at') END AS valid_to
FROM kept_$table AS kept
JOIN (
    SELECT $key, false AS is_gone FROM ${table}_difference WHERE change IN ('updated', 'archived')
    UNION ALL
    SELECT $key, true FROM ${table}_difference WHERE change = 'archived'
) AS ended ON $ended_is_kept;

DELETE FROM $table AS kept
USING ${table}_difference AS difference
WHERE $difference_is_kept AND difference.change IN ('updated', 'archived');
