-- Every version of every row of users. Macros read this view: its name is in no other database.
CREATE OR REPLACE VIEW clever_warehouse_user_versions AS
SELECT * EXCLUDE (valid_from, change), valid_from, NULL::TIMESTAMPTZ AS valid_to, change FROM users
UNION ALL BY NAME
SELECT * FROM past.past_users;
