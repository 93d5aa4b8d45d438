-- How many students did each school have in each grade at a moment?
-- By primary school, so that a student of two schools counts once. Moments before the first sync have no students.
SET VARIABLE moment = now();

SELECT
    students.district_id,
    students.school_id,
    schools.name AS school_name,
    students.grade,
    count(*) AS student_count
FROM students_as_of(getvariable('moment')) AS students
LEFT JOIN schools_as_of(getvariable('moment')) AS schools ON
    schools.district_id = students.district_id AND schools.school_id = students.school_id
LEFT JOIN grades ON grades.grade = students.grade
GROUP BY students.district_id, students.school_id, schools.name, students.grade, grades.sort_order
ORDER BY students.district_id, school_name, students.school_id, grades.sort_order, students.grade;
