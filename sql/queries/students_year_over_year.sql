-- How many students does each school have in each grade, and how many had it a year ago?
-- By primary school. If this warehouse is younger than a year, there were none.
SET VARIABLE year_ago = now() - INTERVAL 1 YEAR;

SELECT
    district_id,
    school_id,
    grade,
    count(*) FILTER (year = 'this') AS students,
    count(*) FILTER (year = 'last') AS students_a_year_ago
FROM (
    SELECT district_id, school_id, grade, 'this' AS year FROM students
    UNION ALL
    SELECT district_id, school_id, grade, 'last' FROM students_as_of(getvariable('year_ago'))
)
GROUP BY district_id, school_id, grade
ORDER BY district_id, school_id, grade;
