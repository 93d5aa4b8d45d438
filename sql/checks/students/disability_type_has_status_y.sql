-- A student with a disability type or code has the disability status Y.
-- severity: warning
SELECT district_id, user_id AS record_id
FROM students
WHERE coalesce(disability_type, disability_code) IS NOT NULL AND disability_status IS DISTINCT FROM 'Y';
