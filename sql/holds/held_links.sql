-- The links that a held or rejected snapshot shows, kept as seen: no legacy ID that Clever has ever shown is forgotten. Such a link is
-- never current and does not say who holds the legacy ID.
CREATE OR REPLACE TEMP TABLE held_links AS
SELECT district_id, role, legacy_id, user_id
FROM staged_user_roles
WHERE legacy_id IS NOT NULL AND district_id IN (SELECT unnest(getvariable('district_ids')));

UPDATE legacy_id_crosswalk AS links
SET last_seen_at = getvariable('observed_at')
FROM held_links AS held
WHERE
    links.source = 'held'
    AND links.district_id = held.district_id
    AND links.role = held.role
    AND links.legacy_id = held.legacy_id
    AND links.user_id = held.user_id;

INSERT INTO legacy_id_crosswalk BY NAME
SELECT
    held.district_id,
    held.role,
    held.legacy_id,
    held.user_id,
    false AS is_current,
    getvariable('observed_at') AS first_seen_at,
    getvariable('observed_at') AS last_seen_at,
    'held' AS source
FROM held_links AS held
ANTI JOIN legacy_id_crosswalk AS links ON
    links.district_id = held.district_id
    AND links.role = held.role
    AND links.legacy_id = held.legacy_id
    AND links.user_id = held.user_id
-- What a migration CSV or API v2.1 tells already is in the crosswalk.
ANTI JOIN (FROM legacy_id_crosswalk WHERE source IN ('migration_csv', 'v2.1')) AS told ON
    told.legacy_id = held.legacy_id AND told.user_id = held.user_id
ORDER BY held.legacy_id;

DROP TABLE held_links;
