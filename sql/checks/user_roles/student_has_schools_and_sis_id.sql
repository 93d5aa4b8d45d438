-- A student has at least one school and a sis_id.
-- severity: error
SELECT district_id, user_id AS record_id
FROM user_roles
WHERE role = 'student' AND (len(school_ids) = 0 OR sis_id IS NULL);
