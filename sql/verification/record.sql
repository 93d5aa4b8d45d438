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
    count(*) FILTER (compared.is_explained AND (compared.email_differs OR compared.sis_id_differs OR compared.other_role IS NOT NULL)) AS differing
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
WHERE NOT is_explained
ORDER BY legacy_id;

-- What API v2.1 alone can tell of the crosswalk: a student's ID did not change with API v3 (Clever docs: API v1 Deprecation), so a
-- student's link is known without API v3; and a migration CSV may have told a link without its role or district.
CREATE OR REPLACE TEMP TABLE told_by_v21 AS
SELECT legacy_id, legacy_id AS user_id, role, district_id
FROM compared_ids
WHERE
    role = 'student'
    AND NOT is_explained
    AND legacy_id NOT IN (SELECT id FROM living_heirs WHERE source IN ('api', 'event'))
UNION
SELECT compared.legacy_id, compared.user_id, compared.role, compared.district_id
FROM compared_ids AS compared
JOIN legacy_id_crosswalk AS links ON links.legacy_id = compared.legacy_id AND links.user_id = compared.user_id
WHERE
    compared.is_explained
    AND links.source = 'migration_csv'
    AND (links.role = 'unknown' OR links.district_id = 'unknown')
    AND links.role IN ('unknown', compared.role)
    AND links.district_id IN ('unknown', compared.district_id);

CREATE OR REPLACE TEMP TABLE newly_told_by_v21 AS
FROM told_by_v21
ANTI JOIN (
    SELECT told.legacy_id, told.user_id, told.role, told.district_id
    FROM sync.told_links AS told
    JOIN sync.imports AS imports USING (import_id, file)
    WHERE imports.source = 'v2.1'
) AS earlier USING (legacy_id, user_id, role, district_id);

INSERT INTO sync.imports BY NAME
SELECT
    getvariable('verification_id') AS import_id,
    'v2.1' AS file,
    getvariable('observed_at') AS imported_at,
    'v2.1' AS source,
    false AS is_of_one_district,
    count(*) AS links
FROM newly_told_by_v21
HAVING count(*) > 0;

INSERT INTO sync.told_links BY NAME
SELECT getvariable('verification_id') AS import_id, 'v2.1' AS file, *
FROM newly_told_by_v21;
