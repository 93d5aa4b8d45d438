-- Which classes have no teacher, or no students?
SELECT
    sections.district_id,
    sections.section_id,
    sections.name,
    schools.name AS school_name,
    coalesce(teachers.teacher_count, 0) AS teacher_count,
    coalesce(students.student_count, 0) AS student_count
FROM sections
LEFT JOIN schools ON schools.district_id = sections.district_id AND schools.school_id = sections.school_id
LEFT JOIN (
    SELECT district_id, section_id, count(*) AS teacher_count FROM section_teachers GROUP BY ALL
) AS teachers ON teachers.district_id = sections.district_id AND teachers.section_id = sections.section_id
LEFT JOIN (
    SELECT district_id, section_id, count(*) AS student_count FROM section_students GROUP BY ALL
) AS students ON students.district_id = sections.district_id AND students.section_id = sections.section_id
WHERE teachers.teacher_count IS NULL OR students.student_count IS NULL
ORDER BY sections.district_id, school_name, sections.section_id;
