-- No two people of a district have the same sis_id in the same role.
-- severity: warning
SELECT district_id, unnest(user_ids) AS record_id
FROM (
    SELECT district_id, list(user_id) AS user_ids
    FROM user_roles
    WHERE sis_id IS NOT NULL
    GROUP BY district_id, role, sis_id
    HAVING count(*) > 1
);
