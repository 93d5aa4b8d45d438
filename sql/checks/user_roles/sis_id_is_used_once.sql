-- No two users of a district have the same sis_id in the same role.
-- severity: warning
SELECT district_id, user_id AS record_id
FROM user_roles
WHERE (district_id, role, sis_id) IN (
    SELECT (district_id, role, sis_id)
    FROM user_roles
    WHERE sis_id IS NOT NULL
    GROUP BY district_id, role, sis_id
    HAVING count(*) > 1
);
