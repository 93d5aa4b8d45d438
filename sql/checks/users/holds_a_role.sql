-- Every user has at least one recognized role.
-- severity: error
SELECT district_id, user_id AS record_id
FROM users
WHERE len(roles) = 0;
