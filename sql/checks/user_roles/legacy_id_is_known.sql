-- Every role other than student has a legacy ID.
-- severity: error
SELECT district_id, user_id AS record_id
FROM user_roles
WHERE legacy_id IS NULL AND role <> 'student';
