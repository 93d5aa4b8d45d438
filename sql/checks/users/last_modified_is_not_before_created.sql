-- A user was not changed before it was created.
-- severity: warning
SELECT district_id, user_id AS record_id
FROM users
WHERE last_modified_at < created_at;
