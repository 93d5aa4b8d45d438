-- How many students the largest schools (at most ?) have in each grade, and how many schools there are. A student counts once, at the
-- primary school. The same as student_count of enrollment_by_grade, which also counts the other schools of each student and costs more.
WITH counts AS (
    SELECT district_id, school_id, grade, count(*) AS students
    FROM students
    GROUP BY district_id, school_id, grade
),

largest AS (
    SELECT district_id, school_id, sum(students) AS students, count(*) OVER () AS schools
    FROM counts
    GROUP BY district_id, school_id
    ORDER BY students DESC, district_id, school_id
    LIMIT ?
)

SELECT
    counts.district_id,
    districts.name AS district,
    coalesce(counts.school_id, ''),
    schools.name AS school,
    counts.grade,
    grades.sort_order,
    counts.students,
    largest.schools
FROM largest
JOIN counts ON counts.district_id = largest.district_id AND counts.school_id IS NOT DISTINCT FROM largest.school_id
LEFT JOIN districts ON districts.district_id = counts.district_id
LEFT JOIN schools ON schools.district_id = counts.district_id AND schools.school_id = counts.school_id
LEFT JOIN grades ON grades.grade = counts.grade
ORDER BY largest.students DESC, counts.district_id, counts.school_id, grades.sort_order, counts.grade;
