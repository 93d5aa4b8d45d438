-- Which staff have no e-mail?
SELECT
    users.district_id,
    users.user_id,
    users.last_name,
    users.first_name,
    user_roles.sis_id AS staff_id,
    user_roles.title
FROM user_roles
JOIN users USING (district_id, user_id)
WHERE user_roles.role = 'staff' AND users.email IS NULL
ORDER BY users.district_id, users.last_name, users.user_id;
