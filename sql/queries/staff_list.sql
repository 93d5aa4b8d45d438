-- Who works in each district: employees with titles, departments and schools?
SELECT
    district_id,
    last_name,
    first_name,
    title,
    department,
    roles,
    nullif(array_to_string(school_names, ', '), '') AS school_names,  -- of no names, '' or NULL: DuckDB's versions differ
    section_count,
    email,
    user_id
FROM staff_directory
ORDER BY district_id, last_name, first_name, user_id;
