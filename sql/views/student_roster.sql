-- Each student with the primary school and the counts that are asked for most, one row per student. Memberships and contacts are counted
-- once per table, for all students, and then joined.
CREATE OR REPLACE VIEW student_roster AS
SELECT
    students.district_id,
    students.user_id AS student_id,
    users.first_name,
    users.middle_name,
    users.last_name,
    users.email,
    students.sis_id,
    students.grade,
    grades.sort_order AS grade_order,
    students.school_id,
    schools.name AS school_name,
    -- A primary school that is not among the schools is a school of the student, too.
    len(students.school_ids)
    + (students.school_id IS NOT NULL AND NOT list_contains(students.school_ids, students.school_id))::BIGINT AS school_count,
    coalesce(memberships.section_count, 0) AS section_count,
    coalesce(memberships.current_section_count, 0) AS current_section_count,
    coalesce(links.contact_count, 0) AS contact_count
FROM students
LEFT JOIN users ON users.district_id = students.district_id AND users.user_id = students.user_id
LEFT JOIN schools ON schools.district_id = students.district_id AND schools.school_id = students.school_id
LEFT JOIN ($grades) AS grades ON grades.grade = students.grade
LEFT JOIN (
    SELECT
        members.district_id,
        members.student_id,
        count(*) AS section_count,
        count(*) FILTER (idle.section_id IS NULL) AS current_section_count
    FROM section_students AS members
    LEFT JOIN (
        SELECT sections.district_id, sections.section_id
        FROM sections
        JOIN ($terms_in_progress) AS terms ON terms.district_id = sections.district_id AND terms.term_id = sections.term_id
        WHERE NOT terms.is_in_progress
    ) AS idle ON idle.district_id = members.district_id AND idle.section_id = members.section_id
    GROUP BY members.district_id, members.student_id
) AS memberships ON memberships.district_id = students.district_id AND memberships.student_id = students.user_id
LEFT JOIN (
    SELECT district_id, student_id, count(DISTINCT contact_id) AS contact_count
    FROM contact_students
    GROUP BY district_id, student_id
) AS links ON links.district_id = students.district_id AND links.student_id = students.user_id;
