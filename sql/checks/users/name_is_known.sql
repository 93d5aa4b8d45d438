-- Last name is present; so is first name, except for contacts.
-- severity: warning
SELECT district_id, user_id AS record_id
FROM users
WHERE last_name IS NULL OR (first_name IS NULL AND roles <> ['contact']);
