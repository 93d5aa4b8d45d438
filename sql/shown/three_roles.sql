-- The roles of one person who holds three.
SELECT user_id, role, legacy_id, title
FROM user_roles
WHERE user_id = (SELECT min(user_id) FROM users WHERE len(roles) = 3)
ORDER BY role;
