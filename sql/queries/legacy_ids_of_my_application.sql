-- Who are the people behind the legacy ids that my application keeps (a CSV file with a column clever_id)?
SET VARIABLE file = 'my_users.csv';

WITH mine AS (
    SELECT
        *,
        v3_user_id(clever_id) AS user_id
    FROM read_csv(getvariable('file'), header = true, all_varchar = true)
)

SELECT
    mine.*,
    CASE
        WHEN mine.user_id IS NULL THEN 'unknown'
        WHEN users.user_id IS NULL THEN 'gone'
        WHEN links.is_current THEN 'current'
        ELSE 'current person, but the id was of a role that ended'
    END AS state,
    links.role,
    links.end_reason,
    users.roles
FROM mine
LEFT JOIN users USING (user_id)
LEFT JOIN legacy_id_crosswalk AS links ON links.legacy_id = mine.clever_id AND links.user_id = mine.user_id
ORDER BY ALL;
