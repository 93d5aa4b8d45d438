-- Every student of a section is a user of the district, unless the district shares no students.
-- severity: warning
SELECT district_id, section_id AS record_id, min(student_id) AS related_id
FROM section_students
ANTI JOIN (SELECT district_id, user_id AS student_id FROM users) AS known USING (district_id, student_id)
WHERE district_id IN (SELECT DISTINCT district_id FROM students)
GROUP BY district_id, section_id;
