-- How many people there are, and how many hold each role.
SELECT role AS kind, count(*) AS people
FROM user_roles
GROUP BY role
UNION ALL
SELECT 'users' AS kind, count(*) AS people
FROM users;
