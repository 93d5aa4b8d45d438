-- The school of a section is one of the schools of its primary teacher, unless the teacher has no school.
-- severity: warning
SELECT sections.district_id, sections.section_id AS record_id, taught.teacher_id AS related_id
FROM sections
JOIN section_teachers AS taught ON taught.district_id = sections.district_id AND taught.section_id = sections.section_id
JOIN teachers ON teachers.district_id = taught.district_id AND teachers.user_id = taught.teacher_id
WHERE
    taught.is_primary
    -- A primary school that is not among the schools is a school of the teacher, too.
    AND (teachers.school_id IS NOT NULL OR len(teachers.school_ids) > 0)
    AND NOT list_contains(teachers.school_ids, sections.school_id)
    AND sections.school_id IS DISTINCT FROM teachers.school_id;
