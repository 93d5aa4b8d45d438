-- A resource that is assigned to courses is a resource of the district, unless the district shares no resources.
-- severity: warning
SELECT DISTINCT district_id, resource_id AS record_id
FROM resource_courses
ANTI JOIN resources USING (district_id, resource_id)
WHERE district_id IN (SELECT DISTINCT district_id FROM resources);
