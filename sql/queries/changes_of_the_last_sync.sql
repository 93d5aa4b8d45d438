-- What did the last sync that changed anything change, person by person and role by role?
WITH last_sync AS (
    SELECT
        district_id,
        arg_max(started_at, sequence) AS started_at
    FROM sync.runs
    WHERE outcome = 'applied'
    GROUP BY district_id
),

versions AS (
    SELECT district_id, user_id, 'the person' AS what, change, valid_from FROM users_history
    UNION ALL
    SELECT district_id, user_id, role, change, valid_from FROM user_roles_history
)

SELECT
    versions.district_id,
    versions.user_id,
    versions.what,
    versions.change
FROM versions
JOIN last_sync USING (district_id)
WHERE versions.valid_from >= last_sync.started_at
ORDER BY ALL;
