-- Which teachers teach at several schools, and which of these does the teacher record list?
-- The SIS often lists one school, so the schools are those of the teacher's classes.
WITH taught AS (
    SELECT
        members.district_id,
        members.teacher_id,
        list(DISTINCT sections.school_id ORDER BY sections.school_id) AS section_school_ids
    FROM section_teachers AS members
    JOIN sections ON sections.district_id = members.district_id AND sections.section_id = members.section_id
    WHERE sections.school_id IS NOT NULL
    GROUP BY members.district_id, members.teacher_id
)

SELECT
    taught.district_id,
    taught.teacher_id,
    directory.last_name,
    directory.first_name,
    taught.section_school_ids,
    directory.school_ids
FROM taught
LEFT JOIN staff_directory AS directory ON directory.district_id = taught.district_id AND directory.user_id = taught.teacher_id
WHERE len(taught.section_school_ids) > 1
ORDER BY taught.district_id, taught.teacher_id;
