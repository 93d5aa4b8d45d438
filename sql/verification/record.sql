-- What a verification found is kept: counts, the ids that nothing explains, and what API v2.1 alone can tell of the crosswalk.
INSERT INTO sync.verifications BY NAME
SELECT
    getvariable('verification_id') AS verification_id,
    lists.district_id,
    lists.role,
    getvariable('observed_at') AS verified_at,
    lists.is_served,
    count(compared.legacy_id) AS listed,
    count(*) FILTER (compared.is_explained) AS explained,
    count(*) FILTER (compared.is_explained AND NOT compared.is_current) AS ended,
    count(*) FILTER (NOT compared.is_explained) AS unexplained,
    count(*) FILTER (compared.is_explained AND (compared.email_differs OR compared.sis_id_differs)) AS differing
FROM staging.legacy_lists AS lists
LEFT JOIN compared_ids AS compared USING (district_id, role)
WHERE lists.district_id IN (SELECT unnest(getvariable('district_ids')))
GROUP BY lists.district_id, lists.role, lists.is_served;

UPDATE sync.unexplained_legacy_ids AS known
SET resolved_at = getvariable('observed_at')
FROM staging.legacy_lists AS lists
WHERE
    known.resolved_at IS NULL
    AND lists.district_id = known.district_id
    AND lists.role = known.role
    AND lists.is_served
    AND lists.district_id IN (SELECT unnest(getvariable('district_ids')))
    AND (known.district_id, known.role, known.legacy_id) NOT IN (
        SELECT (district_id, role, legacy_id) FROM compared_ids WHERE NOT is_explained
    );

UPDATE sync.unexplained_legacy_ids AS known
SET last_seen_at = getvariable('observed_at'), resolved_at = NULL
FROM compared_ids AS compared
WHERE
    NOT compared.is_explained
    AND known.district_id = compared.district_id
    AND known.role = compared.role
    AND known.legacy_id = compared.legacy_id;

INSERT INTO sync.unexplained_legacy_ids BY NAME
SELECT district_id, role, legacy_id, getvariable('observed_at') AS first_seen_at, getvariable('observed_at') AS last_seen_at
FROM compared_ids
ANTI JOIN sync.unexplained_legacy_ids USING (district_id, role, legacy_id)
WHERE NOT is_explained;

-- A link that a held snapshot showed becomes one that API v2.1 confirms.
DELETE FROM legacy_id_crosswalk AS links
USING compared_ids AS compared
WHERE
    links.source = 'held'
    AND compared.role = 'student'
    AND NOT compared.is_explained
    AND links.district_id = compared.district_id
    AND links.role = 'student'
    AND links.legacy_id = compared.legacy_id
    AND links.user_id = compared.legacy_id;

-- A student's id did not change with API v3 (Clever docs: API v1 Deprecation), so a student's link is known without API v3.
INSERT INTO legacy_id_crosswalk BY NAME
SELECT
    compared.district_id,
    'student' AS role,
    compared.legacy_id,
    compared.legacy_id AS user_id,
    false AS is_current,
    getvariable('observed_at') AS first_seen_at,
    getvariable('observed_at') AS last_seen_at,
    getvariable('observed_at') AS ended_at,
    CASE
        WHEN (compared.district_id, compared.legacy_id) IN (SELECT (district_id, user_id) FROM users) THEN 'role_removed'
        ELSE 'archived'
    END AS end_reason,
    'v2.1' AS source
FROM compared_ids AS compared
WHERE
    compared.role = 'student'
    AND NOT compared.is_explained
    AND (compared.district_id, compared.legacy_id) NOT IN (SELECT (district_id, legacy_id) FROM legacy_id_crosswalk WHERE source <> 'held');

-- A migration CSV may have told a link without its role or district: API v2.1 tells them.
UPDATE legacy_id_crosswalk AS links
SET role = compared.role, district_id = compared.district_id
FROM compared_ids AS compared
WHERE
    compared.is_explained
    AND (links.role = 'unknown' OR links.district_id = 'unknown')
    AND links.role IN ('unknown', compared.role)
    AND links.district_id IN ('unknown', compared.district_id)
    AND links.legacy_id = compared.legacy_id
    AND links.user_id = compared.user_id;
