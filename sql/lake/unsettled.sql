-- Whether something depends on more than one district: links that only migration CSVs or API v2.1 tell, or IDs known in several districts.
SELECT
    EXISTS (FROM sync.told_links)
    OR EXISTS (
        SELECT id
        FROM (
            SELECT unnest([legacy_id, user_id]) AS id, district_id FROM delivery.legacy_id_crosswalk WHERE source <> 'held'
            UNION ALL
            SELECT user_id, district_id FROM users
            UNION ALL
            SELECT user_id, district_id FROM past.past_users
        )
        GROUP BY id
        HAVING min(district_id) <> max(district_id)
    )
