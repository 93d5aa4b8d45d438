-- Two employees of a district do not share an e-mail: Clever would have merged them.
-- severity: warning
SELECT district_id, unnest(user_ids) AS record_id
FROM (
    SELECT district_id, list(user_id) AS user_ids
    FROM users
    WHERE email IS NOT NULL AND list_has_any(roles, ['district_admin', 'staff', 'teacher'])
    GROUP BY district_id, lower(email)
    HAVING count(*) > 1
);
