-- A course that a resource is assigned to is a course of the district, unless the district shares no courses.
-- severity: warning
SELECT district_id, resource_id AS record_id, min(course_id) AS related_id
FROM resource_courses
ANTI JOIN courses USING (district_id, course_id)
WHERE district_id IN (SELECT DISTINCT district_id FROM courses)
GROUP BY district_id, resource_id;
