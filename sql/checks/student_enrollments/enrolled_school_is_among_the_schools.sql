-- The school of an enrollment is one of the student's schools.
-- severity: warning
SELECT district_id, student_id AS record_id, min(enrolled.school_id) AS related_id
FROM (
    SELECT district_id, student_id, school_id FROM student_enrollments WHERE school_id IS NOT NULL
) AS enrolled
JOIN (SELECT district_id, user_id AS student_id, school_ids FROM students) AS held USING (district_id, student_id)
WHERE NOT list_contains(held.school_ids, enrolled.school_id)
GROUP BY district_id, student_id;
