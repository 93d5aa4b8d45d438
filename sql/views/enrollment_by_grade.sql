-- How many students each school has, one row per school and grade: by primary school, which counts each student once, and by any school.
CREATE OR REPLACE VIEW enrollment_by_grade AS
SELECT
    counts.district_id,
    counts.school_id,
    schools.name AS school_name,
    counts.grade,
    grades.sort_order AS grade_order,
    counts.student_count,
    counts.enrolled_count
FROM (
    SELECT district_id, school_id, grade, sum(student_count)::BIGINT AS student_count, sum(enrolled_count)::BIGINT AS enrolled_count
    FROM (
        SELECT
            district_id,
            school_id,
            grade,
            count(*) AS student_count,
            -- A primary school that is not among the schools is a school of the student, too.
            count(*) FILTER (NOT list_contains(school_ids, school_id)) AS enrolled_count
        FROM students
        GROUP BY district_id, school_id, grade
        UNION ALL
        SELECT district_id, school_id, grade, 0 AS student_count, count(*) AS enrolled_count
        FROM (SELECT district_id, unnest(school_ids) AS school_id, grade FROM students)
        GROUP BY district_id, school_id, grade
    )
    GROUP BY district_id, school_id, grade
) AS counts
LEFT JOIN schools ON schools.district_id = counts.district_id AND schools.school_id = counts.school_id
LEFT JOIN ($grades) AS grades ON grades.grade = counts.grade;
