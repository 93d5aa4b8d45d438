-- A role other than student tells the id that the person had in it before API v3.0.
-- severity: error
SELECT district_id, user_id AS record_id
FROM user_roles
WHERE legacy_id IS NULL AND role <> 'student';
