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
-- An imported link without its role or district may be this link: once a sync applies it, it gets them (sql/apply/crosswalk.sql).
ANTI JOIN (FROM legacy_id_crosswalk WHERE role = 'unknown' OR district_id = 'unknown') AS unplaced ON
    unplaced.legacy_id = held.legacy_id
    AND unplaced.user_id = held.user_id
    AND unplaced.role IN (held.role, 'unknown')
    AND unplaced.district_id IN (held.district_id, 'unknown')
ORDER BY held.legacy_id;

DROP TABLE held_links;
