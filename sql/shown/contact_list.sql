-- Whom to call about the first students, by name, who have a contact with a phone number.
SELECT
    regexp_replace(concat_ws(', ', student_last_name, student_first_name), '\s+', ' ', 'g') AS student,
    regexp_replace(concat_ws(' ', contact_first_name, contact_last_name), '\s+', ' ', 'g') AS contact,
    relationship,
    phone
FROM student_contacts
WHERE phone IS NOT NULL AND student_last_name IS NOT NULL
ORDER BY student, student_id, contact, contact_id, relationship, type
LIMIT 5;
