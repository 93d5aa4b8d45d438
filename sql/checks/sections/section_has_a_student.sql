-- A section has a student, unless the district shares no students of sections.
-- severity: warning
SELECT district_id, section_id AS record_id
FROM sections
ANTI JOIN section_students USING (district_id, section_id)
WHERE district_id IN (SELECT DISTINCT district_id FROM section_students);
