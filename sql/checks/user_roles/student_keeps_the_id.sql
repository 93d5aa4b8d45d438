-- A student's v3 ID is the same as the legacy ID.
-- severity: warning
SELECT district_id, user_id AS record_id
FROM user_roles
WHERE role = 'student' AND legacy_id <> user_id;
