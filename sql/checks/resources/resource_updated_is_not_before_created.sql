-- A resource was not updated before it was created.
-- severity: warning
SELECT district_id, resource_id AS record_id
FROM resources
WHERE updated_at < created_at;
