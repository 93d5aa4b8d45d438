-- Every relationship of a contact names the student.
-- severity: warning
SELECT district_id, contact_id AS record_id
FROM contact_students
WHERE student_id IS NULL;
