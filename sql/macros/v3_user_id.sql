-- The v3 ID that a legacy ID has now, else the one it had last, else one that only a migration CSV tells, else NULL. NULL also if
-- these are several users: resolve_legacy_ids names them.
CREATE OR REPLACE MACRO v3_user_id(legacy) AS (
    SELECT
        -- the last and the first of the users who held it longest: the same if it is one
        CASE
            WHEN arg_max(held.user_id, {'until': held.until, 'user_id': held.user_id})
                = arg_min(held.user_id, {'until': -held.until, 'user_id': held.user_id})
                THEN arg_max(held.user_id, held.until)
        END
    FROM (
        SELECT
            links.legacy_id,
            links.user_id,
            CASE
                WHEN links.is_current THEN 9000000000000000000
                WHEN links.source IN ('api', 'event') THEN epoch_us(links.ended_at)
                ELSE 0
            END AS until
        FROM legacy_id_crosswalk AS links
        WHERE links.source <> 'held'
    ) AS held
    WHERE held.legacy_id = clean_id(legacy)
);
