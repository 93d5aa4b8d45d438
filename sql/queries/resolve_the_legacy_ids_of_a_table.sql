-- Where do the legacy IDs in a table of my application lead, and why does one lead to no user?
CREATE OR REPLACE TEMP TABLE app_users AS
FROM read_csv('my_users.csv', header = true, all_varchar = true);  -- or attach your database and name its table below

SELECT app_users.*, found.user_id, found.role, found.status, found.since, found.reason
FROM app_users
LEFT JOIN resolve_legacy_ids('app_users', 'clever_id') AS found ON found.asked_id = app_users.clever_id
ORDER BY ALL;
