-- Links that the crosswalk lacks enter it, and those of unknown role or district get what is known by now. None is current:
-- that is what API v3 shows, and it has not shown these.
DELETE FROM legacy_id_crosswalk AS links
USING judged_links AS judged
WHERE
    links.source = 'held'  -- the import knows more about it than a held snapshot
    AND judged.verdict IN ('new', 'contradicting')
    AND NOT judged.is_known
    AND links.legacy_id = judged.legacy_id
    AND links.user_id = judged.user_id
    AND judged.role IN (links.role, 'unknown')
    AND judged.district_id IN (links.district_id, 'unknown');

INSERT INTO legacy_id_crosswalk BY NAME
SELECT
    district_id,
    role,
    legacy_id,
    user_id,
    false AS is_current,
    getvariable('observed_at') AS first_seen_at,
    getvariable('observed_at') AS last_seen_at,
    getvariable('observed_at') AS ended_at,
    CASE WHEN rival_is_current THEN 'reassigned' WHEN is_here THEN 'role_removed' ELSE 'archived' END AS end_reason,
    'migration_csv' AS source
FROM judged_links
WHERE verdict IN ('new', 'contradicting') AND NOT is_known;

UPDATE legacy_id_crosswalk AS links
SET
    role = CASE WHEN links.role = 'unknown' THEN judged.role ELSE links.role END,
    district_id = CASE WHEN links.district_id = 'unknown' THEN judged.district_id ELSE links.district_id END
FROM judged_links AS judged
WHERE
    judged.is_known
    AND judged.verdict <> 'repeated'
    AND links.legacy_id = judged.legacy_id
    AND links.user_id = judged.user_id
    AND ((links.role = 'unknown' AND judged.role <> 'unknown') OR (links.district_id = 'unknown' AND judged.district_id <> 'unknown'));
