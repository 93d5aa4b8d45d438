-- The v3 ID of a user who is not a student differs from the legacy ID.
-- severity: warning
SELECT district_id, user_id AS record_id
FROM user_roles
WHERE role <> 'student' AND legacy_id = user_id;
