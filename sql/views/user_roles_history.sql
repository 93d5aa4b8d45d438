-- Every version of every row of user_roles; a version is valid from valid_from until valid_to, the latest has none.
CREATE OR REPLACE VIEW user_roles_history AS
SELECT * EXCLUDE (valid_from, change), valid_from, NULL::TIMESTAMPTZ AS valid_to, change FROM user_roles
UNION ALL BY NAME
SELECT * FROM past.past_user_roles;
