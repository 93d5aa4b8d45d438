-- What was staged is no longer needed: the memory it takes is given back before the checks run.
DETACH staging;
ATTACH ':memory:' AS staging;
DROP TABLE IF EXISTS users_difference;
DROP TABLE IF EXISTS user_roles_difference;
DROP TABLE IF EXISTS begun_links;
DROP TABLE IF EXISTS former_links;
DROP TABLE IF EXISTS kept_links;
DROP TABLE IF EXISTS gone_links;
DROP TABLE IF EXISTS ended_links;
DROP TABLE IF EXISTS remaining_holders;
DROP TABLE IF EXISTS received_links;
DROP TABLE IF EXISTS concerned_users;
DROP TABLE IF EXISTS concerned_roles;
DROP TABLE IF EXISTS identities;
DROP TABLE IF EXISTS restored_users;
DROP TABLE IF EXISTS restored_links;
DROP TABLE IF EXISTS archived_legacy_ids;
