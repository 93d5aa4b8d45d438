-- The primary teacher of a section is one of its teachers, unless the district shares no teachers of sections.
-- severity: warning
SELECT district_id, section_id AS record_id, teacher_id AS related_id
FROM sections
ANTI JOIN section_teachers USING (district_id, section_id, teacher_id)
WHERE teacher_id IS NOT NULL AND district_id IN (SELECT DISTINCT district_id FROM section_teachers);
