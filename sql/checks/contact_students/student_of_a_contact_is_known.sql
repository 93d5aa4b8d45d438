-- Every student of a contact is a user of the district, unless the district shares no students.
-- severity: warning
SELECT district_id, contact_id AS record_id, min(student_id) AS related_id
FROM contact_students
ANTI JOIN (SELECT district_id, user_id AS student_id FROM users) AS known USING (district_id, student_id)
WHERE student_id IS NOT NULL AND district_id IN (SELECT district_id FROM students)
GROUP BY district_id, contact_id;
