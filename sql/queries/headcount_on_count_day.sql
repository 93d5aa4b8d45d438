-- How many students did each school have in each grade on count day?
-- A day is one of UTC. students is NULL for a district without counts on that day: counts_begin and counts_end say for which days
-- there are some.
SET VARIABLE count_day = DATE '2026-10-01';

WITH counted AS (
    SELECT
        district_id,
        min(day) AS counts_begin,
        max(day) AS counts_end
    FROM sync.daily_counts
    GROUP BY district_id
),

students AS (
    SELECT
        district_id,
        school_id,
        grade,
        "count"
    FROM sync.daily_counts
    WHERE kind = 'student' AND day = getvariable('count_day')::DATE
)

SELECT
    counted.district_id,
    schools.name AS school,
    students.grade,
    students."count" AS students,
    counted.counts_begin,
    counted.counts_end
FROM counted
LEFT JOIN students USING (district_id)
LEFT JOIN schools USING (district_id, school_id)
LEFT JOIN grades USING (grade)
ORDER BY counted.district_id, school, students.school_id, grades.sort_order, students.grade;
