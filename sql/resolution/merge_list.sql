-- The lines of the list that are one person with other lines, in the order in which to merge: first comes the person's own v3 ID,
-- then current legacy IDs, then former ones, those that were in use last first; of equal ones, the first in the file.
WITH ranked AS (
    SELECT
        line,
        id,
        user_id,
        status,
        since,
        row_number() OVER person AS step,
        first_value(line) OVER person AS line_to_keep,
        min(line) OVER (PARTITION BY user_id) AS first_line,
        count(*) OVER (PARTITION BY user_id) AS lines
    FROM answers
    WHERE user_id IS NOT NULL
    WINDOW person AS (
        PARTITION BY user_id
        ORDER BY
            legacy_id = user_id DESC,
            (status = 'current' AND since IS NULL) DESC,
            coalesce(since, TIMESTAMPTZ '1970-01-01 00:00:00+00') DESC,
            line
    )
)

SELECT
    line,
    id,
    user_id,
    status,
    dense_rank() OVER (ORDER BY first_line) AS person,
    step,
    CASE WHEN step = 1 THEN 'keep' ELSE 'merge' END AS action,
    line_to_keep
FROM ranked
WHERE lines > 1
ORDER BY first_line, step;
