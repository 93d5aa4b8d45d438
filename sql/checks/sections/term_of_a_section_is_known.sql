-- The term of a section is a term of the district, unless the district shares no terms.
-- severity: warning
SELECT district_id, section_id AS record_id, term_id AS related_id
FROM sections
ANTI JOIN terms USING (district_id, term_id)
WHERE term_id IS NOT NULL AND district_id IN (SELECT DISTINCT district_id FROM terms);
