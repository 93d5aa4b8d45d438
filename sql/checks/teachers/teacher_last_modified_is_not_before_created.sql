-- A teacher role was not changed before it was created.
-- severity: warning
SELECT district_id, user_id AS record_id
FROM teachers
WHERE role_last_modified_at < role_created_at;
