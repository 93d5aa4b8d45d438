-- A student's id is the same as before API v3.0.
-- severity: warning
SELECT district_id, user_id AS record_id
FROM user_roles
WHERE role = 'student' AND legacy_id <> user_id;
