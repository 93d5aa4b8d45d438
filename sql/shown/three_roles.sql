-- The roles of one person who holds three.
SELECT user_id, role, legacy_id, title
FROM user_roles
SEMI JOIN (SELECT district_id, user_id FROM users WHERE len(roles) = 3 ORDER BY user_id, district_id LIMIT 1) AS chosen
    USING (district_id, user_id)
ORDER BY role;
