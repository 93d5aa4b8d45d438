-- Which employees have no e-mail, and which users have no role?
-- Clever merges employees by e-mail, so one without an e-mail may be two users: one as teacher, and one as staff.
SELECT
    district_id,
    user_id,
    last_name,
    first_name,
    roles,
    title,
    nullif(array_to_string(school_names, ', '), '') AS school_names,  -- of no names, '' or NULL: DuckDB's versions differ
    'no e-mail' AS lacks
FROM staff_directory
WHERE email IS NULL
UNION ALL
SELECT
    district_id,
    user_id,
    last_name,
    first_name,
    roles,
    NULL,
    NULL,
    'no role'
FROM users
WHERE len(roles) = 0
ORDER BY district_id, lacks, last_name, user_id;
