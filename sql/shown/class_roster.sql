-- The first students, by name, of one section that has a course, a term and a teacher.
SELECT
    section_name,
    term_name,
    regexp_replace(concat_ws(' ', teacher_first_name, teacher_last_name), '\s+', ' ', 'g') AS teacher,
    regexp_replace(concat_ws(', ', student_last_name, student_first_name), '\s+', ' ', 'g') AS student,
    student_grade
FROM section_rosters
SEMI JOIN (
    SELECT district_id, section_id
    FROM section_rosters
    WHERE course_name IS NOT NULL AND term_name IS NOT NULL AND teacher_last_name IS NOT NULL
    ORDER BY district_id, section_id
    LIMIT 1
) AS chosen USING (district_id, section_id)
ORDER BY student, student_id
LIMIT 5;
