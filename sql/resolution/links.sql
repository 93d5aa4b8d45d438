-- Every link of one ID, as a legacy ID or as a v3 ID, the current first; of one that API v3 has not shown, whether what is shown
-- contradicts it.
SELECT
    links.legacy_id,
    links.user_id,
    links.role,
    links.district_id,
    links.is_current,
    links.first_seen_at,
    links.last_seen_at,
    links.ended_at,
    CASE
        WHEN links.source IN ('api', 'event') THEN links.end_reason
        WHEN of_legacy_id.source IN ('api', 'event') AND of_legacy_id.user_id IS DISTINCT FROM coalesce(of_user.user_id, links.user_id)
            THEN 'contradicted'
    END AS why,
    links.source
FROM legacy_id_crosswalk AS links
LEFT JOIN living_heirs AS of_legacy_id ON of_legacy_id.id = links.legacy_id
LEFT JOIN living_heirs AS of_user ON of_user.id = links.user_id
WHERE clean_id(getvariable('legacy_id')) IN (links.legacy_id, links.user_id)
ORDER BY links.is_current DESC, links.last_seen_at DESC, links.legacy_id, links.user_id;
