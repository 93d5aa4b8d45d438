-- Who holds several roles, and which ID did each role have before API v3.0?
SELECT
    users.district_id,
    users.user_id,
    users.last_name,
    users.first_name,
    user_roles.role,
    user_roles.title,
    user_roles.legacy_id
FROM users
JOIN user_roles USING (district_id, user_id)
WHERE len(users.roles) > 1
ORDER BY users.district_id, users.user_id, user_roles.role;
