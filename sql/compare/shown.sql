-- The rows that a snapshot shows: those that were staged, and those of records that are the same as in the last sync.
CREATE OR REPLACE TEMP VIEW shown_user_roles AS
SELECT district_id, role, legacy_id, user_id FROM staged_user_roles
UNION ALL
SELECT district_id, role, legacy_id, user_id
FROM user_roles
SEMI JOIN batch USING (district_id)
ANTI JOIN (FROM batch_streams WHERE stream = 'users' AND NOT is_incremental) AS whole USING (district_id)
ANTI JOIN (FROM concerned WHERE stream = 'users') AS concerned ON
    concerned.district_id = user_roles.district_id AND concerned.record_id = user_roles.user_id;

CREATE OR REPLACE TEMP VIEW shown_users AS
SELECT district_id, user_id FROM staged_users
UNION ALL
SELECT district_id, user_id
FROM users
SEMI JOIN batch USING (district_id)
ANTI JOIN (FROM batch_streams WHERE stream = 'users' AND NOT is_incremental) AS whole USING (district_id)
ANTI JOIN (FROM concerned WHERE stream = 'users') AS concerned ON
    concerned.district_id = users.district_id AND concerned.record_id = users.user_id;
