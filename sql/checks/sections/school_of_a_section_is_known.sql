-- The school of a section is a school of the district, unless the district shares no schools.
-- severity: warning
SELECT district_id, section_id AS record_id, school_id AS related_id
FROM sections
ANTI JOIN schools USING (district_id, school_id)
WHERE school_id IS NOT NULL AND district_id IN (SELECT DISTINCT district_id FROM schools);
