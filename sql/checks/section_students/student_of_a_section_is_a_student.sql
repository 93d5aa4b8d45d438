-- Every user whom a section lists as a student has the student role.
-- severity: warning
SELECT district_id, section_id AS record_id, min(student_id) AS related_id
FROM section_students
SEMI JOIN (
    SELECT district_id, user_id AS student_id FROM users WHERE NOT list_contains(roles, 'student')
) AS others USING (district_id, student_id)
GROUP BY district_id, section_id;
