-- Clever sends when the user was created and last changed.
-- severity: error
SELECT district_id, user_id AS record_id
FROM users
WHERE created_at IS NULL OR last_modified_at IS NULL;
