-- How many people of each district hold each role.
SELECT district_id, role, count(*) FROM user_roles GROUP BY ALL ORDER BY ALL;
