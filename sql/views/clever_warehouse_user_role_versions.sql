-- Every version of every row of user_roles. Macros read this view: its name is in no other database.
CREATE OR REPLACE VIEW clever_warehouse_user_role_versions AS
SELECT * EXCLUDE (valid_from, change), valid_from, NULL::TIMESTAMPTZ AS valid_to, change FROM user_roles
UNION ALL BY NAME
SELECT * FROM past.past_user_roles;
