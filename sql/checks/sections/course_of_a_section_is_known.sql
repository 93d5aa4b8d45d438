-- The course of a section is a course of the district, unless the district shares no courses.
-- severity: warning
SELECT district_id, section_id AS record_id, course_id AS related_id
FROM sections
ANTI JOIN courses USING (district_id, course_id)
WHERE course_id IS NOT NULL AND district_id IN (SELECT DISTINCT district_id FROM courses);
