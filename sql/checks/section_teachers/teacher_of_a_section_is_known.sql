-- Every teacher of a section is a user of the district, unless the district shares no teachers.
-- severity: warning
SELECT district_id, section_id AS record_id, min(teacher_id) AS related_id
FROM section_teachers
ANTI JOIN (SELECT district_id, user_id AS teacher_id FROM users) AS known USING (district_id, teacher_id)
WHERE district_id IN (SELECT DISTINCT district_id FROM teachers)
GROUP BY district_id, section_id;
