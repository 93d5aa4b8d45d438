-- How many people hold each role, over all districts.
SELECT role, count(*) FROM user_roles GROUP BY role ORDER BY role;
