-- A user has at most three roles.
-- severity: error
SELECT district_id, user_id AS record_id
FROM users
WHERE len(roles) > 3;
