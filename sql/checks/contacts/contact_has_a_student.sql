-- Every contact has a student, unless the district shares no relationships of contacts.
-- severity: warning
SELECT district_id, user_id AS record_id
FROM contacts
ANTI JOIN (
    SELECT district_id, contact_id AS user_id FROM contact_students WHERE student_id IS NOT NULL
) AS related USING (district_id, user_id)
WHERE district_id IN (SELECT district_id FROM contact_students WHERE student_id IS NOT NULL);
