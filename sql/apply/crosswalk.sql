-- Which links between legacy ids and v3 ids the batch shows, and what became of those it no longer shows.
CREATE OR REPLACE TEMP VIEW staged_links AS
SELECT district_id, role, legacy_id, user_id
FROM staged_user_roles
WHERE legacy_id IS NOT NULL AND district_id IN (SELECT district_id FROM batch);

CREATE OR REPLACE TEMP TABLE ended_links AS
SELECT
    role,
    legacy_id,
    user_id,
    CASE
        WHEN (role, legacy_id) IN (SELECT (role, legacy_id) FROM staged_links) THEN 'reassigned'
        WHEN user_id IN (SELECT user_id FROM staged_users WHERE district_id IN (SELECT district_id FROM batch)) THEN 'role_removed'
        ELSE 'archived'
    END AS end_reason
FROM legacy_id_crosswalk AS links
ANTI JOIN staged_links USING (role, legacy_id, user_id)
WHERE links.is_current AND links.district_id IN (SELECT district_id FROM batch);

UPDATE legacy_id_crosswalk AS links
SET is_current = false, ended_at = getvariable('observed_at'), end_reason = ended_links.end_reason
FROM ended_links
WHERE
    links.role = ended_links.role
    AND links.legacy_id = ended_links.legacy_id
    AND links.user_id = ended_links.user_id;

UPDATE legacy_id_crosswalk AS links
SET is_current = true, ended_at = NULL, end_reason = NULL, district_id = staged_links.district_id
FROM staged_links
WHERE
    (NOT links.is_current OR links.district_id <> staged_links.district_id)
    AND links.role = staged_links.role
    AND links.legacy_id = staged_links.legacy_id
    AND links.user_id = staged_links.user_id;

INSERT INTO legacy_id_crosswalk BY NAME
SELECT
    *,
    true AS is_current,
    getvariable('observed_at') AS first_seen_at,
    getvariable('observed_at') AS last_seen_at,
    'api' AS source
FROM staged_links
ANTI JOIN legacy_id_crosswalk USING (role, legacy_id, user_id);
