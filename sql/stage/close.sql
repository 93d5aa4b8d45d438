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
DROP TABLE IF EXISTS movers;
DROP TABLE IF EXISTS archived_legacy_ids;
