-- A user ID is 24 lowercase hexadecimal digits.
-- severity: warning
SELECT district_id, user_id AS record_id
FROM users
WHERE NOT regexp_full_match(user_id, '[0-9a-f]{24}');
