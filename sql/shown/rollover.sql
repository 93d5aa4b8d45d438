-- Students and teachers of each district before and after a rollover of the school year: who returns, leaves, and is new; and of those who
-- return, who moved to another primary school, and which students are in a higher grade. An ID that Clever replaced leaves and is new.
WITH people_before AS (
    SELECT 'student' AS role, district_id, user_id, school_id, grade FROM students_as_of($before)
    UNION ALL
    SELECT 'teacher', district_id, user_id, school_id, NULL FROM teachers_as_of($before)
),

people_after AS (
    SELECT 'student' AS role, district_id, user_id, school_id, grade FROM students_as_of($after)
    UNION ALL
    SELECT 'teacher', district_id, user_id, school_id, NULL FROM teachers_as_of($after)
)

SELECT
    district_id,
    role,
    count(was.user_id) AS before,
    count(*) FILTER (was.user_id IS NOT NULL AND comes.user_id IS NOT NULL) AS "returning",
    count(*) FILTER (comes.user_id IS NULL) AS leaving,
    count(*) FILTER (was.user_id IS NULL) AS new,
    count(comes.user_id) AS after,
    count(*) FILTER (was.school_id <> comes.school_id) AS moved,
    CASE WHEN role = 'student' THEN count(*) FILTER (grade_after.sort_order > grade_before.sort_order) END AS promoted,
    any_value(districts.name) AS name
FROM people_before AS was
FULL JOIN people_after AS comes USING (role, district_id, user_id)
LEFT JOIN grades AS grade_before ON grade_before.grade = was.grade
LEFT JOIN grades AS grade_after ON grade_after.grade = comes.grade
LEFT JOIN districts USING (district_id)
GROUP BY district_id, role
ORDER BY district_id, role;
