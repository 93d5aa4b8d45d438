-- Which employees of a district share an e-mail and were not merged into one user by Clever?
SELECT
    district_id,
    lower(email) AS shared_email,
    user_id,
    last_name,
    first_name,
    roles
FROM users
WHERE email IS NOT NULL AND list_has_any(roles, ['district_admin', 'staff', 'teacher'])
QUALIFY count(*) OVER (PARTITION BY district_id, lower(email)) > 1
ORDER BY district_id, shared_email, user_id;
