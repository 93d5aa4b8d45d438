-- How many of the people that a snapshot archives continue under other IDs, by district: the snapshot shows one of their legacy IDs, in
-- the same role, at another user.
-- The legacy IDs of archived people are few: as a table of their own they tell DuckDB so.
CREATE OR REPLACE TEMP TABLE archived_legacy_ids AS
SELECT district_id, role, legacy_id, user_id
FROM user_roles
SEMI JOIN (FROM users_difference WHERE change = 'archived') AS archived USING (district_id, user_id)
WHERE legacy_id IS NOT NULL;

SELECT district_id, count(DISTINCT user_id)
FROM archived_legacy_ids
SEMI JOIN shown_user_roles USING (district_id, role, legacy_id)
GROUP BY district_id;
