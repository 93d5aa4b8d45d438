-- Whom to reach about each student, one row per student and contact, whatever the number of relationships between them. A relationship
-- that names no student is left out.
CREATE OR REPLACE VIEW student_contacts AS
SELECT
    links.district_id,
    links.student_id,
    people.first_name AS student_first_name,
    people.last_name AS student_last_name,
    students.school_id,
    schools.name AS school_name,
    links.contact_id,
    others.first_name AS contact_first_name,
    others.middle_name AS contact_middle_name,
    others.last_name AS contact_last_name,
    links.relationship,
    links."type",
    contacts.phone,
    contacts.phone_type,
    others.email
FROM (
    SELECT
        district_id,
        student_id,
        contact_id,
        string_agg(DISTINCT relationship, ', ' ORDER BY relationship) AS relationship,
        string_agg(DISTINCT "type", ', ' ORDER BY "type") AS "type"
    FROM contact_students
    WHERE student_id IS NOT NULL
    GROUP BY district_id, student_id, contact_id
) AS links
LEFT JOIN students ON students.district_id = links.district_id AND students.user_id = links.student_id
LEFT JOIN users AS people ON people.district_id = students.district_id AND people.user_id = students.user_id
LEFT JOIN schools ON schools.district_id = students.district_id AND schools.school_id = students.school_id
LEFT JOIN contacts ON contacts.district_id = links.district_id AND contacts.user_id = links.contact_id
LEFT JOIN users AS others ON others.district_id = links.district_id AND others.user_id = links.contact_id;
