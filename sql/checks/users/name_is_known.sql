-- The last name is known, and the first name too, except of contacts.
-- severity: warning
SELECT district_id, user_id AS record_id
FROM users
WHERE last_name IS NULL OR (first_name IS NULL AND roles <> ['contact']);
