-- How many rows each table has.
SELECT 'users', count(*) FROM users
UNION ALL
SELECT 'user_roles', count(*) FROM user_roles
UNION ALL
SELECT 'legacy_id_crosswalk', count(*) FROM legacy_id_crosswalk;
