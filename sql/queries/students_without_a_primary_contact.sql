-- Which students have no primary contact, in the districts that share contacts?
-- A contact whose type was not sent may be the primary one: without_type has their number.
SELECT
    students.district_id,
    students.student_id,
    students.last_name,
    students.first_name,
    students.school_name,
    students.contact_count,
    count(DISTINCT links.contact_id) FILTER (links.type IS NULL) AS without_type
FROM student_roster AS students
LEFT JOIN contact_students AS links ON links.district_id = students.district_id AND links.student_id = students.student_id
WHERE students.district_id IN (SELECT DISTINCT district_id FROM contact_students)
GROUP BY ALL
HAVING NOT coalesce(bool_or(links.type = 'Primary'), false)
ORDER BY students.district_id, students.student_id;
