-- How many keys each table has twice. Both are asked for at once, as DuckDB looks through uncommitted rows with a single thread.
SELECT 'users' AS "table", count(*) AS doubled
FROM (SELECT user_id FROM users GROUP BY ALL HAVING count(*) > 1)
UNION ALL
SELECT 'user_roles', count(*)
FROM (SELECT user_id, role FROM user_roles GROUP BY ALL HAVING count(*) > 1);
