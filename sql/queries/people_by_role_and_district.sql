-- How many people are there in each role, by district?
SELECT
    district_id,
    role,
    count(*) AS people
FROM user_roles
GROUP BY district_id, role
ORDER BY district_id, role;
