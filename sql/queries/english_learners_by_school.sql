-- How many students of each school are English learners, and of how many is it not known?
-- A status that was not sent is not N, so a share of English learners is one of those whose status is known.
SELECT
    students.district_id,
    students.school_id,
    schools.name AS school_name,
    count(*) FILTER (students.ell_status = 'Y') AS english_learners,
    count(*) FILTER (students.ell_status <> 'Y') AS others,
    count(*) FILTER (students.ell_status IS NULL) AS not_known
FROM students
LEFT JOIN schools ON schools.district_id = students.district_id AND schools.school_id = students.school_id
GROUP BY ALL
ORDER BY students.district_id, school_name, students.school_id;
