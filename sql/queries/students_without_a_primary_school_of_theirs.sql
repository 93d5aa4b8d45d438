-- Which students have no primary school, or one that is not among their schools?
SELECT
    district_id,
    user_id,
    sis_id,
    school_id,
    school_ids
FROM user_roles
WHERE role = 'student' AND (school_id IS NULL OR NOT list_contains(school_ids, school_id))
ORDER BY district_id, user_id;
