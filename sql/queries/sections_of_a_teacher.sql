-- Which classes does this teacher teach, as primary teacher or as co-teacher?
-- teacher_id in sections has only the primary teacher, so co-teachers are found in section_teachers.
SET VARIABLE teacher_id = (SELECT coalesce(min(teacher_id) FILTER (NOT is_primary), min(teacher_id)) FROM section_teachers);

SELECT
    taught.district_id,
    taught.section_id,
    sections.name,
    sections.period,
    terms.name AS term_name,
    taught.is_primary,
    count(members.student_id) AS student_count
FROM section_teachers AS taught
JOIN sections ON sections.district_id = taught.district_id AND sections.section_id = taught.section_id
LEFT JOIN terms ON terms.district_id = sections.district_id AND terms.term_id = sections.term_id
LEFT JOIN section_students AS members ON members.district_id = taught.district_id AND members.section_id = taught.section_id
WHERE taught.teacher_id = getvariable('teacher_id')
GROUP BY ALL
ORDER BY taught.district_id, term_name, sections.period, taught.section_id;
