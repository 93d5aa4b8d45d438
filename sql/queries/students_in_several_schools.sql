-- Which students go to several schools, and which of these is the primary one?
SELECT
    user_roles.district_id,
    user_roles.user_id,
    user_roles.sis_id,
    schools.school_id,
    schools.school_id = user_roles.school_id AS is_primary
FROM user_roles, (SELECT unnest(user_roles.school_ids)) AS schools (school_id)
WHERE user_roles.role = 'student' AND len(user_roles.school_ids) > 1
ORDER BY user_roles.district_id, user_roles.user_id, schools.school_id;
