-- Which IDs may lead elsewhere than they did, given changed_ids: these, and all that links which are not current join them with.
-- A user who is gone has no other links, so no answer that passes through a gone user is left out.
CREATE OR REPLACE TEMP TABLE connected_ids AS
WITH RECURSIVE past_links AS MATERIALIZED (
    SELECT DISTINCT legacy_id, user_id FROM legacy_id_crosswalk WHERE NOT is_current AND source <> 'held'
),

connected AS (
    SELECT id FROM changed_ids
    UNION
    SELECT joined.id
    FROM connected
    JOIN (
        SELECT legacy_id AS from_id, user_id AS id FROM past_links
        UNION ALL
        SELECT user_id, legacy_id FROM past_links
    ) AS joined ON joined.from_id = connected.id
)

FROM connected;
