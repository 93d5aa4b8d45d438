-- Which tables hold ended versions: past.past_users and past.past_user_roles, so that no name is in two schemas.
ALTER TABLE past.users RENAME TO past_users;

ALTER TABLE past.user_roles RENAME TO past_user_roles;
