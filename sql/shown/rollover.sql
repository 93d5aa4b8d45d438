-- Students and teachers of each district before and after a rollover of the school year: who returns, leaves, and is new; and of those who
-- return, who moved to another primary school, and which students are in a higher grade. Someone whose ID Clever replaced, or who was two
-- users before, is one person: the user whom the IDs lead to.
WITH people AS (
    SELECT 'student' AS role, true AS is_before, district_id, user_id, legacy_id, school_id, grade FROM students_as_of($before)
    UNION ALL
    SELECT 'teacher', true, district_id, user_id, legacy_id, school_id, NULL FROM teachers_as_of($before)
    UNION ALL
    SELECT 'student', false, district_id, user_id, legacy_id, school_id, grade FROM students_as_of($after)
    UNION ALL
    SELECT 'teacher', false, district_id, user_id, legacy_id, school_id, NULL FROM teachers_as_of($after)
),

-- The legacy ID tells which of the users of a person who was split has the role.
replaced AS (
    SELECT gone.user_id, gone.legacy_id, coalesce(of_legacy_id.user_id, of_user.user_id) AS person_id
    FROM (SELECT DISTINCT user_id, legacy_id FROM people ANTI JOIN users USING (district_id, user_id)) AS gone
    LEFT JOIN living_heirs AS of_legacy_id ON of_legacy_id.id = gone.legacy_id
    LEFT JOIN living_heirs AS of_user ON of_user.id = gone.user_id
),

persons AS (
    SELECT
        is_before,
        role,
        district_id,
        coalesce(person_id, people.user_id) AS person_id,
        -- of the ID that stays, rather than of one that was replaced
        max({'is_own': person_id IS NULL, 'user_id': people.user_id, 'school_id': school_id, 'grade': grade}) AS shown
    FROM people
    LEFT JOIN replaced ON replaced.user_id = people.user_id AND replaced.legacy_id IS NOT DISTINCT FROM people.legacy_id
    GROUP BY is_before, role, district_id, coalesce(person_id, people.user_id)
)

SELECT
    district_id,
    role,
    count(was.person_id) AS before,
    count(*) FILTER (was.person_id IS NOT NULL AND comes.person_id IS NOT NULL) AS "returning",
    count(*) FILTER (comes.person_id IS NULL) AS leaving,
    count(*) FILTER (was.person_id IS NULL) AS new,
    count(comes.person_id) AS after,
    count(*) FILTER (was.shown.school_id <> comes.shown.school_id) AS moved,
    CASE WHEN role = 'student' THEN count(*) FILTER (grade_after.sort_order > grade_before.sort_order) END AS promoted,
    any_value(districts.name) AS name
FROM (FROM persons WHERE is_before) AS was
FULL JOIN (FROM persons WHERE NOT is_before) AS comes USING (role, district_id, person_id)
LEFT JOIN grades AS grade_before ON grade_before.grade = was.shown.grade
LEFT JOIN grades AS grade_after ON grade_after.grade = comes.shown.grade
LEFT JOIN districts USING (district_id)
GROUP BY district_id, role
ORDER BY district_id, role;
