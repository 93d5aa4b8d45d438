-- A section was not changed before it was created.
-- severity: warning
SELECT district_id, section_id AS record_id
FROM sections
WHERE last_modified_at < created_at;
