-- A term has a section, unless the district shares no terms of sections.
-- severity: warning
SELECT district_id, term_id AS record_id
FROM terms
ANTI JOIN sections USING (district_id, term_id)
WHERE district_id IN (SELECT DISTINCT district_id FROM sections WHERE term_id IS NOT NULL);
