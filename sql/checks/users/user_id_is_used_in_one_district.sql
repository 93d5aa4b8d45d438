-- A user ID is used in only one district: Clever's IDs are unique across districts.
-- severity: warning
-- across districts
SELECT district_id, user_id AS record_id
FROM users
WHERE user_id IN (
    SELECT user_id
    FROM users
    WHERE (SELECT min(district_id) <> max(district_id) FROM users) -- there are several
    GROUP BY user_id
    HAVING count(*) > 1
);
