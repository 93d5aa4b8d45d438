-- A section has at most eleven teachers: Clever allows a primary teacher and ten co-teachers.
-- severity: warning
SELECT district_id, section_id AS record_id
FROM section_teachers
GROUP BY district_id, section_id
HAVING count(*) > 11;
