-- Every user whom a section lists as a teacher has the teacher role.
-- severity: warning
SELECT district_id, section_id AS record_id, min(teacher_id) AS related_id
FROM section_teachers
SEMI JOIN (
    SELECT district_id, user_id AS teacher_id FROM users WHERE NOT list_contains(roles, 'teacher')
) AS others USING (district_id, teacher_id)
GROUP BY district_id, section_id;
