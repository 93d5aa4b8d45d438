-- A user has no unrecognized role.
-- severity: warning
SELECT district_id, user_id AS record_id
FROM users
WHERE extra IS NOT NULL AND json_extract(extra, '$.roles') IS NOT NULL;
