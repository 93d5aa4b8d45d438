-- A student's role tells the id that the student had before API v3.0.
-- severity: warning
SELECT district_id, user_id AS record_id
FROM user_roles
WHERE legacy_id IS NULL AND role = 'student';
