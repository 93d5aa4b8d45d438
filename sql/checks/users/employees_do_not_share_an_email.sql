-- No two employees of a district share an email address: Clever merges such users.
-- severity: warning
SELECT district_id, unnest(user_ids) AS record_id
FROM (
    SELECT district_id, list(user_id) AS user_ids
    FROM users
    WHERE
        email IS NOT NULL
        -- half the cost of list_has_any
        AND (list_contains(roles, 'teacher') OR list_contains(roles, 'staff') OR list_contains(roles, 'district_admin'))
    GROUP BY district_id, lower(email)
    HAVING count(*) > 1
);
