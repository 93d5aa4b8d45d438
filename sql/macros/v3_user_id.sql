-- The v3 id that a legacy id has now, else the newest one it had, else one that only a migration CSV tells, else NULL.
CREATE OR REPLACE MACRO v3_user_id(legacy) AS (
    SELECT
        arg_max(
            links.user_id,
            {
                'is_current': links.is_current,
                'is_shown': links.source IN ('api', 'event'),
                'last_seen_at': links.last_seen_at,
                'user_id': links.user_id
            }
        )
    FROM legacy_id_crosswalk AS links
    WHERE links.legacy_id = clean_id(legacy)
);
