-- A user with several roles is a teacher or staff.
-- severity: error
SELECT district_id, user_id AS record_id
FROM users
WHERE len(roles) > 1 AND NOT list_contains(roles, 'staff') AND NOT list_contains(roles, 'teacher');
