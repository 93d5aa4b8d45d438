-- Every version of every row of users; a version is valid from valid_from until valid_to, the latest has none.
CREATE OR REPLACE VIEW users_history AS
SELECT * EXCLUDE (valid_from, change), valid_from, NULL::TIMESTAMPTZ AS valid_to, change FROM users
UNION ALL BY NAME
SELECT * FROM past.past_users;
