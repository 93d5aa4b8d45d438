-- How many keys each table has twice. Both are asked for at once, as DuckDB looks through uncommitted rows with a single thread.
-- Few ids are in several districts or roles, so only these are looked through by the whole key.
SELECT 'users' AS "table", count(*) AS doubled
FROM (
    SELECT district_id, user_id
    FROM users
    WHERE user_id IN (SELECT user_id FROM users GROUP BY ALL HAVING count(*) > 1)
    GROUP BY ALL
    HAVING count(*) > 1
)
UNION ALL
SELECT 'user_roles', count(*)
FROM (
    SELECT district_id, user_id, role
    FROM user_roles
    WHERE user_id IN (SELECT user_id FROM user_roles GROUP BY ALL HAVING count(*) > 1)
    GROUP BY ALL
    HAVING count(*) > 1
);
