-- Who is in each section, one row per section and student, with course, term, school and the teacher of record: the primary teacher, else
-- the only one, else none. Sections are joined with what belongs to them before the members, who are twenty times as many.
CREATE OR REPLACE VIEW section_rosters AS
SELECT
    members.district_id,
    members.section_id,
    classes.section_name,
    classes.period,
    classes.subject,
    classes.course_id,
    classes.course_name,
    classes.course_number,
    classes.term_id,
    classes.term_name,
    classes.is_in_progress,
    classes.school_id,
    classes.school_name,
    classes.teacher_id,
    classes.teacher_first_name,
    classes.teacher_last_name,
    classes.teacher_count,
    members.student_id,
    people.first_name AS student_first_name,
    people.last_name AS student_last_name,
    people.grade AS student_grade,
    classes.school_id <> people.school_id AS is_cross_school
FROM section_students AS members
LEFT JOIN (
    SELECT
        sections.district_id,
        sections.section_id,
        sections.name AS section_name,
        sections.period,
        sections.subject,
        sections.course_id,
        courses.name AS course_name,
        courses.number AS course_number,
        sections.term_id,
        terms.name AS term_name,
        terms.is_in_progress,
        sections.school_id,
        schools.name AS school_name,
        taught.teacher_id,
        users.first_name AS teacher_first_name,
        users.last_name AS teacher_last_name,
        coalesce(taught.teacher_count, 0) AS teacher_count
    FROM sections
    LEFT JOIN courses ON courses.district_id = sections.district_id AND courses.course_id = sections.course_id
    LEFT JOIN ($terms_in_progress) AS terms ON terms.district_id = sections.district_id AND terms.term_id = sections.term_id
    LEFT JOIN schools ON schools.district_id = sections.district_id AND schools.school_id = sections.school_id
    LEFT JOIN (
        SELECT
            district_id,
            section_id,
            count(*) AS teacher_count,
            coalesce(min(teacher_id) FILTER (is_primary), CASE WHEN count(*) = 1 THEN min(teacher_id) END) AS teacher_id
        FROM section_teachers
        GROUP BY district_id, section_id
    ) AS taught ON taught.district_id = sections.district_id AND taught.section_id = sections.section_id
    LEFT JOIN users ON users.district_id = taught.district_id AND users.user_id = taught.teacher_id
) AS classes ON classes.district_id = members.district_id AND classes.section_id = members.section_id
LEFT JOIN (
    SELECT students.district_id, students.user_id AS student_id, users.first_name, users.last_name, students.grade, students.school_id
    FROM students
    LEFT JOIN users ON users.district_id = students.district_id AND users.user_id = students.user_id
) AS people ON people.district_id = members.district_id AND people.student_id = members.student_id;
