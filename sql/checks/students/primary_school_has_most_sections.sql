-- No school has more of a student's sections than the primary school has.
-- severity: warning
WITH suspects AS MATERIALIZED (
    SELECT DISTINCT members.district_id, members.student_id
    FROM section_students AS members
    JOIN sections ON sections.district_id = members.district_id AND sections.section_id = members.section_id
    JOIN students ON students.district_id = members.district_id AND students.user_id = members.student_id
    WHERE sections.school_id <> students.school_id
),

-- Few students have sections at another school than the primary one, so only theirs are counted.
counts AS MATERIALIZED (
    SELECT members.district_id, members.student_id, sections.school_id, count(*) AS section_count
    FROM (FROM section_students SEMI JOIN suspects USING (district_id, student_id)) AS members
    JOIN sections ON sections.district_id = members.district_id AND sections.section_id = members.section_id
    GROUP BY members.district_id, members.student_id, sections.school_id
)

SELECT others.district_id, others.student_id AS record_id, min(others.school_id) AS related_id
FROM counts AS others
JOIN students ON students.district_id = others.district_id AND students.user_id = others.student_id
LEFT JOIN counts AS own ON
    own.district_id = students.district_id AND own.student_id = students.user_id AND own.school_id = students.school_id
WHERE others.school_id <> students.school_id AND others.section_count > coalesce(own.section_count, 0)
GROUP BY others.district_id, others.student_id;
