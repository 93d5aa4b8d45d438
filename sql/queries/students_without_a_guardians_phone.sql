-- Of which students is no parent's or guardian's phone known, in the districts that share contacts?
-- A contact counts as parent or guardian by relationship or by type, both of which may be missing: other_phones has the number of the
-- student's other contacts with a phone.
SELECT
    students.district_id,
    students.student_id,
    students.last_name,
    students.first_name,
    students.school_name,
    students.contact_count,
    count(DISTINCT contacts.contact_id) FILTER (contacts.phone IS NOT NULL) AS other_phones
FROM student_roster AS students
LEFT JOIN student_contacts AS contacts ON contacts.district_id = students.district_id AND contacts.student_id = students.student_id
WHERE students.district_id IN (SELECT DISTINCT district_id FROM contacts)
GROUP BY ALL
HAVING
    NOT coalesce(
        bool_or(
            contacts.phone IS NOT NULL
            AND (
                list_contains(string_split(contacts.relationship, ', '), 'Parent')
                OR list_contains(string_split(contacts.type, ', '), 'Parent/Guardian')
            )
        ),
        false
    )
ORDER BY students.district_id, students.student_id;
