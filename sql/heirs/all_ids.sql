-- Every ID ever seen may lead elsewhere: for a warehouse that an earlier version wrote.
CREATE OR REPLACE TEMP TABLE changed_ids AS
SELECT legacy_id AS id FROM legacy_id_crosswalk WHERE source <> 'held'
UNION
SELECT user_id FROM legacy_id_crosswalk WHERE source <> 'held'
UNION
SELECT user_id FROM users
UNION
SELECT user_id FROM past.past_users;
