-- How many students does each class have, to compare with the SIS?
-- Clever lists the students who are in the class now, without those who will join later. known_student_count leaves out students whom the
-- district does not share with your app.
SELECT
    sections.district_id,
    sections.section_id,
    sections.sis_id,
    sections.section_number,
    sections.name,
    schools.name AS school_name,
    count(members.student_id) AS student_count,
    count(students.user_id) AS known_student_count
FROM sections
LEFT JOIN schools ON schools.district_id = sections.district_id AND schools.school_id = sections.school_id
LEFT JOIN section_students AS members ON members.district_id = sections.district_id AND members.section_id = sections.section_id
LEFT JOIN students ON students.district_id = members.district_id AND students.user_id = members.student_id
GROUP BY ALL
ORDER BY sections.district_id, school_name, sections.section_id;
