-- The primary school of a student or teacher is one of the schools of the role.
-- severity: warning
SELECT district_id, user_id AS record_id
FROM user_roles
WHERE school_id IS NOT NULL AND NOT list_contains(school_ids, school_id);
