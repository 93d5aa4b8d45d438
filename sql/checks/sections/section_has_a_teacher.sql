-- A section has a teacher, unless the district shares no teachers of sections.
-- severity: warning
SELECT district_id, section_id AS record_id
FROM sections
ANTI JOIN section_teachers USING (district_id, section_id)
WHERE district_id IN (SELECT DISTINCT district_id FROM section_teachers);
