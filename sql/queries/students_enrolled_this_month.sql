-- Which students enrolled in a school this month?
-- first_seen_at does not answer this: it is when this warehouse first saw the student, so the first sync of a district has everyone on one
-- day, and so has the day on which a district shares another school. start_date of the enrollment is the district's own date.
SET VARIABLE first_day = date_trunc('month', current_date)::DATE;

SELECT
    enrollments.district_id,
    enrollments.student_id,
    students.last_name,
    students.first_name,
    students.grade,
    enrollments.school_id,
    schools.name AS school_name,
    enrollments.start_date
FROM student_enrollments AS enrollments
LEFT JOIN student_roster AS students ON
    students.district_id = enrollments.district_id AND students.student_id = enrollments.student_id
LEFT JOIN schools ON schools.district_id = enrollments.district_id AND schools.school_id = enrollments.school_id
WHERE enrollments.start_date BETWEEN getvariable('first_day') AND current_date
ORDER BY enrollments.district_id, enrollments.start_date, enrollments.student_id, enrollments.school_id;
