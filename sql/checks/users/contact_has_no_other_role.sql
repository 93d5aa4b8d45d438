-- A contact has no other role.
-- severity: error
SELECT district_id, user_id AS record_id
FROM users
WHERE len(roles) > 1 AND list_contains(roles, 'contact');
