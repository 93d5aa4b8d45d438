-- Of connected_ids, those that a district outside of the batch knows, in the lake or in what is to be committed: each becomes one of
-- changed_ids.
CREATE OR REPLACE TEMP TABLE ids_of_batch AS
FROM connected_ids;

CREATE OR REPLACE TEMP TABLE changed_ids AS
SELECT id
FROM ids_of_batch
SEMI JOIN (
    SELECT unnest([legacy_id, user_id]) AS id
    FROM (
        SELECT legacy_id, user_id, district_id FROM delivery.legacy_id_crosswalk WHERE source <> 'held'
        UNION ALL
        SELECT legacy_id, user_id, district_id FROM written.main.legacy_id_crosswalk WHERE source <> 'held'
    )
    ANTI JOIN chosen USING (district_id)
    UNION ALL
    SELECT user_id
    FROM (
        SELECT user_id, district_id FROM users
        UNION ALL
        SELECT user_id, district_id FROM past.past_users
        UNION ALL
        SELECT user_id, district_id FROM written.main.users
        UNION ALL
        SELECT user_id, district_id FROM written.past.past_users
    )
    ANTI JOIN chosen USING (district_id)
) AS elsewhere USING (id);
