-- Which students have more classes at another school than at their primary school?
-- By default, Clever takes the school of most classes as the primary one, so these are likely at the wrong school in the SIS.
WITH counts AS (
    SELECT
        district_id,
        student_id,
        school_id,
        school_name,
        count(*) AS section_count
    FROM section_rosters
    WHERE school_id IS NOT NULL
    GROUP BY ALL
)

SELECT
    students.district_id,
    students.student_id,
    students.last_name,
    students.first_name,
    students.school_name AS primary_school_name,
    coalesce(own.section_count, 0) AS section_count,
    others.school_name AS other_school_name,
    others.section_count AS other_section_count
FROM student_roster AS students
JOIN counts AS others ON others.district_id = students.district_id AND others.student_id = students.student_id
LEFT JOIN counts AS own ON
    own.district_id = students.district_id AND own.student_id = students.student_id AND own.school_id = students.school_id
WHERE others.school_id <> students.school_id AND others.section_count > coalesce(own.section_count, 0)
ORDER BY students.district_id, students.student_id, others.school_id;
