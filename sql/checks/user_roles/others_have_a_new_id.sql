-- The id of anybody but a student differs from the one before API v3.0.
-- severity: warning
SELECT district_id, user_id AS record_id
FROM user_roles
WHERE role <> 'student' AND legacy_id = user_id;
