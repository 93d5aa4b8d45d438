-- Every role belongs to a user of the same district who has that role.
-- severity: error
SELECT user_roles.district_id, user_roles.user_id AS record_id
FROM user_roles
LEFT JOIN users USING (district_id, user_id)
WHERE
    users.user_id IS NULL
    OR NOT list_contains(users.roles, user_roles.role);
