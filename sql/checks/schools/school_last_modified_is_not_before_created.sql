-- A school was not changed before it was created.
-- severity: warning
SELECT district_id, school_id AS record_id
FROM schools
WHERE last_modified_at < created_at;
