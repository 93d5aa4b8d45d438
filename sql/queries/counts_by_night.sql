-- How many people of each role, and how many records of each other type, were there after the last good sync of each day?
-- A day is one in the time zone of your session. A day without a good sync has no row.
SELECT
    runs.district_id,
    found.key AS what,
    runs.started_at::DATE AS day,
    arg_max(
        (found.value -> 'before')::BIGINT
        + (found.value -> 'added')::BIGINT
        + (found.value -> 'restored')::BIGINT
        - (found.value -> 'archived')::BIGINT,
        runs.sequence
    ) AS records
FROM sync.runs AS runs, json_each(runs.by_role) AS found
WHERE runs.outcome IN ('applied', 'unchanged')
GROUP BY ALL
ORDER BY runs.district_id, what, day;
